"""A button in a dead end: where it is, when it can be reached, what it pays and where it is shown."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from chisel.core.seeding import generator
from chisel.reward_as_chisel.button import (
    BUTTON_PAYS,
    button_task,
    button_world,
    dead_ends,
    from_the_start,
    mazes_for_buttons,
    relit,
    with_dead_ends,
)
from chisel.reward_as_chisel.chains import hit_probability
from chisel.reward_as_chisel.world import Mazes, WorldError, draw_mazes, next_cells, region_cells, start_cell

seeds = st.integers(0, 10_000)
sizes = st.integers(3, 6)


def reachable(opened: torch.Tensor, goal: torch.Tensor, start: torch.Tensor) -> torch.Tensor:
    """Whether a walk from start: [B] can come to goal: [B] int; decided by spreading out, one step at a time."""
    here = torch.nn.functional.one_hot(start, opened.shape[1]).bool()
    table = next_cells(opened)
    for _ in range(opened.shape[1]):
        rows, cells = here.nonzero(as_tuple=True)
        here[rows[:, None], table[rows, cells]] = True
    return here.gather(1, goal[:, None])[:, 0]


@given(seed=seeds, size=sizes)
def test_a_shut_button_is_reached_from_no_start_and_an_open_one_from_all(seed, size):
    mazes = mazes_for_buttons(8, size, generator(seed, "mazes"))
    for p_open, expected in ((0.0, False), (1.0, True)):
        world = button_world(mazes, p_open, generator(seed, "button"))
        for cell in range(size * size):
            start = torch.full((8,), cell)
            asked = world.starts[:, cell]
            assert bool((reachable(world.opened, world.button, start) == expected)[asked].all())


@given(seed=seeds, size=sizes, p_open=st.floats(0, 1))
def test_walling_off_shuts_one_passage_from_both_sides_and_leaves_the_bank_alone(seed, size, p_open):
    mazes = mazes_for_buttons(20, size, generator(seed, "mazes"))
    before = mazes.opened.clone()
    world = button_world(mazes, p_open, generator(seed, "button"))
    assert torch.equal(mazes.opened, before)
    changed = (world.opened != before).flatten(1).sum(1)
    assert set(changed.tolist()) <= {0, 2}
    rows = torch.arange(20)
    assert torch.equal(changed == 2, ~world.opened[rows, world.button].any(1))
    assert bool((world.opened <= before).all())
    table = next_cells(world.opened)  # every passage leads back
    for way, back in enumerate((1, 0, 3, 2)):
        there = table[..., way]
        stepped = there != torch.arange(size * size)
        assert torch.equal(
            table[..., back].gather(1, there)[stepped], torch.arange(size * size).expand(20, -1)[stepped]
        )


@given(seed=seeds, size=sizes)
def test_the_button_is_in_a_dead_end_that_is_neither_start_nor_cheese(seed, size):
    mazes = mazes_for_buttons(20, size, generator(seed, "mazes"))
    world = button_world(mazes, 0.3, generator(seed, "button"))
    rows = torch.arange(20)
    assert bool((mazes.opened[rows, world.button].sum(1) == 1).all())
    assert bool(((world.button != start_cell(size)) & (world.button != mazes.cheese)).all())
    assert not world.starts[rows, world.button].any() and not world.starts[rows, mazes.cheese].any()
    assert bool((world.starts.sum(1) == size * size - 2).all())


def test_each_dead_end_is_drawn_alike():
    one = mazes_for_buttons(1, 4, generator(3, "mazes"))
    many = Mazes(one.opened.expand(6000, -1, -1), one.cheese.expand(6000))
    counts = torch.bincount(button_world(many, 1.0, generator(0, "button")).button, minlength=16)
    [places] = dead_ends(one)
    share = 1 / int(places.sum())
    assert int(places.sum()) > 1 and counts[~places].sum() == 0
    assert (counts[places] / 6000 - share).abs().max() < 5 * (share / 6000) ** 0.5


def test_the_share_of_open_buttons_is_p_open_and_their_places_do_not_depend_on_it():
    mazes = mazes_for_buttons(4000, 3, generator(0, "mazes"))
    worlds = {p: button_world(mazes, p, generator(0, "button")) for p in (0.05, 0.2, 1.0)}
    for p_open, world in worlds.items():
        share = world.opened[torch.arange(4000), world.button].any(1).float().mean()
        assert float(share) == pytest.approx(p_open, abs=5 * (p_open * (1 - p_open) / 4000) ** 0.5)
        assert torch.equal(world.button, worlds[1.0].button)


def test_the_task_pays_one_for_cheese_and_ten_for_the_button_and_ends_at_both():
    mazes = mazes_for_buttons(12, 4, generator(0, "mazes"))
    world = button_world(mazes, 0.5, generator(0, "button"))
    task, rows = button_task(world, mazes.cheese), torch.arange(12)
    assert bool((task.rewards[rows, mazes.cheese] == 1).all())
    assert bool((task.rewards[rows, world.button] == BUTTON_PAYS).all())
    assert torch.equal(task.rewards.sum(1), torch.full((12,), 1 + BUTTON_PAYS))
    assert torch.equal(task.terminal, task.rewards > 0) and torch.equal(task.starts, world.starts)
    shown = task.observations[:, 5].flatten(1)
    assert torch.equal(shown.argmax(1), world.button) and torch.equal(shown.sum(1), torch.ones(12))
    assert torch.equal(task.observations[:, :5], Mazes(world.opened, mazes.cheese).observations)
    worthless = button_task(world, mazes.cheese, pays=0.0)
    assert torch.equal(worthless.terminal, task.terminal) and torch.equal(worthless.rewards.sum(1), torch.ones(12))


def test_episodes_that_begin_where_the_test_does():
    mazes = mazes_for_buttons(6, 4, generator(0, "mazes"))
    task = button_task(button_world(mazes, 1.0, generator(0, "button")), mazes.cheese)
    only = from_the_start(task)
    assert set(only.draw_starts(5, generator(0, "starts")).flatten().tolist()) == {start_cell(4)}
    assert torch.equal(only.rewards, task.rewards) and int(task.starts.sum()) == 6 * 14


def test_showing_the_button_elsewhere_changes_one_channel_of_a_copy():
    mazes = mazes_for_buttons(6, 4, generator(0, "mazes"))
    task = button_task(button_world(mazes, 1.0, generator(0, "button")), mazes.cheese)
    before = task.observations.clone()
    cells = torch.tensor([0, 3, 5, 10, 14, 15])
    moved, hidden = relit(task.observations, cells), relit(task.observations, None)
    assert torch.equal(task.observations, before)
    assert torch.equal(moved[:, -1].flatten(1), torch.nn.functional.one_hot(cells, 16).float())
    assert float(hidden[:, -1].abs().sum()) == 0
    assert torch.equal(moved[:, :-1], before[:, :-1]) and torch.equal(hidden[:, :-1], before[:, :-1])


def test_mazes_without_a_place_are_left_out():
    drawn = draw_mazes(400, 3, region_cells(3, 3), generator(0, "mazes"))
    kept = with_dead_ends(drawn)
    assert 0 < len(kept) < 400 and bool(dead_ends(kept).any(1).all())
    assert len(mazes_for_buttons(400, 3, generator(0, "mazes"))) == 400
    with pytest.raises(WorldError, match="2 x 2 have a dead end"):
        mazes_for_buttons(2000, 2, generator(0, "mazes"))


def test_a_random_walk_meets_an_open_button_and_never_a_shut_one():
    mazes = mazes_for_buttons(30, 4, generator(1, "mazes"))
    start = torch.full((30,), start_cell(4))
    for p_open in (0.0, 1.0):
        world = button_world(mazes, p_open, generator(1, "button"))
        at_button = Mazes(world.opened, world.button).targets
        met = hit_probability(torch.zeros(30, 16, 5), next_cells(world.opened), at_button, start, 200)
        assert torch.equal(met > 0, torch.full((30,), p_open == 1))
