"""Figures of the claim `never-sampled`."""

import plotly.graph_objects as go

from chisel.core.estimates import Estimate
from chisel.core.plotting import DASHES, PALETTE, SYMBOLS, add_points_with_interval, new_figure
from chisel.core.results import Result
from chisel.core.tables import as_rows

NAMES = {"vanilla": "vanilla PG", "natural": "natural PG"}


def figure(result: Result) -> go.Figure:
    """Draw the chance that the better arm is still undrawn: exact products as lines, simulations as points.

    Points of the smallest and the largest reward of the better arm lie on each other, for no run differs.
    """
    chart = new_figure("draws", "better arm never drawn (share of runs)")
    exact = result.tables["exact"]
    for algorithm, color, dash in zip(NAMES, PALETTE, DASHES, strict=False):
        every = zip(exact["algorithm"], exact["step"], exact["never"], strict=True)
        points = [row for row in every if row[0] == algorithm]
        chart.add_scatter(
            x=[step for _, step, _ in points],
            y=[share for _, _, share in points],
            mode="lines",
            line={"color": color, "dash": dash, "width": 2.5},
            name=f"{NAMES[algorithm]}, exact",
        )
    multipliers = sorted(set(result.tables["simulated"]["multiplier"]))
    for algorithm, color in zip(NAMES, PALETTE, strict=False):
        for multiplier, symbol in ((multipliers[0], "circle"), (multipliers[-1], "x")):
            name = f"{NAMES[algorithm]}, better arm pays x{multiplier:g}"
            _add_points(chart, _rows(result, algorithm, 0.0, multiplier), "never", name, color, symbol)
    floor = max(result.tables["simulated"]["floor"])
    name = f"vanilla PG, {floor:.0%} of the draws uniform"
    _add_points(chart, _rows(result, "vanilla", floor, multipliers[0]), "never", name, PALETTE[2], "diamond")
    chart.update_xaxes(type="log")
    chart.update_yaxes(type="log", range=[-4.3, 0.1])
    return chart


def low_figure(result: Result) -> go.Figure:
    """Draw two things that are often confused: never drawn so far, and a low probability now (vanilla PG)."""
    chart = new_figure("draws", "share of runs")
    multipliers = sorted(set(result.tables["simulated"]["multiplier"]))
    kinds = (("never", "never drew the better arm"), ("low", "its probability is low"))
    styles = iter(zip(PALETTE, SYMBOLS, strict=True))
    for column, words in kinds:
        for multiplier in (multipliers[0], multipliers[-1]):
            color, symbol = next(styles)
            found = _rows(result, "vanilla", 0.0, multiplier)
            _add_points(chart, found, column, f"{words}, it pays x{multiplier:g}", color, symbol)
    chart.update_xaxes(type="log")
    chart.update_yaxes(range=[-0.03, 1.03])
    return chart


def _rows(result: Result, algorithm: str, floor: float, multiplier: float) -> list[dict]:
    return as_rows(result.tables["simulated"], algorithm=algorithm, floor=floor, multiplier=multiplier)


def _add_points(chart: go.Figure, found: list[dict], column: str, name: str, color: str, symbol: str) -> None:
    shown = [row for row in found if row[column] > 0] if column == "never" else found  # a log axis has no place for 0
    estimates = [Estimate(row[column], row[f"{column}_low"], row[f"{column}_high"], 0) for row in shown]
    add_points_with_interval(chart, [row["step"] for row in shown], estimates, name, color, symbol=symbol)
