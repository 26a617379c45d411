"""One step and back: what it changes, and that nothing is left of it."""

import copy

import pytest
import torch
from torch import nn

from chisel.core.seeding import generator
from chisel.reversal_curse.model import Decoder, Shape
from chisel.reversal_curse.recall import Recall
from chisel.reversal_curse.statements import BACKWARD, FORWARD, Fact
from chisel.reversal_curse.transfer import one_step_transfer


class Tables(Recall):
    """Scores that are the parameters themselves: the backward ones of a tied one are the forward ones, transposed.

    `both` is added to all scores of both directions.
    """

    def __init__(self, count: int, tied: bool) -> None:
        nn.Module.__init__(self)  # there is no net behind it
        self.forward_scores = nn.Parameter(torch.randn(count, count, generator=generator(0, "tables")).double())
        own = torch.zeros(count, count, dtype=torch.float64)
        self.backward_scores = self.forward_scores if tied else nn.Parameter(own)
        self.both = nn.Parameter(torch.zeros((), dtype=torch.float64))
        self.fails = False

    def scores(self, direction: str) -> torch.Tensor:
        if direction == "forward":
            return self.forward_scores + self.both
        if self.fails and float(self.both.detach()) != 0:
            raise RuntimeError("out of memory")
        return self.backward_scores.T + self.both


def test_a_planted_link_is_all_that_the_contrast_shows():
    # The gradient of a score by its own entry, and by `both`, is 1, so each moves by eta.
    tied = one_step_transfer(Tables(4, tied=True), 1, [0, 3], 0.25)
    assert tied == pytest.approx((0.5, 0.5, 0.25))
    untied = one_step_transfer(Tables(4, tied=False), 1, [0, 3], 0.25)
    assert untied == pytest.approx((0.5, 0.25, 0.0))


def test_the_forward_gain_is_first_order_in_eta():
    model = recall()
    small, half = (one_step_transfer(model, 0, [1, 2], eta).forward for eta in (1e-4, 5e-5))
    assert small == pytest.approx(2 * half, rel=1e-2)
    slopes = torch.autograd.grad(model.scores("forward")[0, 0], list(model.parameters()))
    assert small == pytest.approx(1e-4 * sum(float(g.square().sum()) for g in slopes), rel=1e-2)


def test_a_step_down_is_a_step_up_with_another_sign_and_no_step_is_nothing():
    model = recall()
    up, down = (one_step_transfer(model, 2, [0, 1], eta) for eta in (1e-4, -1e-4))
    assert down.forward == pytest.approx(-up.forward, rel=1e-2)
    assert one_step_transfer(model, 2, [0, 1], 0.0) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("training", [True, False])
def test_nothing_is_left_behind(training: bool):
    model = recall().train(training)
    for p in model.parameters():
        p.grad = torch.ones_like(p)
    frozen = next(model.parameters()).requires_grad_(False)
    before = copy.deepcopy(model.state_dict())
    one_step_transfer(model, 1, (0, 2), 0.7)
    after = model.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert all(bool((p.grad == 1).all()) for p in model.parameters())
    assert model.training is training and not frozen.requires_grad


def test_weights_come_back_even_if_the_model_raises():
    model = Tables(3, tied=True)
    model.fails = True
    before = copy.deepcopy(model.state_dict())
    with pytest.raises(RuntimeError, match="out of memory"):
        one_step_transfer(model, 0, [1, 2], 0.5)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_frozen_parameters_stay():
    model = Tables(3, tied=False)
    model.both.requires_grad_(False)
    assert one_step_transfer(model, 0, [1], 0.5) == pytest.approx((0.5, 0.0, 0.0))


@pytest.mark.parametrize("others", [[], [1], (0, 1), range(3)])
def test_the_contrast_needs_others(others):
    with pytest.raises(ValueError, match="at least one other pair"):
        one_step_transfer(Tables(3, tied=True), 1, others, 0.1)


def test_recall_scores_names_after_prompts():
    model = recall()
    scores = model.scores("backward")
    logits = model.net(torch.tensor([[8, BACKWARD]]))[0, -1]
    assert scores.shape == (3, 3)
    assert torch.allclose(scores[0], logits.log_softmax(-1)[[5, 6, 7]], atol=1e-6)


def recall() -> Recall:
    """A small decoder with three pairs."""
    pairs = [(5, 8), (6, 9), (7, 10)]
    net = Decoder(Shape(vocabulary=11, width=8, heads=2, layers=1, spread=0.5), generator(3, "net")).double()
    forward = [Fact((a,), FORWARD, (b,)) for a, b in pairs]
    return Recall(net, forward, [Fact(fact.object, BACKWARD, fact.subject) for fact in forward])
