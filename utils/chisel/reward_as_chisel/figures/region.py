"""Figures of the claim `region-size`."""

from collections.abc import Mapping

import plotly.graph_objects as go

from chisel.core.plotting import PALETTE, SYMBOLS, add_points_with_interval, new_figure
from chisel.core.results import Result

OUTSIDE = {
    "outside": "cheese outside the region",
    "unseen": "same cells, no cheese shown",
    "outside_random": "random walk",
    "outside_untrained": "untrained network",
}
INSIDE = {
    "success": "cheese in the region, reached",
    "enters": "no cheese shown, region entered",
    "enters_random": "random walk, region entered",
}


def figure(result: Result) -> go.Figure:
    """Draw P(cheese) off the way and outside the training region against its size, with the controls."""
    return _by_region(result, OUTSIDE, "probability of reaching the cell")


def region_figure(result: Result) -> go.Figure:
    """Draw success inside the training region, and how often it is entered with no cheese shown."""
    return _by_region(result, INSIDE, "probability")


def _by_region(result: Result, series: Mapping[str, str], y_title: str) -> go.Figure:
    chart = new_figure("side k of the top-right region with the cheese in training (cells)", y_title)
    settings, agents = result.provenance["settings"], result.tables["agents"]
    each = list(zip(agents["region"], agents["what"], agents["probability"], strict=True))
    for (key, label), color, symbol in zip(series.items(), PALETTE, SYMBOLS, strict=False):
        names = {k: f"{key}_{'all' if k == settings['size'] else f'k{k}'}" for k in settings["regions"]}
        measured = {str(k): result.measurements[name] for k, name in names.items() if name in result.measurements}
        dots = [(str(k), y) for k, what, y in each if what == key and str(k) in measured]
        if dots:
            chart.add_scatter(
                x=[x for x, _ in dots],
                y=[y for _, y in dots],
                mode="markers",
                marker={"color": color, "size": 5, "opacity": 0.35, "symbol": symbol},
                name=f"{label}, each agent",
                offsetgroup=key,
                hoverinfo="skip",
                showlegend=False,
            )
        add_points_with_interval(chart, list(measured), list(measured.values()), label, color, symbol=symbol)
        chart.data[-1].update(offsetgroup=key)
    chart.update_layout(scattermode="group", scattergap=0.5)
    chart.update_xaxes(type="category", categoryorder="array", categoryarray=[str(k) for k in settings["regions"]])
    chart.update_yaxes(range=[-0.03, 1.05])
    return chart
