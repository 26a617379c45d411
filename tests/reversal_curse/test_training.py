"""The loss by hand, and a stack of networks that trains each as if it were alone."""

import math
from collections.abc import Sequence

import pytest
import torch

from chisel.core.seeding import generator
from chisel.reversal_curse.model import Decoder, Shape
from chisel.reversal_curse.statements import sequences
from chisel.reversal_curse.training import Method, lm_loss, train_stack
from chisel.reversal_curse.world import make_facts

SMALL = Shape(vocabulary=5 + 4 * 4, layers=1, width=16, heads=2)


def all_of(ids: torch.Tensor) -> torch.Tensor:
    return torch.ones_like(ids, dtype=torch.bool)


def test_the_loss_by_hand():
    # After the first logits token 0 has 3/4, after the second token 1 has 1/2; the last say nothing.
    logits = torch.tensor([[[math.log(3), 0.0], [2.0, 2.0], [50.0, -50.0]]])
    ids = torch.tensor([[1, 0, 1]])
    assert lm_loss(logits, ids, all_of(ids)).item() == pytest.approx((math.log(4 / 3) + math.log(2)) / 2, rel=1e-6)
    last = torch.tensor([[True, False, True]])
    assert lm_loss(logits, ids, last).item() == pytest.approx(math.log(2), rel=1e-6)


def test_a_model_that_always_says_the_next_token_has_no_loss():
    ids = torch.tensor([[3, 1, 4, 1, 0], [2, 2, 3, 0, 4]])
    logits = 40 * torch.nn.functional.one_hot(ids.roll(-1, 1), 5).double()
    assert lm_loss(logits, ids, all_of(ids)).item() == pytest.approx(0, abs=1e-12)
    assert lm_loss(logits.roll(1, 1), ids, all_of(ids)).item() > 10


def test_what_does_not_count_changes_nothing():
    random = generator(0)
    logits = torch.randn(3, 6, 7, generator=random, dtype=torch.float64)
    ids = torch.randint(7, (3, 6), generator=random)
    mask = torch.rand(3, 6, generator=random) < 0.5
    loss = lm_loss(logits, ids, mask)
    assert lm_loss(logits, ids.masked_fill(~mask, -100), mask) == loss
    assert lm_loss(logits, ids.masked_fill(~mask, 10**6), mask) == loss
    other = logits.clone()
    other[:, :-1][~mask[:, 1:]] = 7.0
    other[:, -1] = -7.0
    assert lm_loss(other, ids, mask) == loss
    longer, padded = (torch.cat([x, x[:, :2]], dim=1) for x in (logits, ids))
    assert torch.isclose(lm_loss(longer, padded, torch.cat([mask, torch.zeros(3, 2).bool()], dim=1)), loss)


def test_without_a_target_there_is_neither_loss_nor_gradient():
    for length in (1, 3):
        logits = torch.randn(2, length, 4, generator=generator(0), requires_grad=True)
        ids, mask = torch.full((2, length), -100), torch.arange(length).expand(2, -1) < 1
        loss = lm_loss(logits, ids, mask)
        loss.backward()
        assert loss.item() == 0 and logits.grad is not None and not logits.grad.any()


def test_the_gradient_of_the_loss():
    logits = torch.randn(2, 4, 3, generator=generator(1), dtype=torch.float64, requires_grad=True)
    ids = torch.tensor([[0, 2, 1, 1], [2, 2, 0, 1]])
    mask = torch.tensor([[True, True, False, True], [False, False, True, False]])
    assert torch.autograd.gradcheck(lambda x: lm_loss(x, ids, mask), logits)


def test_the_rate_falls_to_nought_along_half_a_cosine():
    method = Method(steps=4, lr=2.0)
    assert [method.rate(step) for step in range(5)] == pytest.approx([2, 1 + math.sqrt(0.5), 1, 1 - math.sqrt(0.5), 0])


def networks(count: int, shape: Shape = SMALL) -> tuple[list[Decoder], torch.Tensor]:
    worlds = [make_facts(4, 0.5, seed) for seed in range(count)]
    ids = torch.stack([sequences((*world.train, *world.exposure)) for world in worlds])
    return [Decoder(shape, generator(seed)) for seed in range(count)], ids


def test_a_member_of_a_stack_is_trained_as_it_would_be_alone():
    nets, ids = networks(3)
    together = train_stack(nets, ids, Method(steps=20))
    for member in range(3):
        [alone] = train_stack(nets[member : member + 1], ids[member : member + 1], Method(steps=20))
        torch.testing.assert_close(alone(ids[member]), together[member](ids[member]), rtol=1e-3, atol=1e-3)


def test_training_learns_and_leaves_the_given_networks_alone():
    nets, ids = networks(2)
    before = [[p.clone() for p in net.parameters()] for net in nets]
    steps: list[int] = []
    trained = train_stack(nets, ids, Method(steps=60), after_step=lambda step, stack: steps.append(step))
    assert steps == list(range(61))
    for net, kept, after, own in zip(nets, before, trained, ids, strict=True):
        assert all(torch.equal(p, old) for p, old in zip(net.parameters(), kept, strict=True))
        assert lm_loss(after(own), own, all_of(own)) < lm_loss(net(own), own, all_of(own)) - 1


def test_the_loss_that_is_given_is_the_one_that_is_used():
    nets, ids = networks(1)
    seen: list[Sequence[int]] = []

    def counted(logits: torch.Tensor, own: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        seen.append(list(logits.shape))
        assert mask.all() and own.shape == mask.shape
        return 0 * logits.sum()

    [after] = train_stack(nets, ids, Method(steps=2), loss=counted)
    assert seen == [[*ids.shape[1:], SMALL.vocabulary]] * 2
    assert all(torch.equal(p, q) for p, q in zip(nets[0].parameters(), after.parameters(), strict=True))


def test_what_cannot_be_trained_is_refused():
    nets, ids = networks(2)
    with pytest.raises(ValueError, match="2 networks need as many sets of sequences"):
        train_stack(nets, ids[:1], Method(steps=1))
    with pytest.raises(ValueError, match="none empty"):
        train_stack(nets, ids[:, :0], Method(steps=1))
