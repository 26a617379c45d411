"""Figures of the claim `appetites`."""

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

STATES = {
    "hungry": "hungry",
    "thirsty": "thirsty",
    "both": "both<br>(never met)",
    "neither": "neither<br>(never met)",
    "half": "half and half<br>(never met)",
}
MET = {"cheese": "cheese first", "water": "water first", "none": "neither in time"}
EDITS = {
    "same_tiles": "hunger, same two cells",
    "general": "hunger, mean over all cells",
    "wrong_tiles": "hunger, two other cells",
    "tiles": "the two tiles themselves",
    "random": "random vector",
}
DOSED = ("same_tiles", "general")
FLIPPED = "P(the tile that the edit asks for first)"


def figure(result: Result, arm: str = "informed") -> go.Figure:
    """Draw what is met first in each state, by agents that are "informed" by it or by "control" agents.

    Raises:
        ValueError: another arm.
    """
    if arm not in ("informed", "control"):
        raise ValueError(f"agents are informed or control, not {arm!r}")
    chart = new_figure("inner state that the agent sees", "probability")
    for (key, name), color, symbol in zip(MET.items(), PALETTE, SYMBOLS, strict=False):
        estimates = [result.measurements[f"{key}_{state}_{arm}"] for state in STATES]
        add_points_with_interval(chart, list(STATES.values()), estimates, name, color, symbol=symbol)
        traces(chart)[-1].update(offsetgroup=key)
    chart.update_layout(scattermode="group", scattergap=0.5)
    chart.update_xaxes(tickangle=0)
    chart.update_yaxes(range=[-0.02, 1.02])
    return chart


def edits_figure(result: Result) -> go.Figure:
    """Draw how often each edit turns the agent to the other tile, layer by layer."""
    chart = new_figure("layer after which the vector is added", FLIPPED)
    for (edit, name), color, symbol in zip(EDITS.items(), PALETTE, SYMBOLS, strict=False):
        rows = [row for row in as_rows(result.tables["edits"]) if row["edit"] == edit and row["dose"] == 1]
        layers = [f"block {int(row['layer'].split('.')[1]) + 1}" for row in rows]
        add_points_with_interval(chart, layers, [_estimate(row, "asked") for row in rows], name, color, symbol=symbol)
        traces(chart)[-1].update(offsetgroup=edit)
    add_reference(chart, result.measurements["right_first_informed"].value, "state really switched")
    chart.update_layout(scattermode="group", scattergap=0.4)
    chart.update_yaxes(range=[-0.02, 1.06])
    return chart


def doses_figure(result: Result) -> go.Figure:
    """Draw what more or less of a vector does; the slider sets the layer."""
    chart = new_figure("how much of the vector is added (1: as measured)", FLIPPED)
    groups: dict[str, list[int]] = {}
    rows = as_rows(result.tables["edits"])
    for layer in dict.fromkeys(row["layer"] for row in rows):
        first = len(traces(chart))
        for edit, color, dash in zip(DOSED, PALETTE, DASHES, strict=False):
            found = [row for row in rows if (row["layer"], row["edit"]) == (layer, edit)]
            found.sort(key=lambda row: row["dose"])
            columns = ([row[key] for row in found] for key in ("dose", "asked", "asked_low", "asked_high"))
            add_band(chart, *columns, name=EDITS[edit], color=color, dash=dash)
        groups[f"block {int(layer.split('.')[1]) + 1}"] = list(range(first, len(traces(chart))))
    chart.update_yaxes(range=[-0.02, 1.02])
    return add_slider(chart, "", groups)


def levels_figure(result: Result) -> go.Figure:
    """Draw P(cheese first), P(water first) and P(neither) for all levels of the state channels; the slider picks."""
    table = result.tables["levels"]
    levels = sorted(set(table["hungry"]))
    found = {(row["hungry"], row["thirsty"]): row for row in as_rows(result.tables["levels"])}
    chart = new_figure("level of the channel hungry", "level of the channel thirsty")
    groups: dict[str, list[int]] = {}
    for key, name in MET.items():
        grid = [[_met(found[hungry, thirsty], key) for hungry in levels] for thirsty in levels]
        groups[name] = [len(groups)]
        chart.add_heatmap(
            x=levels,
            y=levels,
            z=grid,
            text=[[f"{value:.2f}" for value in line] for line in grid],
            texttemplate="%{text}",
            colorscale="Cividis",
            zmin=0,
            zmax=1,
            colorbar={"title": {"text": "P"}, "outlinecolor": NEUTRAL},
            hovertemplate="hungry %{x}, thirsty %{y}: %{z:.2f}<extra></extra>",
            xgap=2,
            ygap=2,
        )
    chart.update_xaxes(tickvals=levels, showgrid=False, zeroline=False)
    chart.update_yaxes(tickvals=levels, showgrid=False, zeroline=False)
    return add_slider(chart, "", groups)


def _met(row: dict, key: str) -> float:
    return row[key] if key != "none" else 1 - row["cheese"] - row["water"]


def _estimate(row: dict, column: str) -> Estimate:
    return Estimate(row[column], row[f"{column}_low"], row[f"{column}_high"], 0)
