"""Training one network: rates take effect when they should, and measuring leaves no trace."""

from functools import partial

import pytest
import torch
from torch import nn

from chisel.lr_mode_shift.addition import make_split
from chisel.lr_mode_shift.batches import batch_order
from chisel.lr_mode_shift.models import Embedding
from chisel.lr_mode_shift.records import History
from chisel.lr_mode_shift.schedule import lr_at
from chisel.lr_mode_shift.training import train

DATA = make_split(7, 0.5, 0)
ORDER = batch_order(0, len(DATA[0]), 8, 30)


class Noisy(nn.Module):
    """A network with dropout, in which one part stays in evaluation mode whatever is done with the rest."""

    def __init__(self) -> None:
        super().__init__()
        self.net = Embedding(7, 8, 16, torch.Generator().manual_seed(0))
        self.dropout, self.still = nn.Dropout(0.2), nn.Dropout(0.9).eval()

    def forward(self, a, b):
        return self.still(self.dropout(self.net(a, b)))


def run(multiplier: float, switch: int, steps: int = 30, net: nn.Module | None = None) -> tuple[nn.Module, History]:
    net = net or Embedding(7, 8, 16, torch.Generator().manual_seed(0))
    schedule = partial(lr_at, base=1e-2, multiplier=multiplier, switch_step=switch)
    return net, train(net, DATA, schedule, steps, ORDER)


def same(one: History, other: History, until: int | None = None) -> bool:
    return all(torch.equal(getattr(one, name)[:until], getattr(other, name)[:until]) for name in vars(one))


def test_a_multiplier_of_one_is_no_switch_to_the_bit():
    (net, plain), (other, switched) = run(1.0, 30), run(1.0, 10)
    assert same(plain, switched)
    assert all(torch.equal(p, q) for p, q in zip(net.parameters(), other.parameters(), strict=True))


def test_before_the_switch_nothing_differs_and_after_it_something_does():
    base, raised = run(1.0, 10)[1], run(5.0, 10)[1]
    assert same(base, raised, until=11)
    assert bool((base.train_loss[11:] != raised.train_loss[11:]).all())


def test_the_history_is_that_of_the_model():
    net, history = run(3.0, 5)
    assert history.train_acc.shape == (31,) and history.val_loss.dtype == torch.float64
    with torch.no_grad():
        for rows, acc, loss in [
            (DATA[0], history.train_acc, history.train_loss),
            (DATA[1], history.val_acc, history.val_loss),
        ]:
            logits = net(rows[:, 0], rows[:, 1])
            assert float(acc[-1]) == pytest.approx(float((logits.argmax(-1) == rows[:, 2]).double().mean()))
            assert float(loss[-1]) == pytest.approx(float(nn.functional.cross_entropy(logits, rows[:, 2])), rel=1e-5)
    assert history.train_loss[0] > 1.8 > history.train_loss[-1]


def test_it_is_what_torch_trains():
    net = Embedding(7, 8, 16, torch.Generator().manual_seed(0))
    optimiser = torch.optim.AdamW(net.parameters(), lr=1e-2, betas=(0.9, 0.98), weight_decay=1.0)
    for step in range(30):
        optimiser.param_groups[0]["lr"] = 4e-2 if step >= 12 else 1e-2
        a, b, c = DATA[0][ORDER[step]].unbind(1)
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(a, b), c).backward()
        optimiser.step()
    assert all(torch.equal(p, q) for p, q in zip(net.parameters(), run(4.0, 12)[0].parameters(), strict=True))


def test_measuring_leaves_parameters_modes_and_the_random_state_alone():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        net = Noisy()
        net.train()
        net.still.eval()
        run(1.0, 30, net=net)
        measured = torch.get_rng_state()
        assert net.training and net.net.training and net.dropout.training and not net.still.training
        torch.manual_seed(3)
        alone = Noisy()
        alone.train()
        alone.still.eval()
        optimiser = torch.optim.AdamW(alone.parameters(), lr=1e-2, betas=(0.9, 0.98), weight_decay=1.0)
        for step in range(30):
            a, b, c = DATA[0][ORDER[step]].unbind(1)
            optimiser.zero_grad()
            nn.functional.cross_entropy(alone(a, b), c).backward()
            optimiser.step()
        assert torch.equal(measured, torch.get_rng_state())  # the only draws are those of the steps themselves
    assert all(torch.equal(p, q) for p, q in zip(net.parameters(), alone.parameters(), strict=True))


def test_without_an_order_every_step_sees_all_rows():
    seen = []

    class Spy(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = Embedding(7, 8, 16, torch.Generator().manual_seed(0))

        def forward(self, a, b):
            if self.training:
                seen.append(len(a))
            return self.net(a, b)

    train(Spy(), DATA, lambda step: 1e-3, 3)
    assert seen == [len(DATA[0])] * 3
    assert len(train(Spy(), DATA, lambda step: 1e-3, 0).val_acc) == 1
