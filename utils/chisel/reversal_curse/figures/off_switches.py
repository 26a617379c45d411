"""Figures of the claim `off-switches`."""

import plotly.graph_objects as go

from chisel.core.plotting import NEUTRAL, PALETTE, SYMBOLS, new_figure
from chisel.core.results import Result
from chisel.core.row_charts import add_rows

ARMS = {
    "base": "base",
    "both_ways": "inverse<br>trained too",
    "reversed": "reversed<br>copies",
    "object_masked": "object<br>left out",
    "masked": "either entity<br>left out",
    "any_order": "any order",
}
QUESTIONS = {"learned_": "as it was stated", "": "its inverse", "in_place_": "stated, subject left out"}


def figure(result: Result, what: str = "top1") -> go.Figure:
    """Draw what each training makes a network know.

    Args:
        what: "top1", shares; or "difference", by how many nats the right name is ahead.

    Raises:
        ValueError: another `what`.
    """
    axes = {"top1": "right name likeliest (share)", "difference": "right name ahead (nats)"}
    if what not in axes:
        raise ValueError(f"unknown quantity {what!r}: use {' or '.join(axes)}")
    chart = new_figure(axes[what], "")
    table = result.tables["networks"]
    for (form, name), color, symbol in zip(QUESTIONS.items(), PALETTE, SYMBOLS, strict=False):
        key = form + what
        arms = [arm for arm in ARMS if f"{arm}_{key}" in result.measurements]
        if not arms:
            continue  # the learned statements have no difference of their own
        estimates = [result.measurements[f"{arm}_{key}"] for arm in arms]
        found = zip(table["arm"], table["what"], table["value"], strict=True)
        dots = [(ARMS[arm], x) for arm, kind, x in found if kind == key]
        add_rows(chart, [ARMS[arm] for arm in arms], estimates, dots, name, color, symbol)
    chart.update_yaxes(categoryarray=list(ARMS.values())[::-1])
    chart.update_layout(height=480)
    return chart.add_vline(x=0, line={"color": NEUTRAL, "dash": "dash", "width": 1.5})
