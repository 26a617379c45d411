"""Figures of the chapter's claims: each draws its stored result, names its axes and shows the spread over agents."""

import importlib
import json
from typing import Any

import pytest

from chisel.core.results import load_result
from chisel.reward_as_chisel.claims import CLAIMS

pytest.importorskip("plotly", reason="install plotly (make test does) to draw figures")


def shows_spread(trace) -> bool:
    """Whisker, band or a dot a seed. A heat map has room for means alone; their spread is in another figure."""
    if trace.type == "heatmap":
        return True
    return bool(trace.error_y.array) or trace.meta == "band" or (trace.mode == "markers" and len(trace.x) > 9)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_figures_draw_the_stored_result_with_its_spread(claim):
    name = claim.experiment.split(":")[0].rsplit(".", 1)[1]
    module = importlib.import_module(f"chisel.reward_as_chisel.figures.{name}")
    result = load_result(claim)
    drawn = [getattr(module, attribute) for attribute in dir(module) if attribute.endswith("figure")]
    drawn = [function for function in drawn if function.__module__ == module.__name__]
    assert drawn
    for function in drawn:
        figure = function(result)
        assert figure.layout.xaxis.title.text and figure.layout.yaxis.title.text
        assert any(map(shows_spread, figure.data)), f"{function.__name__} draws no spread over seeds"
        json.loads(figure.to_json(engine="json"))


def test_every_measured_region_and_control_is_drawn():
    [claim] = [claim for claim in CLAIMS if claim.id == "region-size"]
    from chisel.reward_as_chisel.figures import region

    figure: Any = region.figure(load_result(claim))
    drawn = {trace.name: list(trace.x) for trace in figure.data if trace.showlegend}
    assert set(drawn) == set(region.OUTSIDE.values())
    assert all(places == ["1", "2", "3", "4"] for places in drawn.values())  # nothing is outside the whole maze
    inside: Any = region.region_figure(load_result(claim))
    assert all(list(trace.x) == ["1", "2", "3", "4", "5"] for trace in inside.data if trace.showlegend)
