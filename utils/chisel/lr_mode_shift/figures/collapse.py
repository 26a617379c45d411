"""Figures of the claim `val-collapse`: the band is the range of the seeds, the line their mean."""

from collections.abc import Mapping

import plotly.graph_objects as go

from chisel.core.plotting import DASHES, PALETTE, add_band, add_slider, new_figure, traces
from chisel.core.results import Result
from chisel.core.tables import as_rows
from chisel.lr_mode_shift.figures.names import arm_words, by_size

SHARES = {"train_acc": "training accuracy", "val_acc": "validation accuracy", "share": "share of the general part"}
SPACING = 10  # steps
SIZES = {"margin": "lead of the right answer", "rest": "size of the rest"}


def figure(result: Result) -> go.Figure:
    """Draw accuracies and the general part's share of the logits; the slider sets the arm."""
    return _figure(result, SHARES, "share").update_yaxes(range=[-0.02, 1.02])


def sizes_figure(result: Result) -> go.Figure:
    """Draw how far ahead the general part alone has the right answer, and how large the rest is."""
    return _figure(result, SIZES, "logits")


def _figure(result: Result, quantities: Mapping[str, str], title: str) -> go.Figure:
    chart = new_figure("steps after the switch (count)", title)
    looks = result.tables["looks"]["after"]
    shown = [k for k, step in enumerate(looks) if step % SPACING == 0]  # more cannot be told apart on this axis
    after = [looks[k] for k in shown]
    arms = sorted(set(result.tables["curves"]["arm"]), key=by_size)
    groups: dict[str, list[int]] = {}
    for arm in arms:
        first = len(traces(chart))
        own = as_rows(result.tables["curves"], arm=arm)
        for (curve, words), color, dash in zip(quantities.items(), PALETTE, DASHES, strict=False):
            row = next(row for row in own if row["curve"] == curve)
            ends = ([row[end][k] for k in shown] for end in ("mean", "low", "high"))
            add_band(chart, after, *ends, name=words, color=color, dash=dash)
        groups[arm_words(arm)] = list(range(first, len(traces(chart))))
    chart.update_layout(legend={"orientation": "v"})
    return add_slider(chart, "", groups, arms.index("x50") if "x50" in arms else 0)
