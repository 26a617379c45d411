"""Reading two curves, the part of the logits that adds, and rate against decay."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from chisel.lr_mode_shift.attribution import attribute
from chisel.lr_mode_shift.measurements import shift_metrics, symmetrised_logits
from chisel.lr_mode_shift.records import DEAD, NO_DROP, OUTCOMES, RE_MEMORISED, TANDEM, VAL_COLLAPSE, TwoByTwo
from chisel.lr_mode_shift.stacked import stacked_forward

BEFORE = [0.5, 0.9, 1.0, 1.0]  # training accuracy up to the switch at index 3
CURVES = {
    DEAD: ([1.0, 0.5, 0.1, 0.04, 0.03], [0.1, 0.1, 0.05, 0.04, 0.03]),
    VAL_COLLAPSE: ([1.0, 0.95, 1.0, 1.0, 1.0], [0.2, 0.9, 0.4, 0.1, 0.9]),
    NO_DROP: ([1.0, 0.95, 0.97, 1.0, 1.0], [0.2, 0.5, 0.8, 0.9, 0.99]),
    TANDEM: ([1.0, 0.3, 0.5, 0.7, 0.9], [0.1, 0.2, 0.4, 0.65, 0.85]),
    RE_MEMORISED: ([1.0, 0.3, 0.9, 1.0, 1.0], [0.1, 0.1, 0.2, 0.3, 0.9]),
}


def read(train: list[float], val: list[float]):
    lead = [0.0] * (len(BEFORE) - 1)
    return shift_metrics(torch.tensor(BEFORE[:-1] + train), torch.tensor(lead + val), len(BEFORE) - 1)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_each_outcome(outcome):
    assert read(*CURVES[outcome]).outcome == outcome


def test_by_hand():
    found = read([1.0, 0.4, 0.2, 0.6], [0.3, 0.3, 0.1, 0.3])
    assert found.drop == pytest.approx(0.8) and found.gap == pytest.approx(0.2) and found.r == pytest.approx(1.0)
    assert found.outcome == RE_MEMORISED


def test_the_drop_counts_from_the_switch_and_the_first_minimum():
    late = shift_metrics(torch.tensor([0.0, 1.0, 0.9, 0.5, 0.8, 0.5]), torch.tensor([0.0, 0.9, 0.1, 0.3, 0.6, 0.4]), 2)
    assert late.drop == pytest.approx(0.4) and late.gap == pytest.approx((0.2 + 0.2 + 0.1) / 3)
    rising = shift_metrics(torch.tensor([0.2, 0.5, 0.6]), torch.tensor([0.1, 0.2, 0.2]), 1)
    assert rising.drop == 0 and rising.outcome == NO_DROP


def test_without_variation_there_is_no_correlation():
    constant = read([1.0, 1.0, 1.0], [0.1, 0.5, 0.9])
    assert math.isnan(constant.r) and constant.outcome == NO_DROP and constant.gap == pytest.approx(0.5)
    flat = read([1.0, 0.5, 0.6], [0.5, 0.5, 0.5])
    assert math.isnan(flat.r) and flat.outcome == RE_MEMORISED
    assert math.isnan(read([1.0], [0.3]).r)


def test_a_dead_run_is_no_tandem_however_alike_its_curves():
    found = read([1.0, 0.02, 0.03, 0.04], [0.5, 0.02, 0.03, 0.04])
    assert found.gap == pytest.approx(0) and found.r == pytest.approx(1) and found.outcome == DEAD


def test_validation_may_collapse_before_it_rises_again_but_not_before_the_switch():
    assert read([1.0, 1.0, 1.0], [0.9, 0.3, 0.9]).outcome == VAL_COLLAPSE
    assert shift_metrics(torch.ones(4), torch.tensor([0.9, 0.2, 0.3, 0.9]), 1).outcome == NO_DROP


@given(st.integers(3, 6), st.integers(0, 1000))
def test_symmetrising_is_an_orthogonal_projection(p, seed):
    logits = torch.randn(p, p, p, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    part = symmetrised_logits(logits)
    torch.testing.assert_close(symmetrised_logits(part), part)
    assert float((part * (logits - part)).sum()) == pytest.approx(0, abs=1e-9)
    assert 0 <= float(part.square().sum() / logits.square().sum()) <= 1
    for a in range(p):
        for b in range(p):
            for c in range(p):
                assert float(part[a, b, c]) == pytest.approx(float(part[0, 0, -(a + b - c) % p]))


def test_what_depends_on_the_sum_alone_is_kept():
    p, values = 5, torch.arange(5.0)
    numbers = torch.arange(p)
    logits = values[(numbers[:, None, None] + numbers[:, None] - numbers) % p]
    torch.testing.assert_close(symmetrised_logits(logits), logits)
    assert symmetrised_logits(logits).dtype == torch.float32
    by_answer = torch.arange(5.0).expand(p, p, p)  # says the same whatever is added
    torch.testing.assert_close(symmetrised_logits(by_answer), torch.full((p, p, p), 2.0))


def test_stacked_networks_do_not_touch():
    random = torch.Generator().manual_seed(0)
    shapes = {"left": (3, 5, 4), "right": (3, 5, 4), "out": (3, 4, 5)}
    params = {name: torch.randn(shape, generator=random).requires_grad_() for name, shape in shapes.items()}
    a, b = torch.randint(5, (2, 3, 7), generator=random)
    logits = stacked_forward(params, a, b)
    for m in range(3):
        for n in range(7):
            hidden = (params["left"][m, a[m, n]] + params["right"][m, b[m, n]]) ** 2
            torch.testing.assert_close(logits[m, n], hidden @ params["out"][m])
    grads = torch.autograd.grad(logits[1].square().sum(), list(params.values()))
    assert all(not grad[[0, 2]].any() and grad[1].any() for grad in grads)


INF = float("inf")


def test_the_table_by_hand():
    steps = torch.tensor([[[INF, INF], [512.0, 256.0]], [[128.0, 128.0], [32.0, 64.0]]])
    found = attribute(TwoByTwo(steps, 1024))
    torch.testing.assert_close(found.table, torch.tensor([[0.0, 1.5], [3.0, 4.5]], dtype=torch.float64))
    assert found.censored.tolist() == [[2, 0], [0, 0]]
    assert found.rate.value == pytest.approx(3) and found.decay.value == pytest.approx(1.5)
    assert found.interaction.value == pytest.approx(0) and found.rate.n == 2
    # Seed by seed the rate gains 3.5 and 2.5, and both seeds are drawn alike in a good share of the samples.
    assert (found.rate.low, found.rate.high) == pytest.approx((2.5, 3.5))


def test_what_never_generalises_is_counted_and_not_left_out():
    steps = torch.full((2, 2, 8), INF)
    steps[1, 0, 0] = 1.0  # one lucky run of eight
    found = attribute(TwoByTwo(steps, 1024))
    assert found.table[1, 0] == pytest.approx(10 / 8) and found.censored.tolist() == [[8, 8], [7, 8]]
    assert found.rate.low == 0 and found.rate.value == pytest.approx(10 / 16)
    assert found.interaction.value == pytest.approx(-10 / 8) and found.decay.value == pytest.approx(-10 / 16)


def test_intervals_draw_whole_seeds_and_repeat():
    random = torch.Generator().manual_seed(0)
    level = 100 * torch.rand(1, 1, 12, generator=random) + 50  # seeds differ much, and alike in all four
    factor = torch.tensor([[1.0, 0.5], [0.25, 0.125]]).unsqueeze(-1)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        before = torch.get_rng_state()
        found = attribute(TwoByTwo(level * factor, 400))
        assert torch.equal(before, torch.get_rng_state())
    assert found.rate.low == pytest.approx(2) == found.rate.high and found.decay.high == pytest.approx(1)
    noisy = TwoByTwo(level * factor * (1 + torch.rand(2, 2, 12, generator=random)), 400)
    first, again = attribute(noisy), attribute(noisy)
    assert first.rate == again.rate and first.rate.low < first.rate.value < first.rate.high
