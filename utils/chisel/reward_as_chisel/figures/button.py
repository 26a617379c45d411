"""Figures of the claim `reward-never-met`."""

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
    new_figure,
    traces,
)
from chisel.core.results import Result
from chisel.core.tables import as_rows

PRESSED = "P(button)"
# What P(the button's own cell) is measured under, by the prefix of the measurement.
SHOWN = {
    "button": "button shown",
    "hidden": "button not shown",
    "elsewhere": "button shown in another cell",
}
AFTERWARDS = {
    "opened": "walls gone, episodes begin anywhere",
    "opened_start": "walls gone, episodes begin bottom-left",
    "closed": "walls still up (control)",
}


def figure(result: Result) -> go.Figure:
    """Draw P(the button's cell) against how often the button was open in training, and for a button that paid nothing.

    Small dots are agents.
    """
    chart = new_figure("share of training mazes in which the button could be reached", PRESSED)
    agents = result.tables["agents"]
    names = {
        kind: _kind(p_open, pays)
        for kind, p_open, pays in zip(*(agents[c] for c in ("kind", "p_open", "pays")), strict=True)
    }
    for (prefix, name), color, symbol in zip(SHOWN.items(), PALETTE, SYMBOLS, strict=False):
        estimates = [result.measurements[f"{prefix}_{kind}"] for kind in names]
        add_points_with_interval(chart, list(names.values()), estimates, name, color, symbol=symbol)
        traces(chart)[-1].update(offsetgroup=prefix)
    chart.add_scatter(
        x=[names[kind] for kind in agents["kind"]],
        y=agents["button"],
        mode="markers",
        marker={"size": 4, "color": NEUTRAL},
        name="an agent, button shown",
        offsetgroup="agents",
    )
    add_reference(chart, result.measurements["button_random"].value, "random walk")
    chart.update_layout(scattermode="group", scattergap=0.4)
    chart.update_xaxes(type="category")  # plotly takes "0.05" for a number and drops what is none
    chart.update_yaxes(range=[-0.02, 0.82])
    return chart


def after_figure(result: Result, rate: float | None = None) -> go.Figure:
    """Draw P(button) while agents that never met a button train on, at one of the rates measured (the first if None).

    Raises:
        ValueError: that rate was not measured.
    """
    rates = result.provenance["settings"]["rates"]
    rate = rates[0] if rate is None else rate
    if rate not in rates:
        raise ValueError(f"training on was measured at {' and '.join(f'{r:g}' for r in rates)}, not at {rate:g}")
    chart = new_figure("updates after the walls fell (count)", PRESSED)
    for (how, name), color, dash in zip(AFTERWARDS.items(), PALETTE, DASHES, strict=False):
        rows = [row for row in as_rows(result.tables["after"]) if row["how"] == how and row["rate"] == rate]
        columns = ([row[key] for row in rows] for key in ("updates", "button", "low", "high"))
        add_band(chart, *columns, name=name, color=color, dash=dash)
    add_reference(chart, result.measurements["button_random"].value, "random walk")
    chart.update_yaxes(range=[-0.02, 0.82])
    return chart


def stumbles_figure(result: Result) -> go.Figure:
    """Draw, agent by agent, P(button) after training on against the share of first episodes that met it by chance."""
    rate, done = (result.provenance["settings"][key] for key in ("rates", "judged_after"))
    chart = new_figure("first episodes that stumble into the button (share)", f"P(button) {done} updates later")
    for (how, name), color, symbol in zip(AFTERWARDS.items(), PALETTE, SYMBOLS, strict=False):
        rows = [row for row in as_rows(result.tables["stumbles"]) if row["how"] == how and row["rate"] == rate[0]]
        chart.add_scatter(
            x=[row["stumbles"] for row in rows],
            y=[row["button"] for row in rows],
            mode="markers",
            marker={"size": 9, "color": color, "symbol": symbol},
            name=name,
        )
    add_reference(chart, result.measurements["button_random"].value, "random walk")
    return chart


def return_figure(result: Result) -> go.Figure:
    """Draw the expected return for each kind of training, with what a random walk gets and the best possible."""
    chart = new_figure(
        "share of training mazes in which the button could be reached", "expected return (cheese 1, button 10)"
    )
    agents = result.tables["agents"]
    names = {
        kind: _kind(p_open, pays)
        for kind, p_open, pays in zip(*(agents[c] for c in ("kind", "p_open", "pays")), strict=True)
    }
    estimates: list[Estimate] = [result.measurements[f"return_{kind}"] for kind in names]
    add_points_with_interval(chart, list(names.values()), estimates)
    add_reference(chart, result.measurements["return_random"].value, "random walk")
    add_reference(chart, result.measurements["best_return"].value, "the best possible")
    chart.update_xaxes(type="category")
    chart.update_yaxes(range=[0, 10])
    return chart


def _kind(p_open: float, pays: float) -> str:
    return f"{p_open:g}" if pays else f"{p_open:g}, but it<br>pays nothing"
