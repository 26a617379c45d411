"""Stacked training: each run is as if it were alone, branches, breaks alone, and repeats to the bit."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from chisel.lr_mode_shift.batches import batch_order
from chisel.lr_mode_shift.runs import BETAS, forward_of, new_model, split_of, train_stack
from chisel.lr_mode_shift.settings import DECAYS, Setting, look_steps

SMALL = {
    "quadratic": Setting("quadratic", p=7, hidden=12, batch=10, switch_step=8, weight_decay=0.3),
    "embedding": Setting("embedding", p=7, width=8, hidden=12, batch=10, switch_step=8),
    "transformer": Setting("transformer", p=7, width=8, hidden=12, heads=2, batch=10, switch_step=8),
}
STEPS = 20
for_each_architecture = pytest.mark.parametrize("one", SMALL.values(), ids=SMALL)


def by_hand(setting: Setting, steps: int) -> tuple[nn.Module, list[float]]:
    """Train the module of a setting with torch's own AdamW; return it and training accuracy before each step."""
    net, (train, _) = new_model(setting), split_of(setting)
    order = batch_order(setting.seed, len(train), setting.batch, steps)
    optimiser = torch.optim.AdamW(net.parameters(), lr=setting.lr, betas=BETAS)
    accuracies = []
    for step in range(steps):
        with torch.no_grad():
            accuracies.append(float((net(train[:, 0], train[:, 1]).argmax(-1) == train[:, 2]).double().mean()))
        raised = setting.multiplier if step >= setting.switch_step else 1.0
        rate = raised if setting.decay != "decay_only" else 1.0
        decay_rate = raised if setting.decay != "constant" else 1.0
        warm = min(1.0, (step + 1) / setting.warmup)
        for group in optimiser.param_groups:
            group["lr"] = setting.lr * rate * warm
            group["weight_decay"] = setting.weight_decay * decay_rate / rate
        a, b, c = (train if order is None else train[order[step]]).unbind(1)
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(a, b), c).backward()
        optimiser.step()
    return net, accuracies


@for_each_architecture
@pytest.mark.parametrize("batch", [0, 10])
def test_a_member_is_what_torch_trains_alone(one, batch):
    members = [
        replace(one, seed=seed, multiplier=multiplier, decay=decay, batch=batch)
        for seed, multiplier, decay in [
            (3, 1.0, "coupled"),
            *((4, 5.0, decay) for decay in DECAYS),
            (4, 2.0, "coupled"),
        ]
    ]
    runs = train_stack(members, STEPS)
    for index, member in enumerate(members):
        net, accuracies = by_hand(member, STEPS)
        for name, value in net.named_parameters():
            torch.testing.assert_close(runs.params[name][index], value.detach(), atol=2e-5, rtol=1e-4)
        assert runs.curves["train_acc"][index, :-1].tolist() == pytest.approx(accuracies, abs=0.04)


@for_each_architecture
def test_a_stack_answers_as_its_modules_do(one):
    settings = [replace(one, seed=seed) for seed in range(3)]
    nets = [new_model(setting) for setting in settings]
    params = {name: torch.stack([dict(net.named_parameters())[name] for net in nets]) for name in nets[0].state_dict()}
    a, b = torch.randint(7, (2, 3, 11), generator=torch.Generator().manual_seed(0))
    logits = forward_of(one)(params, a, b)
    assert logits.shape == (3, 11, 7)
    for index, net in enumerate(nets):
        torch.testing.assert_close(logits[index], net(a[index], b[index]), atol=1e-5, rtol=1e-4)


@for_each_architecture
def test_branching_changes_nothing(one):
    members = [
        replace(one, seed=seed, multiplier=multiplier, decay=decay, switch_step=switch)
        for seed in (0, 1)
        for multiplier, decay, switch in [
            (1.0, "coupled", 8),
            (5.0, "coupled", 8),
            (5.0, "constant", 8),
            (5.0, "coupled", 3),
        ]
    ]
    together = train_stack(members, STEPS)
    for index, member in enumerate(members):
        alone = train_stack([member], STEPS)
        for name, curve in alone.curves.items():
            torch.testing.assert_close(together.curves[name][index], curve[0], atol=1e-5, rtol=1e-4)
        for name, value in alone.params.items():
            torch.testing.assert_close(together.params[name][index], value[0], atol=2e-5, rtol=1e-4)


def test_looks_are_dense_after_the_switch():
    assert look_steps(40, 10, ((3, 1), (9, 3), (30, 10)), before=5) == [0, 5, 10, 11, 12, 13, 16, 19, 29, 39, 40]
