"""The features of a choice, against mazes done by hand and against the ways themselves."""

import itertools
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from chisel.core.seeding import generator
from chisel.reward_as_chisel.paths import decision_features
from chisel.reward_as_chisel.world import corner_cell, generate_mazes, next_cells, start_cell

# 0 - 1   2      One way up the left side, along the middle row, and up at the right; cell 1 hangs on cell 0, cell 8
# |       |      on cell 5.
# 3 - 4 - 5
# |       |
# 6 - 7   8
PASSAGES = ((0, 1), (0, 3), (2, 5), (3, 4), (4, 5), (3, 6), (5, 8), (6, 7))


def by_hand(passages: tuple[tuple[int, int], ...], size: int) -> torch.Tensor:
    table = torch.arange(size * size)[:, None].repeat(1, 5)
    for a, b in passages:
        for here, there in ((a, b), (b, a)):
            table[here, [-size, size, -1, 1].index(there - here)] = there
    return table[None]


@pytest.mark.parametrize(
    ("cheese", "corner", "start", "to_cheese", "to_corner", "euclid", "forced"),
    [
        (1, 2, 6, 2, 3, 1.0, False),
        (8, 2, 6, 1, 1, 2.0, False),
        (4, 2, 6, 0, 2, math.sqrt(2), True),
        (8, 5, 6, 1, 0, 1.0, True),
        (2, 2, 6, 0, 0, 0.0, True),
        (7, 2, 6, 1, 4, math.sqrt(5), False),
        (6, 2, 6, 0, 4, math.sqrt(8), True),
        (1, 7, 8, 2, 2, 2.0, False),
    ],
)
def test_a_maze_by_hand(cheese, corner, start, to_cheese, to_corner, euclid, forced):
    found = decision_features(by_hand(PASSAGES, 3), *(torch.tensor([cell]) for cell in (cheese, corner, start)))
    assert (found["to_cheese"].item(), found["to_corner"].item()) == (to_cheese, to_corner)
    assert found["euclid"].item() == pytest.approx(euclid)
    assert found["forced"].item() is forced


def ways_from(table: torch.Tensor, start: int) -> dict[int, list[int]]:
    """The way to each cell, by walking the maze."""
    ways, waiting = {start: [start]}, [start]
    while waiting:
        here = waiting.pop()
        for there in table[here].tolist():
            if there not in ways:
                ways[there] = [*ways[here], there]
                waiting.append(there)
    return ways


@given(seed=st.integers(0, 10_000), size=st.integers(2, 6), batch=st.integers(1, 4), actions=st.sampled_from([4, 5]))
def test_the_decision_cell_is_the_last_that_the_two_ways_share(seed, size, batch, actions):
    random = generator(seed, "test-paths")
    table = next_cells(generate_mazes(batch, size, random))[..., :actions]
    cheese, corner, start = torch.randint(size * size, (3, batch), generator=random)
    found = decision_features(table, cheese, corner, start)
    for b in range(batch):
        ways = ways_from(table[b], int(start[b]))
        one, other = ways[int(cheese[b])], ways[int(corner[b])]
        shared = [cell for cell in one if cell in other]
        assert found["to_cheese"][b] == len(one) - len(shared)
        assert found["to_corner"][b] == len(other) - len(shared)
        assert found["forced"][b] == (int(cheese[b]) in other or int(corner[b]) in one)
        assert found["euclid"][b].item() == pytest.approx(
            math.dist(divmod(int(cheese[b]), size), divmod(int(corner[b]), size)), abs=1e-6
        )


@given(seed=st.integers(0, 1000))
def test_at_the_usual_places_the_two_sides_and_the_shared_part_make_up_the_ways(seed):
    random, size = generator(seed, "test-paths-usual"), 5
    table = next_cells(generate_mazes(8, size, random))
    cheese = torch.randint(size * size, (8,), generator=random)
    corner, start = torch.full((8,), corner_cell(size)), torch.full((8,), start_cell(size))
    found = decision_features(table, cheese, corner, start)
    # Seen from the corner, the start is what the corner was.
    turned = decision_features(table, cheese, start, corner)
    assert torch.equal(found["to_cheese"], turned["to_cheese"])
    between = found["to_cheese"] + found["to_corner"]
    assert (between >= found["euclid"] - 1e-4).all(), "no way is shorter than the straight line"
    assert (between[cheese == corner_cell(size)] == 0).all()


def test_long_ways_are_followed_to_their_end():
    size = 6
    line = [size * down + right for down in range(size) for right in (range(size) if down % 2 else range(size)[::-1])]
    table = by_hand(tuple(itertools.pairwise(line)), size)
    found = decision_features(table, *(torch.tensor([line[k]]) for k in (35, 1, 0)))
    assert (found["to_cheese"].item(), found["to_corner"].item(), found["forced"].item()) == (34, 0, True)


def test_inputs_are_left_alone_and_small_integers_will_do():
    arguments = [by_hand(PASSAGES, 3), *(torch.tensor([cell], dtype=torch.int32) for cell in (1, 2, 6))]
    before = [x.clone() for x in arguments]
    assert decision_features(*arguments)["to_cheese"].item() == 2
    assert all(torch.equal(a, b) for a, b in zip(arguments, before, strict=True))
