"""Pictures of mazes: walls where one cannot walk, arrows where the policy points, and frames that fit on each other."""

import pytest
import torch

from chisel.core.seeding import generator
from chisel.reward_as_chisel.figures.mazes import ARROWS, Panel, animated_figure, mazes_figure
from chisel.reward_as_chisel.world import generate_mazes

OPENED = generate_mazes(2, 3, generator(0, "pictures")).tolist()


def probabilities(action: int) -> list[list[float]]:
    return torch.eye(5)[[action] * 9].tolist()


def drawn(figure, kind="scatter"):
    return [trace for trace in figure.data if trace.type == kind]


def test_each_closed_side_is_drawn_once():
    walls = drawn(mazes_figure([Panel("a maze", OPENED[0])]))[0]
    segments = {(walls.x[i], walls.y[i], walls.x[i + 1], walls.y[i + 1]) for i in range(0, len(walls.x), 3)}
    assert len(segments) == len(walls.x) // 3
    inner_passages = sum(sum(cell) for cell in OPENED[0]) // 2
    inner_edges, outer_edges = 2 * 3 * 2, 4 * 3
    assert len(segments) == inner_edges - inner_passages + outer_edges


@pytest.mark.parametrize("action", range(5))
def test_arrows_point_where_the_policy_goes(action):
    figure = mazes_figure([Panel("a maze", OPENED[0], probs=probabilities(action), visits=[0.5] * 9)])
    assert set(drawn(figure)[1].marker.symbol) == {ARROWS[action]}


def test_rows_run_downwards_and_the_cheese_is_where_it_is():
    figure = mazes_figure([Panel("a maze", OPENED[0], cheese=5, start=6)])
    signs = drawn(figure)[2]
    assert list(zip(signs.x, signs.y, signs.text, strict=True)) == [(0, 2, "S"), (2, 1, "C")]
    top, bottom = reversed(figure.layout.yaxis.range)
    assert top < bottom


def test_every_frame_replaces_every_trace():
    frames = [(f"cell {cell}", [Panel(f"maze {i}", OPENED[i], cheese=cell) for i in range(2)]) for cell in (0, 4, 8)]
    figure = animated_figure(frames, "cheese in ")
    assert [frame.name for frame in figure.frames] == ["cell 0", "cell 4", "cell 8"]
    assert {len(frame.data) for frame in figure.frames} == {len(figure.data)}
    [slider] = figure.layout.sliders
    assert [step.args[0][0] for step in slider.steps] == [frame.name for frame in figure.frames]
