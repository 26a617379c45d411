"""One cell of the phase diagram of `fresh-start`: the band is the range of the seeds, the line their mean."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from chisel.core.plotting import DASHES, NEUTRAL, PALETTE, add_band, new_figure
from chisel.lr_mode_shift.figures.curves import CURVES

BEFORE = 200  # steps before the switch that are drawn


def curves_figure(curves: Mapping[str, Any], after: Sequence[int]) -> go.Figure:
    """Draw the training and validation accuracy of one cell, before and after the switch.

    Args:
        curves: a row of the table "curves": lists [K] of the mean, lowest and highest accuracy over seeds.
        after: [K], steps from the switch to each entry, in order.
    """
    chart = new_figure("steps after the switch", "accuracy")
    shown = [k for k, step in enumerate(after) if step >= -BEFORE]
    for (curve, words), color, dash in zip(CURVES.items(), PALETTE, DASHES, strict=False):
        ends = ([curves[f"{curve}_{end}"][k] for k in shown] for end in ("mean", "low", "high"))
        add_band(chart, [after[k] for k in shown], *ends, name=words, color=color, dash=dash)
    if min(after) < 0:
        chart.add_vline(x=0, line={"color": NEUTRAL, "dash": "dash", "width": 1.5})
    chart.update_xaxes(zeroline=False)
    chart.update_yaxes(range=[-0.02, 1.02])
    return chart
