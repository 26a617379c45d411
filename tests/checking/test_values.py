"""Arguments of every kind: kept apart from the caller's, compared, and written down."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor, nn

from chisel.checking.values import copied, describe_value, detached, snapshot


@dataclass(frozen=True)
class Record:
    numbers: Tensor
    name: str = "a"


class Pair(NamedTuple):
    first: Tensor
    second: int


def test_a_copy_of_a_generator_goes_on_from_the_same_place():
    random = torch.Generator().manual_seed(5)
    torch.rand(3, generator=random)
    kept = copied((random, [random], Record(torch.zeros(2))))
    drawn = torch.rand(4, generator=random)
    assert torch.equal(torch.rand(4, generator=kept[0]), drawn)
    assert kept[1][0] is kept[0] and kept[0] is not random


def test_a_change_inside_any_kind_of_argument_is_seen():
    numbers = torch.zeros(2)
    for value in (
        Record(numbers),
        [numbers],
        (1, numbers),
        {"x": numbers},
        Pair(numbers, 1),
        nn.ParameterList([numbers]),
    ):
        before = snapshot(value)
        assert snapshot(value) == before == snapshot(copied(value))
        with torch.no_grad():
            next(iter(value.parameters())).add_(1) if isinstance(value, nn.Module) else numbers.add_(1)
        assert snapshot(value) != before
    assert snapshot(Record(numbers)) != snapshot(replace(Record(numbers), name="b"))


def test_a_generator_may_be_used():
    random = torch.Generator().manual_seed(5)
    before = snapshot((random, 1))
    torch.rand(3, generator=random)
    assert snapshot((random, 1)) == before


def test_records_are_written_field_by_field():
    assert describe_value(Record(torch.tensor([1, 2]))) == "numbers: [1, 2]\nname: a"
    assert describe_value(torch.Generator()) == "a torch.Generator"


def test_gradients_are_taken_off_inside_lists_and_tuples():
    x = torch.ones(2, requires_grad=True) * 2
    assert not detached([x])[0].requires_grad
    pair = detached(Pair(x, 3))
    assert isinstance(pair, Pair) and not pair.first.requires_grad and pair.second == 3
