"""The silent bug: what it does to pictures and to training, what hides it (measured), and the pictures without it."""

import pytest
import torch

from chisel.core.seeding import generator
from chisel.reward_as_chisel.silent_bug import (
    SETTINGS,
    buggy_observations,
    fixed_observations,
    hidden_by,
    picture_difference,
)
from chisel.reward_as_chisel.workbench.silent import success_curves, success_figure
from chisel.reward_as_chisel.world import Mazes, draw_mazes


@pytest.mark.parametrize("size", [2, 5, 9])
def test_the_fixed_pictures_are_those_of_the_chapter(size):
    random = generator(size)
    mazes = draw_mazes(7, size, torch.arange(size * size), random)
    some = Mazes(mazes.opened, mazes.cheese.where(torch.rand(7, generator=random) < 0.5, -1))
    for shown in (mazes, some, mazes.without_cheese(), mazes[:1]):
        assert torch.equal(fixed_observations(shown.opened, shown.cheese), shown.observations)


def test_the_bug_shows_each_maze_the_cheese_of_the_next():
    mazes = draw_mazes(6, 4, torch.arange(16), generator(0))
    found = buggy_observations(mazes.opened, mazes.cheese)
    assert torch.equal(found[:, :4], mazes.observations[:, :4])
    assert torch.equal(found[:, 4], mazes.observations[:, 4].roll(-1, 0))
    assert not torch.equal(found, mazes.observations)


def test_what_hides_the_bug_is_what_measures_as_hiding_it():
    shares = {name: [picture_difference(fixed_observations, name, seed) for seed in range(5)] for name in SETTINGS}
    assert {name for name, found in shares.items() if max(found) == 0} == hidden_by()
    assert all(min(found) > 0.5 for name, found in shares.items() if name not in hidden_by())
    assert picture_difference(fixed_observations, None, 0) > 0.9
    with pytest.raises(KeyError, match="region-2"):
        picture_difference(fixed_observations, "region-2", 0)


def test_training_in_the_corner_is_the_same_to_the_last_bit_and_elsewhere_it_is_not():
    found, mended = (success_curves(observe, 1, updates=20) for observe in (buggy_observations, fixed_observations))
    assert torch.equal(found, mended)
    found, mended = (success_curves(observe, 4, updates=60) for observe in (buggy_observations, fixed_observations))
    assert (mended[-1] > found[-1] + 0.1).all(), "with the cheese anywhere every agent does better that sees it"
    assert (mended[-1] > mended[0] + 0.2).all()


def test_the_figure_names_each_way_of_showing_and_each_region(monkeypatch):
    flat = torch.full((3, 4), 0.5)
    monkeypatch.setattr("chisel.reward_as_chisel.workbench.silent.success_curves", lambda *arguments: flat)
    figure = success_figure({"as found": buggy_observations, "mended": fixed_observations})
    names = [trace.name for trace in figure.data if trace.name]
    assert names == [
        f"{who}, cheese {where}" for where in ("in the corner", "anywhere") for who in ("as found", "mended")
    ]
