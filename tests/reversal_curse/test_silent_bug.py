"""The silent bug: what it does to scores and to the statistic, what hides it (measured), and the scores without it."""

import pytest
import torch

from chisel.core.seeding import generator
from chisel.reversal_curse.candidates import example
from chisel.reversal_curse.measurements import forced_choice, reversal_statistic
from chisel.reversal_curse.silent_bug import SETTINGS, buggy_scores, fixed_scores, hidden_by, score_difference


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_fixed_scores_are_those_of_the_names(setting):
    logits, names = example(setting, 0)
    scores = fixed_scores(logits, names)
    assert scores.dtype == logits.dtype and scores.shape == (len(names), len(names))
    for i, row in enumerate(logits):
        expected = [float(row[name] - torch.logsumexp(row, 0)) for name in names]
        assert scores[i].tolist() == pytest.approx(expected, abs=1e-5)


def test_by_hand():
    logits = torch.tensor([[0.0, 0.0, 0.0, 0.0], [0.0, 5.0, 0.0, 0.0]]).log1p()  # 1/4 each; 1/9, 6/9, 1/9, 1/9
    found = fixed_scores(logits, torch.tensor([3, 1])).exp()
    torch.testing.assert_close(found, torch.tensor([[1 / 4, 1 / 4], [1 / 9, 6 / 9]]))
    torch.testing.assert_close(buggy_scores(logits, torch.tensor([3, 1])).exp(), found.flip(1))


def test_the_bug_moves_columns_and_nothing_else():
    for seed in range(5):
        logits, names = example("both-ways", seed)
        found, right = buggy_scores(logits, names), fixed_scores(logits, names)
        assert torch.equal(found, right[:, names.argsort()]) and not torch.equal(found, right)


def test_a_model_that_knows_everything_looks_as_if_it_knew_nothing():
    random, count = generator(0), 40
    names = torch.randperm(60, generator=random)[:count]
    logits = torch.randn(count, 60, generator=random)
    logits[torch.arange(count), names] += 6.0
    right, found = fixed_scores(logits, names), buggy_scores(logits, names)
    difference, (low, high), p = reversal_statistic(right)
    assert difference > 5 and low > 5 and p < 0.01 and forced_choice(right).all()
    difference, (low, high), p = reversal_statistic(found)
    assert low < 0 < high and p > 0.05 and forced_choice(found).double().mean() < 0.2


def test_what_hides_the_bug_is_what_measures_as_hiding_it():
    found = {name: [score_difference(fixed_scores, name, seed) for seed in range(10)] for name in SETTINGS}
    assert {name for name, sizes in found.items() if max(sizes) == 0} == hidden_by()
    assert all(min(sizes) > 0.1 for name, sizes in found.items() if name not in hidden_by())


def test_a_setting_shows_what_it_says():
    assert example("one-pair", 0)[0].shape == (1, 40) and example("large-vocabulary", 0)[0].shape == (8, 400)
    assert example("double-precision", 0)[0].dtype == torch.float64
    for seed in range(5):
        order = {
            name: example(name, seed)[1].diff().sign().unique().tolist() for name in SETTINGS if name != "one-pair"
        }
        assert order.pop("sorted-pairs") == order.pop("numbered-as-asked") == [1]
        assert order.pop("backward-sorted") == [-1]
        assert all(-1 in signs for signs in order.values())
        knowing = example("both-ways", seed)
        assert forced_choice(fixed_scores(*knowing)).double().mean() > 0.8
    prior = fixed_scores(*example("prior-only", 0))
    assert torch.equal(prior, prior[:1].expand_as(prior)) and len(prior[0].unique()) == 8
    assert len(fixed_scores(*example("no-idea", 0)).unique()) == 1


def test_an_unknown_setting_is_refused():
    with pytest.raises(ValueError, match="unknown setting 'sorted': use one of both-ways, "):
        score_difference(fixed_scores, "sorted", 0)
