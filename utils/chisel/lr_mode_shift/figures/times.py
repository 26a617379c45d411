"""How long each run takes to generalise, with those that never did marked at the end of their run."""

import math
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

import plotly.graph_objects as go

from chisel.core.plotting import PALETTE, new_figure
from chisel.core.results import Result
from chisel.core.tables import as_rows
from chisel.lr_mode_shift.figures.names import arm_words, by_size, pairs_of, row_words

TICKS = (30, 100, 300, 1000, 3000)


def figure(result: Result) -> go.Figure:
    """Draw the steps from the switch to a validation accuracy of .95 of every run, one row an arm."""
    settings = result.provenance["settings"]["groups"]
    rows = as_rows(result.tables["runs"])
    found = {
        row_words(group, arm): (
            [row["steps"] for row in rows if (row["group"], row["arm"]) == (group, arm)],
            settings[group]["after"],
        )
        for group, arm in pairs_of(result)
    }
    return times_figure(found)


def classic_figure(result: Result) -> go.Figure:
    """Draw the same for the claim `classic-size`."""
    settings = result.provenance["settings"]
    rows = as_rows(result.tables["runs"])
    arms = sorted({row["arm"] for row in rows}, key=by_size)
    horizon = settings["steps"] - settings["base"]["switch_step"]
    found = {arm_words(arm): ([row["steps"] for row in rows if row["arm"] == arm], horizon) for arm in arms}
    return times_figure(found)


def times_figure(found: Mapping[str, tuple[Sequence[Any], int]]) -> go.Figure:
    """Draw times by row: label -> (steps of each run or None, how long the runs were)."""
    chart = new_figure("steps (log scale)", "")
    dots = [(label, max(1, step)) for label, (steps, _) in found.items() for step in steps if step is not None]
    never = [(label, horizon) for label, (steps, horizon) in found.items() if None in steps]
    chart.add_scatter(
        x=[x for _, x in dots],
        y=[label for label, _ in dots],
        mode="markers",
        name="one run",
        hovertemplate="%{y}: %{x:.0f} steps<extra></extra>",
        meta="drawing",
        marker={"color": PALETTE[0], "size": 7, "opacity": 0.5},
    )
    middle = {label: median(horizon if step is None else max(1, step) for step in steps)
              for label, (steps, horizon) in found.items()}  # fmt: skip
    reached = [label for label, (steps, horizon) in found.items() if middle[label] < horizon]
    chart.add_scatter(
        x=[middle[label] for label in reached],
        y=reached,
        mode="markers",
        name="median",
        hovertemplate="%{y}: median %{x:.0f} steps<extra></extra>",
        marker={"color": PALETTE[1], "size": 11, "symbol": "diamond"},
    )
    counts = {label: sum(step is None for step in steps) for label, (steps, _) in found.items()}
    chart.add_scatter(
        x=[x for _, x in never],
        y=[label for label, _ in never],
        mode="markers+text",
        name="not by then",
        text=[f"{counts[label]} of {len(found[label][0])}" for label, _ in never],
        textposition="middle right",
        hovertemplate="%{y}: %{text} not within %{x:.0f} steps<extra></extra>",
        marker={"color": PALETTE[2], "size": 11, "symbol": "x-open", "line": {"width": 2}},
    )
    longest = max(horizon for _, horizon in found.values())
    least = min([x for _, x in dots], default=1)
    chart.update_xaxes(
        type="log",
        tickvals=list(TICKS),
        ticktext=[f"{tick:,}" for tick in TICKS],
        range=[math.log10(least / 1.5), math.log10(longest * 12)],  # room for the counts beside the marks
    )
    chart.update_yaxes(categoryorder="array", categoryarray=list(found)[::-1])
    return chart.update_layout(height=180 + 44 * len(found))
