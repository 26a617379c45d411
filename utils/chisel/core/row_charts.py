"""Rows of a chart, one a set-up: a dot a seed, and their mean with its interval."""

from collections.abc import Sequence

import plotly.graph_objects as go

from chisel.core.plotting import HasInterval


def add_rows(
    chart: go.Figure,
    rows: Sequence[str],
    estimates: Sequence[HasInterval],
    dots: Sequence[tuple[str, float]],
    name: str,
    color: str,
    symbol: str,
) -> go.Figure:
    """Add one quantity to every row; returns the chart, whose other quantities stand beside it within a row.

    Args:
        rows: labels; the first is on top.
        estimates: one a row.
        dots: (label of the row, value of one seed).

    Raises:
        ValueError: there are not as many estimates as rows.
    """
    pairs = list(zip(rows, estimates, strict=True))
    place = {"orientation": "h", "offsetgroup": name, "legendgroup": name, "mode": "markers"}
    chart.add_scatter(
        x=[x for _, x in dots],
        y=[row for row, _ in dots],
        name=f"{name}, each seed",
        showlegend=False,
        hoverinfo="skip",
        meta="drawing",
        marker={"color": color, "size": 4, "opacity": 0.45},
        **place,
    )
    chart.add_scatter(
        x=[estimate.value for _, estimate in pairs],
        y=[row for row, _ in pairs],
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [estimate.high - estimate.value for _, estimate in pairs],
            "arrayminus": [estimate.value - estimate.low for _, estimate in pairs],
            "thickness": 2,
            "width": 4,
        },
        name=name,
        marker={"color": color, "symbol": symbol, "size": 8},
        customdata=[[estimate.low, estimate.high] for _, estimate in pairs],
        hovertemplate="%{y}: %{x:.3g} (%{customdata[0]:.3g} to %{customdata[1]:.3g})",
        **place,
    )
    chart.update_yaxes(categoryorder="array", categoryarray=list(rows)[::-1])
    return chart.update_layout(scattermode="group", scattergap=0.4)
