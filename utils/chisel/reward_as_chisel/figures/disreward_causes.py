"""Figures of the claims `dis-reward-cause` and `dis-reward-place`."""

from collections.abc import Mapping

import plotly.graph_objects as go

from chisel.core.estimates import Estimate
from chisel.core.plotting import (
    DASHES,
    PALETTE,
    SYMBOLS,
    add_band,
    add_points_with_interval,
    add_reference,
    add_slider,
    new_figure,
    traces,
)
from chisel.core.results import Result
from chisel.core.tables import as_rows

CAUSES = {
    "base": "base:<br>reward -1",
    "zero": "no<br>reward",
    "value_only": "critic's<br>error alone",
    "policy_only": "policy gradient<br>alone",
    "refit": "critic right<br>first",
    "last_step": "and only the last<br>step punished",
    "head": "only the last<br>layer trained",
}
OTHERS = {
    "base": "base",
    "centred": "advantages<br>centred",
    "myopic": "gamma 0",
    "slow": "learning<br>rate 1e-4",
    "no_entropy": "no entropy<br>bonus",
    "no_clip": "no<br>clipping",
    "sgd": "SGD",
}
RIGHT_FIRST = {
    "refit": "critic<br>right first",
    "refit_centred": "advantages<br>centred",
    "refit_slow": "learning<br>rate 1e-4",
    "refit_half": "gamma .5",
    "last_step": "gamma 0",
    "refit_near": "starts near<br>the cheese",
    "refit_far": "starts far<br>from it",
    "refit_last_block": "last block<br>and layer",
    "refit_head": "last layer<br>alone",
}
PATHS = {
    "base": "base: reward -1",
    "zero": "no reward",
    "value_only": "critic's error alone",
    "policy_only": "policy gradient alone",
    "refit": "critic right first",
    "last_step": "and only the last step punished",
}
ENTERS = "P(enters the upper right | no cheese shown)"


def figure(result: Result) -> go.Figure:
    """Draw P(enters) at equal P(cheese) when one thing is changed, the things that matter."""
    return _by_variant(result, CAUSES)


def others_figure(result: Result) -> go.Figure:
    """Draw P(enters) at equal P(cheese) when one thing is changed, the things that do not matter."""
    return _by_variant(result, OTHERS)


def right_first_figure(result: Result) -> go.Figure:
    """Draw P(enters) at equal P(cheese) when the critic is right from the start and one more thing is changed."""
    return _by_variant(result, RIGHT_FIRST)


def _by_variant(result: Result, labels: Mapping[str, str]) -> go.Figure:
    chart = new_figure("what is changed", ENTERS)
    for level, name, color, symbol in ((0.5, "P(cheese) = .5", *_look(0)), (0.1, "P(cheese) = .1", *_look(1))):
        found = {row["variant"]: row for row in as_rows(result.tables["levels"], level=level)}
        shown = [variant for variant in labels if variant in found]
        estimates = [_estimate(found[variant]) for variant in shown]
        names = [labels[variant] for variant in shown]
        add_points_with_interval(chart, names, estimates, f"where {name}", color, symbol=symbol)
        traces(chart)[-1].update(offsetgroup=name)
    add_reference(chart, result.measurements["before_enters"].value, "before any update")
    chart.update_layout(scattermode="group", scattergap=0.5)
    chart.update_xaxes(tickangle=0, tickfont={"size": 11})
    chart.update_yaxes(range=[-0.02, 1.02])
    return chart


def path_figure(result: Result) -> go.Figure:
    """Draw P(enters) against P(cheese) as the latter falls, one band a variant."""
    chart = new_figure("P(cheese), where it was in training (falls from left to right)", ENTERS)
    for (variant, name), color, dash in zip(PATHS.items(), PALETTE, DASHES, strict=True):
        if variant not in result.tables["levels"]["variant"]:
            continue
        rows = as_rows(result.tables["levels"], variant=variant)
        columns = ([row[key] for row in rows] for key in ("level", "enters", "enters_low", "enters_high"))
        add_band(chart, *columns, name=name, color=color, dash=dash)
    chart.update_xaxes(autorange="reversed")
    chart.update_yaxes(range=[-0.02, 1.02])
    return chart


def right_figure(result: Result) -> go.Figure:
    """Draw the probability of the step toward the cheese by distance from it; the slider sets when it is read."""
    chart = new_figure("steps from the cheese (the last: or more)", "P(step toward the cheese)")
    groups: dict[str, list[int]] = {}
    for level in (0.5, 0.1):
        first = len(traces(chart))
        for (variant, name), color, dash in zip(PATHS.items(), PALETTE, DASHES, strict=True):
            rows = as_rows(result.tables["right"], variant=variant, level=level)
            if not rows:
                continue
            columns = ([row[key] for row in rows] for key in ("distance", "p", "p_low", "p_high"))
            add_band(chart, *columns, name=name, color=color, dash=dash)
        groups[f"{level:g}"] = list(range(first, len(traces(chart))))
    chart.update_xaxes(dtick=1)
    chart.update_yaxes(range=[0, 1.02])
    return add_slider(chart, "where P(cheese) = ", groups)


def _look(index: int) -> tuple[str, str]:
    return PALETTE[index], SYMBOLS[index]


def _estimate(row: dict) -> Estimate:
    return Estimate(row["enters"], row["enters_low"], row["enters_high"], row["agents"])
