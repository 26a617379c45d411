"""Figure of the claim `transpose`."""

import plotly.graph_objects as go

from chisel.core.plotting import PALETTE, SYMBOLS, new_figure
from chisel.core.results import Result
from chisel.core.row_charts import add_rows

ARMS = {
    "untied": "untied",
    "tied": "tied",
    "tied_unlinked": "tied, no pair<br>both ways",
    "untied_taught": "untied, inverse<br>trained too",
}
QUANTITIES = {
    "reverse_top1": "inverse, top-1",
    "reverse_choice": "inverse, forced choice",
    "swapped_top1": "inverse, top-1, transposes put in",
    "likeness": "cosine to the transpose",
}


def figure(result: Result) -> go.Figure:
    """Draw what bilinear models know of inverse statements, and how near one matrix is to the other's transpose."""
    chart = new_figure("share of statements, or cosine", "")
    table = result.tables["models"]
    for (what, name), color, symbol in zip(QUANTITIES.items(), PALETTE, SYMBOLS, strict=False):
        estimates = [result.measurements[f"{arm}_{what}"] for arm in ARMS]
        dots = [(ARMS[arm], x) for arm, x in zip(table["arm"], table[what], strict=True)]
        add_rows(chart, list(ARMS.values()), estimates, dots, name, color, symbol)
    chart.update_xaxes(range=[-0.06, 1.06])
    return chart.update_layout(height=480)
