"""Pictures of mazes: walls where one cannot walk, arrows where the policy points, and frames that fit on each other."""

from typing import Any

import pytest
import torch

from chisel.core.results import load_result
from chisel.core.seeding import generator
from chisel.reward_as_chisel.claims import REGION_SIZE
from chisel.reward_as_chisel.figures import atlas
from chisel.reward_as_chisel.figures.mazes import ARROWS, Panel, animated_figure, mazes_figure
from chisel.reward_as_chisel.world import generate_mazes

OPENED = generate_mazes(2, 3, generator(0, "pictures")).tolist()


def probabilities(action: int) -> list[list[float]]:
    return torch.eye(5)[[action] * 9].tolist()


def drawn(figure: Any, kind: str = "scatter") -> list[Any]:
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
    figure: Any = mazes_figure([Panel("a maze", OPENED[0], cheese=5, start=6)])
    signs = drawn(figure)[2]
    assert list(zip(signs.x, signs.y, signs.text, strict=True)) == [(0, 2, "S"), (2, 1, "C")]
    top, bottom = reversed(figure.layout.yaxis.range)
    assert top < bottom


def test_every_frame_replaces_all_but_the_walls():
    frames = [(f"cell {cell}", [Panel(f"maze {i}", OPENED[i], cheese=cell) for i in range(2)]) for cell in (0, 4, 8)]
    figure: Any = animated_figure(frames, "cheese in ")
    assert [frame.name for frame in figure.frames] == ["cell 0", "cell 4", "cell 8"]
    moving = [i for i, trace in enumerate(figure.data) if trace.meta != "drawing" or trace.mode != "lines"]
    for frame in figure.frames:
        assert list(frame.traces) == moving and len(frame.data) == len(moving)
    [slider] = figure.layout.sliders
    assert [step.args[0][0] for step in slider.steps] == [frame.name for frame in figure.frames]


def test_the_atlas_moves_the_cheese_through_every_cell_but_the_start():
    frames = atlas.frames(load_result(REGION_SIZE))
    assert frames[0][0] == "row 1, column 5" and frames[-1][0] == "no cell"
    assert len({label for label, _ in frames}) == len(frames) == 25
    assert {len(panels) for _, panels in frames} == {4}
    for _, panels in frames:
        for panel in panels:
            assert panel.visits is not None and panel.visits[20] >= 1
            assert all(abs(sum(row) - 1) < 0.01 for row in panel.probs or [])
