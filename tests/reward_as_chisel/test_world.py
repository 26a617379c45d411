"""Mazes: perfect, drawn from their generator alone, and refused where there can be none."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from chisel.core.seeding import generator
from chisel.reward_as_chisel.world import (
    STAY,
    Mazes,
    WorldError,
    corner_cell,
    draw_mazes,
    generate_mazes,
    maze_size,
    next_cells,
    region_cells,
    start_cell,
)

BACK = [1, 0, 3, 2]  # the opposite of up, down, left, right


def some_mazes(batch: int = 20, size: int = 4, seed: int = 0) -> Mazes:
    return draw_mazes(batch, size, torch.arange(size * size), generator(seed, "mazes"))


@given(size=st.integers(2, 9), batch=st.integers(1, 12), seed=st.integers(0, 1000))
def test_mazes_are_perfect(size, batch, seed):
    opened = generate_mazes(batch, size, generator(seed, "mazes"))
    cells = size * size
    assert opened.shape == (batch, cells, 4) and opened.dtype == torch.bool
    assert opened.sum((1, 2)).tolist() == [2 * (cells - 1)] * batch  # each passage has two sides
    table = next_cells(opened)
    for action in range(4):
        there = table[..., action]
        moved = there != torch.arange(cells)
        assert torch.equal(moved, opened[..., action]), "open means that one gets somewhere"
        back = table[..., BACK[action]].gather(1, there)
        assert (back == torch.arange(cells))[moved].all(), "and from there back"
    reached = torch.zeros(batch, cells, dtype=torch.bool)
    reached[:, 0] = True
    for _ in range(cells):
        for action in range(4):
            reached |= reached.gather(1, table[..., action])
    assert reached.all()  # connected with S - 1 passages: a tree


def test_moves_go_where_they_say():
    opened = torch.zeros(1, 9, 4, dtype=torch.bool)
    opened[0, 4] = True  # the middle of 3 x 3
    table = next_cells(opened)
    assert table[0, 4].tolist() == [1, 7, 3, 5, 4]
    assert table[0, 0].tolist() == [0] * 5, "into a wall one stays"
    assert table[..., STAY].tolist() == [list(range(9))]


def test_the_same_seed_gives_the_same_mazes_and_the_batch_differs():
    one, two, other = (generate_mazes(50, 5, generator(seed, "mazes")) for seed in (1, 1, 2))
    assert torch.equal(one, two) and not torch.equal(one, other)
    assert len({tuple(maze.flatten().tolist()) for maze in one}) == 50


def test_all_edges_and_all_trees_of_a_small_maze_are_met():
    # 2 x 2 cells have four edges and four spanning trees. Random weights give each the same chance.
    opened = generate_mazes(4000, 2, generator(0, "mazes"))
    trees, counts = opened.flatten(1).unique(dim=0, return_counts=True)
    assert len(trees) == 4
    assert (counts.float() / 4000 - 0.25).abs().max() < 0.035  # five standard errors


def test_nothing_touches_the_global_random_state():
    before = torch.get_rng_state()
    some_mazes()
    assert torch.equal(torch.get_rng_state(), before)


def test_observations_show_the_passages_and_the_cheese():
    mazes = some_mazes()
    seen = mazes.observations
    assert seen.shape == (20, 5, 4, 4) and seen.dtype == torch.float32
    for row in range(20):
        for cell in range(16):
            assert seen[row, :4, cell // 4, cell % 4].tolist() == mazes.opened[row, cell].float().tolist()
            assert seen[row, 4, cell // 4, cell % 4] == float(cell == mazes.cheese[row])
    assert not mazes.without_cheese().observations[:, 4].any()
    assert not mazes.without_cheese().targets.any()


def test_cheese_is_moved_in_copies():
    mazes = some_mazes()
    before = mazes.cheese.clone()
    assert mazes.with_cheese(3).cheese.tolist() == [3] * 20
    assert torch.equal(mazes.with_cheese(torch.arange(20) % 16).cheese, torch.arange(20) % 16)
    assert torch.equal(mazes.cheese, before)
    assert mazes.with_cheese(3).opened is mazes.opened
    part = mazes[torch.tensor([2, 5])]
    assert len(part) == 2 and torch.equal(part.opened, mazes.opened[[2, 5]])


def test_places_of_the_chapter():
    assert (start_cell(5), corner_cell(5)) == (20, 4)
    assert region_cells(5, 1).tolist() == [4]
    assert region_cells(5, 2).tolist() == [3, 4, 8, 9]
    assert region_cells(3, 3).tolist() == list(range(9))


def test_cheese_lies_in_each_cell_asked_for_alike():
    drawn = draw_mazes(6000, 3, torch.tensor([1, 2, 5]), generator(0, "mazes")).cheese
    shares = torch.bincount(drawn, minlength=9) / 6000
    assert (shares[[1, 2, 5]] - 1 / 3).abs().max() < 0.031  # five standard errors
    assert shares[[0, 3, 4, 6, 7, 8]].sum() == 0


@pytest.mark.parametrize("size", [1, 0, -3])
def test_a_maze_of_one_cell_is_refused(size):
    message = f"a maze has at least 2 cells along a side, not {size}"
    with pytest.raises(ValueError, match=message):
        generate_mazes(4, size, generator(0))
    with pytest.raises(WorldError, match=message):
        draw_mazes(4, size, torch.tensor([0]), generator(0))


def test_what_is_no_square_maze_is_refused():
    for cells in (1, 2, 5):
        opened = torch.zeros(2, cells, 4, dtype=torch.bool)
        with pytest.raises(WorldError, match=f"{cells} cells make no square maze"):
            next_cells(opened)
        with pytest.raises(WorldError, match=f"{cells} cells make no square maze"):
            Mazes(opened, torch.zeros(2, dtype=torch.long)).observations  # noqa: B018
    assert maze_size(torch.zeros(1, 49, 4)) == 7


@pytest.mark.parametrize("k", [0, 6, -1])
def test_a_region_that_does_not_fit_is_refused(k):
    with pytest.raises(WorldError, match=f"a region of {k} x {k} does not fit a maze of 5 x 5: take 1 to 5"):
        region_cells(5, k)


def test_cheese_where_there_is_no_cell_is_refused():
    mazes = some_mazes()
    for cell in (16, -2):
        with pytest.raises(WorldError, match=f"there is no cell {cell} in mazes of 16 cells"):
            mazes.with_cheese(cell)
    with pytest.raises(WorldError, match="there is no cell 25 in mazes of 16 cells"):
        mazes.with_cheese(torch.tensor([25] * 20))
    with pytest.raises(WorldError, match="there is no cell 9 in mazes of 9 cells"):
        draw_mazes(4, 3, torch.tensor([2, 9]), generator(0))
    with pytest.raises(WorldError, match="no cell to put the cheese in"):
        draw_mazes(4, 3, torch.tensor([], dtype=torch.long), generator(0))
    with pytest.raises(WorldError, match="at least 1 maze must be drawn, not 0"):
        draw_mazes(0, 3, torch.tensor([1]), generator(0))
