"""Every figure is drawn from its stored result, with the spread of the seeds and what never generalised."""

import json

import pytest

pytest.importorskip("plotly")

from chisel.core.plotting import traces
from chisel.core.results import Result, load_result
from chisel.lr_mode_shift.claims import CLAIMS
from chisel.lr_mode_shift.figures import collapse, curves, phase, quantities, times
from chisel.lr_mode_shift.figures.names import arm_words, by_size
from chisel.publishing.charts import numbers_html

CLAIM = {claim.id: claim for claim in CLAIMS}
DRAWN = {
    "fall": ("train-drop", quantities.fall_figure),
    "tandem": ("tandem", curves.figure),
    "quadratic": ("tandem", curves.quadratic_figure),
    "gaps": ("tandem", quantities.gap_figure),
    "correlations": ("base-uncorrelated", quantities.correlation_figure),
    "fifty": ("fifty-faster", times.figure),
    "ten": ("ten-never", times.figure),
    "two": ("two-transitions", curves.ten_figure),
    "attribution": ("rate-or-decay", quantities.effects_figure),
    "four-arms": ("rate-or-decay", curves.four_figure),
    "four-times": ("rate-or-decay", times.figure),
    "phase": ("fresh-start", phase.figure),
    "phase-steps": ("fresh-start", lambda result: phase.figure(result, "steps")),
    "collapse": ("val-collapse", collapse.figure),
    "sizes": ("val-collapse", collapse.sizes_figure),
    "order": ("reported-order", curves.order_figure),
    "order-times": ("reported-order", times.figure),
    "classic": ("classic-size", curves.classic_figure),
    "classic-times": ("classic-size", times.classic_figure),
}


def stored(claim: str) -> Result:
    return load_result(CLAIM[claim])


@pytest.mark.parametrize(("claim", "draw"), DRAWN.values(), ids=DRAWN)
def test_stored_results_draw_every_figure(claim, draw):
    figure = draw(stored(claim))
    assert figure.layout.xaxis.title.text
    drawn = traces(figure)
    assert drawn
    for trace in drawn:
        assert (len(trace.z) if trace.type == "heatmap" else len(trace.x)) > 0 or trace.meta == "drawing"
    json.loads(figure.to_json(engine="json"))
    assert "<table" in numbers_html(figure)
    spread = [trace for trace in drawn if trace.meta in ("band", "drawing") or trace.type == "heatmap"]
    assert spread


def test_curves_show_one_arm_at_a_time_with_the_range_of_its_seeds():
    figure = curves.figure(stored("tandem"))
    shown = [trace for trace in traces(figure) if trace.visible]
    assert {trace.name for trace in shown if trace.meta is None} == {"training", "validation"}
    assert sum(trace.meta == "band" for trace in shown) == 2
    slider = figure.to_plotly_json()["layout"]["sliders"][0]
    labels = [step["label"] for step in slider["steps"]]
    assert labels == ["base rate", "2x", "5x", "10x", "20x", "50x"]
    assert slider["active"] == labels.index("20x")


def test_runs_that_never_generalise_are_drawn_where_they_were_left():
    figure = times.times_figure({"some": ([40, None, 90], 1000), "none": ([None, None], 500), "all": ([0, 20], 1000)})
    dots, middle, never = traces(figure)
    assert list(zip(dots.y, dots.x, strict=True)) == [("some", 40), ("some", 90), ("all", 1), ("all", 20)]
    assert list(zip(middle.y, middle.x, strict=True)) == [("some", 90), ("all", 10.5)]
    assert list(zip(never.y, never.x, never.text, strict=True)) == [("some", 1000, "1 of 3"), ("none", 500, "2 of 2")]


def test_a_cell_shows_its_most_frequent_outcome():
    row = {"dead": 1, "val-collapse": 0, "no-drop": 0, "tandem": 4, "re-memorised": 0, "runs": 5, "steps": 80}
    assert phase.outcome_cell(row) == (3.0, "tandem<br>4/5")
    assert phase.steps_cell(row)[1] == "80" and phase.steps_cell({**row, "steps": None}) == (None, "never")
    with pytest.raises(ValueError, match="outcome or steps"):
        phase.figure(stored("fresh-start"), "both")


def test_arms_are_named_and_sorted():
    assert [arm_words(arm) for arm in ("x1", "x10", "x50_constant", "both")] == [
        "base rate", "10x", "50x, decay constant", "both",
    ]  # fmt: skip
    arms = ["x50", "x1", "x5", "x10_constant", "x10"]
    assert sorted(arms, key=by_size) == ["x1", "x5", "x10", "x10_constant", "x50"]
    assert sorted(["both", "decay", "rate", "x1"], key=by_size) == ["x1", "rate", "decay", "both"]
