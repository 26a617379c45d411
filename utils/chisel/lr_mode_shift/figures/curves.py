"""Training and validation accuracy around the switch: the band is the range of the seeds, the line their median."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

import plotly.graph_objects as go

from chisel.core.plotting import DASHES, NEUTRAL, PALETTE, add_band, add_slider, new_figure, traces
from chisel.core.results import Result
from chisel.core.tables import as_rows
from chisel.lr_mode_shift.figures.names import arm_words, by_size

CURVES = {"train_acc": "training", "val_acc": "validation"}
TICKS = (1, 3, 10, 30, 100, 300, 1000)


def figure(result: Result, group: str = "T", start: str = "x20") -> go.Figure:
    """Draw the accuracies after the switch, on a logarithmic scale of steps; the slider sets the arm.

    Args:
        group: of the result's groups.
        start: the arm that is shown first.
    """
    rows = as_rows(result.tables["curves"], group=group)
    after = next(row["after"] for row in as_rows(result.tables["looks"]) if row["group"] == group)
    return arms_figure(rows, after, start)


def ten_figure(result: Result) -> go.Figure:
    """Draw the transformer's accuracies, ten times the rate first."""
    return figure(result, start="x10")


def quadratic_figure(result: Result) -> go.Figure:
    """Draw the quadratic network's accuracies, three hundred times the rate first."""
    return figure(result, "Q", "x300")


def four_figure(result: Result) -> go.Figure:
    """Draw the transformer's accuracies for the claim `rate-or-decay`, with the rate alone raised first."""
    return figure(result, start="rate")


def order_figure(result: Result) -> go.Figure:
    """Draw the accuracies of the normalised transformer with little decay, ten times the rate first."""
    return figure(result, "L", "x10")


def classic_figure(result: Result, start: str = "x10") -> go.Figure:
    """Draw the accuracies of the claim `classic-size`; the slider sets the arm."""
    switch = result.provenance["settings"]["base"]["switch_step"]
    after = [step - switch for step in result.tables["looks"]["step"]]
    return arms_figure(as_rows(result.tables["curves"]), after, start)


def apart(after: Sequence[int], ratio: float = 1.08) -> list[int]:
    """Return which of the steps after 0 can be told apart on a logarithmic axis: each `ratio` times the one before."""
    shown: list[int] = []
    for k, step in enumerate(after):
        if step > 0 and (not shown or step >= ratio * after[shown[-1]] or k == len(after) - 1):
            shown.append(k)
    return shown


def arms_figure(rows: Sequence[Mapping[str, Any]], after: Sequence[int], start: str) -> go.Figure:
    """Draw curves by arm.

    Args:
        rows: one a run, with "arm" and a list for each of `CURVES`.
        after: steps from the switch to each entry of these lists; 0 among them.
        start: the arm that is shown first.

    Raises:
        ValueError: there is no such arm.
    """
    chart = new_figure("steps after the switch (log scale)", "accuracy")
    shown = apart(after)
    arms = sorted({row["arm"] for row in rows}, key=by_size)
    groups: dict[str, list[int]] = {}
    for arm in arms:
        first = len(traces(chart))
        own = [row for row in rows if row["arm"] == arm]
        for (curve, words), color, dash in zip(CURVES.items(), PALETTE, DASHES, strict=False):
            points = [[row[curve][k] for row in own] for k in shown]
            ends = ([end(point) for point in points] for end in (median, min, max))
            add_band(chart, [after[k] for k in shown], *ends, name=words, color=color, dash=dash)
            at_switch = median(row[curve][after.index(0)] for row in own)
            chart.add_scatter(
                x=[after[shown[0]], after[shown[-1]]],
                y=[at_switch, at_switch],
                mode="lines",
                name=f"{words}, at the switch",
                showlegend=False,
                hoverinfo="skip",
                meta="drawing",
                line={"color": color, "width": 1, "dash": "dot"},
            )
        groups[arm_words(arm)] = list(range(first, len(traces(chart))))
    chart.update_xaxes(
        type="log", tickvals=list(TICKS), ticktext=[f"{tick:,}" for tick in TICKS], zerolinecolor=NEUTRAL, tickangle=0
    )
    chart.update_yaxes(range=[-0.02, 1.02])
    return add_slider(chart, "", groups, arms.index(start))
