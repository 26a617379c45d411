"""The split: all pairs once, right sums, drawn from the seed alone; and which rows each step sees."""

import pytest
import torch

from chisel.lr_mode_shift.addition import make_split
from chisel.lr_mode_shift.batches import batch_order


@pytest.mark.parametrize(("p", "fraction"), [(3, 0.5), (7, 0.3), (31, 0.6), (5, 0.99), (5, 0.01)])
def test_every_pair_stands_in_one_set_with_its_sum(p, fraction):
    train, val = make_split(p, fraction, 4)
    assert len(train) == int(fraction * p * p) and train.dtype == val.dtype == torch.int64
    rows = torch.cat([train, val]).tolist()
    assert sorted(rows) == [[a, b, (a + b) % p] for a in range(p) for b in range(p)]


def test_the_seed_alone_decides():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        before = torch.get_rng_state()
        first = make_split(11, 0.4, 0)
        assert torch.equal(before, torch.get_rng_state())
        torch.manual_seed(2)
        again, other = make_split(11, 0.4, 0), make_split(11, 0.4, 1)
    assert all(torch.equal(x, y) for x, y in zip(first, again, strict=True))
    assert {tuple(row) for row in first[0].tolist()} != {tuple(row) for row in other[0].tolist()}


def test_the_split_is_random():
    train, _ = make_split(31, 0.5, 3)
    both = sum([b, a] in train[:, :2].tolist() for a, b in train[:, :2].tolist() if a != b) / len(train)
    assert 0.35 < both < 0.65  # half of the mirror images, if each pair is drawn on its own
    assert train[:50].tolist() != sorted(train[:50].tolist())


@pytest.mark.parametrize("p", [2, 1, 0, -7, 31.0, "31"])
def test_a_modulus_that_is_no_integer_above_two_is_refused(p):
    with pytest.raises(ValueError, match="integer above 2"):
        make_split(p, 0.5, 0)


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 1.5, float("nan")])
def test_a_fraction_outside_zero_and_one_is_refused(fraction):
    with pytest.raises(ValueError, match="between 0 and 1"):
        make_split(7, fraction, 0)


def test_every_row_comes_once_before_any_comes_again():
    order, other = batch_order(5, 12, 5, 30), batch_order(6, 12, 5, 30)
    assert order is not None and order.shape == (30, 5)
    for epoch in order.flatten().split(12)[:-1]:
        assert sorted(epoch.tolist()) == list(range(12))
    assert batch_order(5, 12, 5, 7).tolist() == order[:7].tolist() != other[:7].tolist()
    assert batch_order(5, 12, 0, 30) is None and batch_order(5, 12, 5, 0).shape == (0, 5)


def test_a_batch_is_no_larger_than_the_training_set():
    with pytest.raises(ValueError, match="0 \\(for all\\) to 12 rows, not 13"):
        batch_order(0, 12, 13, 1)
