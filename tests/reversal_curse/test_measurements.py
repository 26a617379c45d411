"""Scores and their statistic: values by hand, what must not matter, and how often chance is taken for knowledge."""

import math

import pytest
import torch

from chisel.core.seeding import generator
from chisel.reversal_curse.measurements import (
    completion_logprob,
    difference_in_differences,
    forced_choice,
    reversal_statistic,
    score_matrix,
    top_1,
)
from chisel.reversal_curse.model import Decoder, Shape
from chisel.reversal_curse.statements import FORWARD, Fact


def drawn(count: int, seed: int = 0) -> torch.Tensor:
    """Null scores [N, N] with priors: some names are likely after any prompt, some prompts make all names likely."""
    random = generator(seed, "scores", count)
    parts = [torch.randn(*shape, generator=random).double() for shape in ((count, count), (count, 1), (1, count))]
    return parts[0] + 2 * parts[1] + 3 * parts[2] - 10


def planted(count: int, lead: float, seed: int = 0) -> torch.Tensor:
    return drawn(count, seed) + lead * torch.eye(count, dtype=torch.float64)


def test_statistic_by_hand():
    # Columns have the means -2.5 and -2.5, so C is [[1.5, -.5], [-1.5, .5]] and d is [2, 2].
    difference, interval, p = reversal_statistic(torch.tensor([[-1.0, -3.0], [-4.0, -2.0]]))
    assert difference == 2.0 and interval == (2.0, 2.0)
    assert p == pytest.approx(0.5, abs=0.06)  # of the two matchings one does as well; five standard deviations


def test_difference_is_the_mean_lead_and_its_interval_is_student_s_from_the_centred_rows():
    scores = torch.tensor([[0.0, -1.0, -5.0], [-2.0, -1.0, -3.0], [-4.0, -7.0, 0.0]])
    # Leads before the centring: 0 + 3, -1 + 2.5 and 0 + 5.5; column means -2, -3 and -8 / 3.
    difference, (low, high), _ = reversal_statistic(scores)
    assert difference == pytest.approx(10 / 3)
    d = [3 + 2 - (3 + 8 / 3) / 2, 1.5 + 3 - (2 + 8 / 3) / 2, 5.5 + 8 / 3 - (2 + 3) / 2]
    mean = sum(d) / 3
    assert mean == pytest.approx(10 / 3)
    half = 4.302653 * math.sqrt(sum((x - mean) ** 2 for x in d) / 2 / 3)
    assert (low, high) == pytest.approx((mean - half, mean + half))


def test_priors_of_names_and_prompts_do_not_matter():
    scores = planted(12, 1.0)
    random = generator(1, "shifts")
    shifted = scores + 5 * torch.randn(12, 1, generator=random) + 5 * torch.randn(1, 12, generator=random)
    first, second = reversal_statistic(scores), reversal_statistic(shifted)
    assert second[0] == pytest.approx(first[0]) and second[1] == pytest.approx(first[1])
    assert second[2] == first[2]


def test_nothing_but_priors_is_nothing():
    priors = drawn(9) - drawn(9) + torch.arange(9.0)[:, None] + 0.1 * torch.arange(9.0)[None] ** 2
    difference, interval, p = reversal_statistic(priors)
    assert difference == pytest.approx(0, abs=1e-9) and interval == pytest.approx((0, 0), abs=1e-9)
    assert p == 1.0


def test_a_planted_lead_is_found_and_p_is_not_zero():
    difference, (low, high), p = reversal_statistic(planted(40, 3.0))
    assert low < 3.0 < high and difference == pytest.approx(3.0, abs=0.8)
    assert p == pytest.approx(1 / 2001)
    assert reversal_statistic(planted(40, -3.0))[2] == 1.0


def test_five_percent_of_null_matrices_are_called_knowledge_and_the_interval_covers_the_truth():
    # The counts are binomial with 400 draws at .05, standard deviation 4.4. Bounds at 3.5 of them: a right p value, or
    # an exact interval, would fall outside for one choice of seeds in about a thousand.
    results = [reversal_statistic(drawn(15, seed)) for seed in range(400)]
    false_alarms = sum(p <= 0.05 for _, _, p in results)
    uncovered = sum(not low <= 0 <= high for _, (low, high), _ in results)
    assert 5 <= false_alarms <= 35
    assert 5 <= uncovered <= 35


def test_centring_narrows_the_interval_by_what_priors_add():
    scores = drawn(30)
    others = (scores.sum(1) - scores.diagonal()) / 29
    uncentred = (scores.diagonal() - others).std() / math.sqrt(30)
    _, (low, high), _ = reversal_statistic(scores)
    assert high - low < 0.6 * 2 * 2.045 * float(uncentred)


def test_statistic_is_repeatable_and_leaves_the_global_stream_alone():
    state = torch.get_rng_state()
    assert reversal_statistic(planted(8, 0.3)) == reversal_statistic(planted(8, 0.3))
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("shape", [(2, 3), (1, 1), (0, 0), (4,)])
def test_statistic_refuses_what_is_no_square(shape):
    with pytest.raises(ValueError, match="square with at least 2"):
        reversal_statistic(torch.zeros(shape))


def test_difference_in_differences_by_hand():
    before = torch.tensor([[-5.0, -5.0], [-7.0, -6.0]])
    after = torch.tensor([[-1.0, -2.0], [-3.0, -2.0]])
    assert difference_in_differences(before, after) == pytest.approx(0.5)
    assert difference_in_differences(after, before) == pytest.approx(-0.5)
    assert difference_in_differences(before, before + 13) == pytest.approx(0.0)


def test_difference_in_differences_is_that_of_the_statistics():
    before, after = drawn(9, 1), planted(9, 0.7, 2)
    want = reversal_statistic(after)[0] - reversal_statistic(before)[0]
    assert difference_in_differences(before, after) == pytest.approx(want)


@pytest.mark.parametrize(("first", "second"), [((3, 3), (2, 2)), ((2, 3), (2, 3)), ((1, 1), (1, 1))])
def test_difference_in_differences_refuses_other_shapes(first, second):
    with pytest.raises(ValueError, match=r"one shape|square"):
        difference_in_differences(torch.zeros(first), torch.zeros(second))


STATEMENTS = [Fact((5,), FORWARD, (8,)), Fact((6,), FORWARD, (9,)), Fact((7,), FORWARD, (10,))]


def decoder() -> Decoder:
    return Decoder(Shape(vocabulary=11, width=8, heads=2, layers=1, spread=0.5), generator(2, "net"))


def test_score_matrix_has_prompts_as_rows_and_names_as_columns():
    net = decoder()
    scores = score_matrix(net, STATEMENTS)
    asked = torch.tensor([[6, FORWARD]])
    assert scores.shape == (3, 3)
    assert scores[1, 2] == pytest.approx(float(completion_logprob(net, asked, torch.tensor([[10]]))))
    assert scores[1].tolist() == pytest.approx(net(asked)[0, -1].log_softmax(-1)[[8, 9, 10]].tolist())


def test_score_matrix_refuses_equal_names_and_nothing():
    with pytest.raises(ValueError, match="same object"):
        score_matrix(decoder(), [STATEMENTS[0], Fact((6,), FORWARD, (8,))])
    with pytest.raises(ValueError, match="no statements"):
        score_matrix(decoder(), [])


def test_forced_choice_is_among_the_names():
    assert forced_choice(torch.tensor([[-1.0, -2.0], [-3.0, -4.0]])).tolist() == [True, False]


def test_top_1_is_among_all_tokens():
    class Says(torch.nn.Module):
        """After any prompt the likeliest token is 9."""

        def __init__(self) -> None:
            super().__init__()
            self.at = torch.nn.Parameter(torch.zeros(()))

        def forward(self, ids: torch.Tensor) -> torch.Tensor:
            return torch.nn.functional.one_hot(torch.full_like(ids, 9), 11).float() + self.at

    assert top_1(Says(), STATEMENTS).tolist() == [False, True, False]
