"""Cells of the phase diagram of `fresh-start`: the band is the range of the seeds, the line their mean."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from chisel.core.plotting import DASHES, NEUTRAL, PALETTE, add_band, add_slider, new_figure, traces
from chisel.core.results import Result
from chisel.core.tables import as_rows
from chisel.lr_mode_shift.figures.curves import CURVES
from chisel.lr_mode_shift.figures.names import arm_words, by_size

BEFORE = 200  # steps before the switch that are drawn


def curves_figure(curves: Mapping[str, Any], after: Sequence[int]) -> go.Figure:
    """Draw the training and validation accuracy of one cell, before and after the switch.

    Args:
        curves: a row of the table "curves": lists [K] of the mean, lowest and highest accuracy over seeds.
        after: [K], steps from the switch to each entry, in order.
    """
    chart = new_figure("steps after the switch" if min(after) < 0 else "steps from the start", "accuracy")
    add_curves(chart, curves, after)
    if min(after) < 0:
        chart.add_vline(x=0, line=_SWITCH)
    chart.update_xaxes(zeroline=False)
    chart.update_yaxes(range=[-0.02, 1.02])
    return chart


def starts_figure(result: Result, architecture: str = "T", switch: int = 600, start: str = "x20") -> go.Figure:
    """Draw the curves after a switch above those of a fresh start; the slider sets the multiplier.

    A cell that was not measured is left empty.

    Args:
        start: the arm that is shown first.

    Raises:
        ValueError: neither was measured, or `start` was not.
    """
    rows = [row for row in as_rows(result.tables["curves"], architecture=architecture) if row["arm"].startswith("x")]
    after = {row["group"]: row["after"] for row in as_rows(result.tables["looks"])}
    arms = sorted({row["arm"] for row in rows if row["switch"] in (switch, 0)}, key=by_size)
    if start not in arms:
        raise ValueError(f"{architecture} has no arm {start} at switch {switch} or 0: {', '.join(arms) or 'none'}")
    steps = "steps after switch or start"
    chart = new_figure("", f"switch at {switch}<br>accuracy")
    groups: dict[str, list[int]] = {}
    for arm in arms:
        first = len(traces(chart))
        for row in rows:
            if row["arm"] == arm and row["switch"] in (switch, 0):
                panel = "2" if row["switch"] == 0 else ""
                before = len(traces(chart))
                add_curves(chart, row, after[f"{architecture}_{row['switch']}"])
                for trace in traces(chart)[before:]:
                    trace.update(xaxis=f"x{panel}", yaxis=f"y{panel}")
                    if panel and any(other["arm"] == arm and other["switch"] == switch for other in rows):
                        trace.showlegend = False  # the panel above has the same two
        groups[arm_words(arm)] = list(range(first, len(traces(chart))))
    y_axis = {"range": [-0.02, 1.02], "tickvals": [0, 0.5, 1]}
    chart.update_layout(
        xaxis={"zeroline": False, "matches": "x2", "anchor": "y", "showticklabels": False},
        xaxis2={"zeroline": False, "anchor": "y2", "title": {"text": steps}},
        yaxis={**y_axis, "domain": [0.55, 1.0]},
        yaxis2={**y_axis, "domain": [0.0, 0.45], "anchor": "x2", "title": {"text": "fresh start<br>accuracy"}},
        shapes=[{"type": "line", "xref": "x", "yref": "y domain", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "line": _SWITCH}],
    )
    add_slider(chart, "", groups, arms.index(start))
    return chart.update_layout(height=600, sliders=[{"pad": {"t": 84}}])


def add_curves(chart: go.Figure, curves: Mapping[str, Any], after: Sequence[int]) -> None:
    """Add both curves of one cell, each with its band. The arguments are as in `curves_figure`."""
    shown = [k for k, step in enumerate(after) if step >= -BEFORE]
    for (curve, words), color, dash in zip(CURVES.items(), PALETTE, DASHES, strict=False):
        ends = ([curves[f"{curve}_{end}"][k] for k in shown] for end in ("mean", "low", "high"))
        add_band(chart, [after[k] for k in shown], *ends, name=words, color=color, dash=dash)


_SWITCH = {"color": NEUTRAL, "dash": "dash", "width": 1.5}
