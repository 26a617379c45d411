"""Figures of the claim `no-lift-with-scale`."""

import plotly.graph_objects as go

from chisel.core.plotting import DASHES, PALETTE, add_band, add_reference, new_figure
from chisel.core.results import Result
from chisel.core.tables import as_rows
from chisel.reversal_curse.figures.scratch import rows_figure

SET_UPS = {
    "base": "base",
    "long": "8 times the steps",
    "long_decay": "the same, decay 1",
    "facts_60": "60 facts",
    "facts_400": "400 facts",
    "facts": "10,000 facts",
    "facts_decay_small": "the same, decay .1",
    "facts_decay": "the same, decay 1",
    "facts_deep_wide": "8 layers, width 256",
    "deep_wide": "4 layers, width 128",
    "lifted": "identity data",
}
LINES = {"reverse_difference": "reverse", "learned_difference": "as stated"}


def figure(result: Result) -> go.Figure:
    """Draw by how much the right name is ahead at the end of training, one row a set-up."""
    return rows_figure(result, SET_UPS)


def training_figure(result: Result) -> go.Figure:
    """Draw by how much the right name is ahead in long training, in the trained direction and in reverse."""
    chart = new_figure("steps (count)", "right name ahead (nats)")
    table = result.tables["curves"]
    rows = as_rows(table)
    steps = sorted({row["steps"] for row in rows})
    variants = [name for name in dict.fromkeys(table["variant"]) if name.startswith("long")]
    for variant, color in zip(variants, PALETTE, strict=False):
        for (what, words), dash in zip(LINES.items(), DASHES, strict=False):
            own = [row for row in rows if (row["variant"], row["what"]) == (variant, what)]
            places = [steps.index(row["steps"]) for row in own]  # evenly spaced: most happens early
            ends = ([row[end] for row in own] for end in ("mean", "low", "high"))
            decay = "decay 1" if variant == "long_decay" else "no decay"
            add_band(chart, places, *ends, name=f"{words}, {decay}", color=color, dash=dash)
    chart.update_xaxes(tickvals=list(range(len(steps))), ticktext=[f"{step:,}" for step in steps])
    return add_reference(chart, result.measurements["lifted_reverse_difference"].value, "reverse, identity data")
