"""Figures of the claims `cheese-vector` and `cheese-vector-place`."""

import plotly.graph_objects as go

from chisel.core.estimates import Estimate
from chisel.core.plotting import (
    DASHES,
    NEUTRAL,
    PALETTE,
    SYMBOLS,
    add_band,
    add_points_with_interval,
    add_reference,
    add_slider,
    new_figure,
    traces,
)
from chisel.core.results import Result
from chisel.core.tables import as_rows

VECTORS = {
    "vector": "cheese vector",
    "wrong": "vector of a wrong cell",
    "random": "random vector",
    "shuffled": "channels exchanged",
}
DONE = {"subtract": "subtracted", "add": "added"}
CHEESE = {"shown": "cheese shown", "none": "no cheese shown"}
ARMS = {
    "base": "cheese shown, nothing done",
    "subtract": "cheese shown, vector subtracted at block 1",
    "none": "no cheese, nothing done",
    "add": "no cheese, vector added at block 1",
}
REACHED = "P(reaches the cell of the cheese)"


def figure(result: Result) -> go.Figure:
    """Draw what subtracting each vector does at each layer, with the cheese shown."""
    return _by_layer(result, "subtract")


def add_figure(result: Result) -> go.Figure:
    """Draw what adding each vector does at each layer, with no cheese shown."""
    return _by_layer(result, "add")


def _by_layer(result: Result, direction: str) -> go.Figure:
    chart = new_figure(
        "layer after which the vector is " + {"subtract": "subtracted", "add": "added"}[direction], REACHED
    )
    for (kind, name), color, symbol in zip(VECTORS.items(), PALETTE, SYMBOLS, strict=False):
        rows = as_rows(result.tables["layers"], direction=direction, vector=kind)
        layers = [row["layer"].replace("block", "block ") for row in rows]
        add_points_with_interval(chart, layers, [_estimate(row) for row in rows], name, color, symbol=symbol)
        traces(chart)[-1].update(offsetgroup=kind)
    add_reference(chart, result.measurements["base"].value, "cheese shown")
    add_reference(chart, result.measurements["none"].value, "no cheese")
    chart.update_layout(scattermode="group", scattergap=0.5)
    chart.update_yaxes(range=[-0.02, 1.02])
    return chart


def sweep_figure(result: Result) -> go.Figure:
    """Draw P(cheese) against the coefficient, with and without a cheese; the slider sets the layer."""
    chart = new_figure("coefficient of the cheese vector (-1 subtracts it, 1 adds it)", REACHED)
    groups: dict[str, list[int]] = {}
    for layer in dict.fromkeys(result.tables["sweep"]["layer"]):
        first = len(traces(chart))
        for (observation, name), color, dash in zip(CHEESE.items(), PALETTE, DASHES, strict=False):
            rows = as_rows(result.tables["sweep"], layer=layer, cheese=observation)
            columns = ([row[key] for row in rows] for key in ("coefficient", "p", "p_low", "p_high"))
            add_band(chart, *columns, name=name, color=color, dash=dash)
        groups[layer.replace("block", "block ")] = list(range(first, len(traces(chart))))
    chart.update_yaxes(range=[-0.02, 1.02])
    return add_slider(chart, "", groups)


def cells_figure(result: Result) -> go.Figure:
    """Draw P(reaches) by cell, mean over agents; the slider sets what is done. Other cells are not measured."""
    size, cells = result.provenance["settings"]["size"], result.tables["cells"]
    chart = new_figure("column", "row")
    groups: dict[str, list[int]] = {}
    for arm, name in ARMS.items():
        grid: list[list[float | None]] = [[None] * size for _ in range(size)]
        for row, column, p in zip(cells["row"], cells["column"], cells[arm], strict=True):
            grid[row][column] = p
        groups[name] = [len(groups)]
        chart.add_heatmap(
            z=grid,
            zmin=0,
            zmax=1,
            texttemplate="%{z:.2f}",
            colorscale="Cividis",
            colorbar={"title": {"text": "P"}, "outlinecolor": NEUTRAL},
            hovertemplate="row %{y}, column %{x}: %{z:.3f}<extra></extra>",
            xgap=2,
            ygap=2,
        )
    chart.update_yaxes(autorange="reversed", dtick=1, showgrid=False, zeroline=False, scaleanchor="x")
    chart.update_xaxes(dtick=1, showgrid=False, zeroline=False, constrain="domain")
    return add_slider(chart, "", groups)


def _estimate(row: dict) -> Estimate:
    return Estimate(row["p"], row["p_low"], row["p_high"], 0)
