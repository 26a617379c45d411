"""Figures of the claim `one-step-transfer`."""

import plotly.graph_objects as go

from chisel.core.plotting import NEUTRAL, PALETTE, SYMBOLS, new_figure
from chisel.core.results import Result
from chisel.core.row_charts import add_rows

ARMS = {
    "base": "base",
    "tied": "tied",
    "tied_identity": "tied +<br>identity",
    "bilinear": "bilinear,<br>untied",
    "bilinear_tied": "bilinear,<br>tied",
}
CHANGES = {
    "forward": "the statement itself",
    "raw": "its inverse, raw",
    "contrasted": "its inverse, contrasted",
}


def figure(result: Result) -> go.Figure:
    """Draw what one step changes: the statement that it is taken on, and its inverse, raw and contrasted."""
    chart = new_figure("change in log-probability (nats)", "")
    arms = _arms(result)
    table = result.tables["networks"]
    for (change, name), color, symbol in zip(CHANGES.items(), PALETTE, SYMBOLS, strict=False):
        estimates = [result.measurements[f"{arm}_{change}"] for arm in arms]
        dots = [(ARMS[arm], x) for arm, x in zip(table["arm"], table[change], strict=True)]
        add_rows(chart, [ARMS[arm] for arm in arms], estimates, dots, name, color, symbol)
    return chart.add_vline(x=0, line={"color": NEUTRAL, "dash": "dash", "width": 1.5})


def training_figure(result: Result) -> go.Figure:
    """Draw, network by network, what one step does to an inverse statement against what training has done to others."""
    chart = new_figure(
        "inverses: right name ahead<br>after training (nats)", "inverse: contrasted gain<br>of one step (nats)"
    )
    table = result.tables["networks"]
    for arm, color, symbol in zip(_arms(result), PALETTE, SYMBOLS, strict=False):
        found = zip(table["arm"], table["trained"], table["contrasted"], strict=True)
        dots = [(x, y) for own, x, y in found if own == arm]
        chart.add_scatter(
            x=[x for x, _ in dots],
            y=[y for _, y in dots],
            mode="markers",
            name=ARMS[arm].replace("<br>", " "),
            marker={"color": color, "symbol": symbol, "size": 8},
            hovertemplate="%{x:.2f} nats after training, %{y:.3f} in one step",
        )
    return chart.add_hline(y=0, line={"color": NEUTRAL, "dash": "dash", "width": 1.5})


def _arms(result: Result) -> list[str]:
    return [arm for arm in ARMS if f"{arm}_raw" in result.measurements]
