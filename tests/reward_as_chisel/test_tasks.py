"""What a trainer draws from a task: whole mazes of the right bank, and starts where one may start."""

from dataclasses import fields

import pytest
import torch

from chisel.core.seeding import generator
from chisel.reward_as_chisel.tasks import Task, cheese_task
from chisel.reward_as_chisel.world import draw_mazes, region_cells


def bank(seed: int = 0, batch: int = 12, size: int = 3) -> Task:
    return cheese_task(draw_mazes(batch, size, region_cells(size, size), generator(seed, "bank")))


def test_the_cheese_pays_and_ends_and_no_episode_begins_there():
    mazes = draw_mazes(12, 3, region_cells(3, 3), generator(0, "bank"))
    task = cheese_task(mazes)
    assert len(task) == len(Task.stacked([task, task])) == 12
    assert torch.equal(task.rewards, mazes.targets.float()) and torch.equal(task.terminal, mazes.targets)
    assert torch.equal(task.starts, ~mazes.targets)


def test_each_member_draws_whole_mazes_from_its_own_bank():
    banks = [bank(seed) for seed in range(3)]
    drawn = Task.stacked(banks).draw(40, generator(0, "draw"))
    assert drawn.terminal.shape == (120, 9) and drawn.observations.shape == (120, 5, 3, 3)
    for member, own in enumerate(banks):
        rows = range(40 * member, 40 * member + 40)
        met = set()
        for row in rows:
            same = [
                i
                for i in range(12)
                if all(torch.equal(getattr(own, f.name)[i], getattr(drawn, f.name)[row]) for f in fields(Task))
            ]
            assert same, "every field of a drawn maze comes from one maze of the member's bank"
            met.update(same)
        assert len(met) > 8


def test_starts_are_drawn_alike_from_where_one_may_start():
    task = bank(batch=2)
    starts = task.draw_starts(8000, generator(0, "starts"))
    for row in range(2):
        shares = torch.bincount(starts[row], minlength=9) / 8000
        assert shares[task.terminal[row]].sum() == 0
        assert (shares[task.starts[row]] - 1 / 8).abs().max() < 0.0185  # five standard errors


def test_looking_up():
    table, cells = torch.arange(6).view(2, 3) * 10, torch.tensor([[[2, 0]], [[1, 1]]])
    assert Task.at(table, cells).tolist() == [[[20, 0]], [[40, 40]]]


def test_paying_changes_the_rewards_of_a_copy():
    task = bank()
    before = task.rewards.clone()
    assert torch.equal(task.paying(-2).rewards, -2 * before) and torch.equal(task.rewards, before)
    assert task.paying(-2).terminal is task.terminal


def test_banks_that_differ_are_not_stacked():
    for other in (bank(batch=11), bank(size=4)):
        with pytest.raises(ValueError, match="banks must be one shape to be stacked, and these are"):
            Task.stacked([bank(), other])
    with pytest.raises(ValueError, match="these are none"):
        Task.stacked([])
