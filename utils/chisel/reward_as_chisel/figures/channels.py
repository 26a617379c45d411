"""Figures of the claim `few-channels`."""

import plotly.graph_objects as go

from chisel.core.plotting import (
    DASHES,
    PALETTE,
    add_band,
    add_reference,
    add_slider,
    new_figure,
    traces,
)
from chisel.core.results import Result

ASKED = {
    "edit": "edit in the target cell",
    "elsewhere": "the same, with a cheese shown elsewhere",
    "other_channels": "same numbers, other channels",
    "wrong_cell": "same edit, wrong cell",
}
PATCHES = {"cell": "target cell", "3x3": "3x3 cells", "painted": "3x3 painted alike"}
TARGET, EDITED = "P(reaches the target cell)", "channels edited (count)"


def figure(result: Result) -> go.Figure:
    """Draw P(target) against the number of channels, for the edit that did best on the other half of the agents."""
    chart = new_figure(EDITED, TARGET)
    best = result.tables["best"]
    for (asked, name), color, dash in zip(ASKED.items(), PALETTE, DASHES, strict=False):
        _add(chart, best["channels"], best, range(len(best["channels"])), asked, name, color, dash)
    add_reference(chart, result.measurements["shown"].value, "cheese shown in the target")
    add_reference(chart, result.measurements["none"].value, "no edit")
    return _log_channels(chart, best["channels"])


def edits_figure(result: Result) -> go.Figure:
    """Draw P(target) against the number of channels, one line a kind of edit; the slider sets layer and magnitude."""
    chart = new_figure(EDITED, TARGET)
    table = result.tables["edits"]
    kinds = list(dict.fromkeys(zip(table["mode"], table["patch"], strict=True)))
    groups: dict[str, list[int]] = {}
    for layer, magnitude in dict.fromkeys(zip(table["layer"], table["magnitude"], strict=True)):
        first = len(traces(chart))
        for (mode, patch), color, dash in zip(kinds, PALETTE, DASHES, strict=False):
            wanted = (layer, magnitude, mode, patch)
            keys = zip(table["layer"], table["magnitude"], table["mode"], table["patch"], strict=True)
            rows = [index for index, key in enumerate(keys) if key == wanted]
            channels = [table["channels"][index] for index in rows]
            _add(chart, channels, table, rows, "edit", f"{mode}, {PATCHES[patch]}", color, dash)
        block = int(layer.split(".")[1]) + 1
        groups[f"block {block}, {magnitude:g} times"] = list(range(first, len(traces(chart))))
    return add_slider(_log_channels(chart, sorted(set(table["channels"]))), "", groups)


def _add(chart: go.Figure, channels, table, rows, asked: str, name: str, color: str, dash: str) -> None:
    columns = ([table[key][index] for index in rows] for key in (asked, f"{asked}_low", f"{asked}_high"))
    add_band(chart, channels, *columns, name=name, color=color, dash=dash)


def _log_channels(chart: go.Figure, channels) -> go.Figure:
    chart.update_xaxes(type="log", tickvals=channels, ticktext=[str(count) for count in channels])
    chart.update_yaxes(range=[-0.02, 1.02])
    return chart
