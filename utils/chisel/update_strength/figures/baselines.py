"""Figures of the claim `baseline-commitment`."""

import plotly.graph_objects as go

from chisel.core.estimates import Estimate
from chisel.core.plotting import DASHES, PALETTE, SYMBOLS, add_band, add_points_with_interval, new_figure
from chisel.core.results import Result
from chisel.core.tables import as_rows

# From the lowest baseline to the highest at the start of a run, so that a figure reads from left to right.
ORDER = ("-1", "b* - 1", "0", "V", "b* - 0.5", "b* - 0.25", "b*", "b* + 0.25", "b* + 0.5", "b* + 1")
RATES = (0.05, 0.1, 0.2, 0.5)
ALGORITHMS = {"natural": "natural policy gradient", "vanilla": "vanilla policy gradient"}


def rows(result: Result, **wanted: object) -> list[dict]:
    """Return the rows of the table "commitment" in which every column named in `wanted` has the wanted value."""
    return as_rows(result.tables["commitment"], **wanted)


def ordered(labels: set[str]) -> list[str]:
    """Return baseline labels from low to high, unknown ones last."""
    return sorted(labels, key=lambda label: (ORDER.index(label) if label in ORDER else len(ORDER), label))


def figure(result: Result, algorithm: str = "natural") -> go.Figure:
    """Draw the share of runs that end committed to a worse arm, by baseline, one colour a learning rate."""
    last = max(result.tables["commitment"]["step"])
    chart = new_figure("baseline", f"runs on a worse arm after {last} updates (share)")
    found = rows(result, algorithm=algorithm, step=last)
    labels = ordered({row["baseline"] for row in found})
    rates = [rate for rate in RATES if any(row["learning_rate"] == rate for row in found)]
    for rate, color, symbol in zip(rates, PALETTE, SYMBOLS, strict=False):
        by_label = {row["baseline"]: row for row in found if row["learning_rate"] == rate}
        estimates = [_estimate(by_label[label]) for label in labels]
        add_points_with_interval(chart, labels, estimates, f"learning rate {rate:g}", color, symbol=symbol)
        chart.data[-1].update(offsetgroup=f"{rate:g}")
    chart.update_layout(scattermode="group", scattergap=0.3)
    chart.update_xaxes(type="category")
    chart.update_yaxes(range=[-0.03, 1.03])
    return chart


def variance_figure(result: Result) -> go.Figure:
    """Draw the exact variance of the one-draw gradient against the baseline, with 0, V and b* marked."""
    curve, named = result.tables["variance"], result.tables["variance_named"]
    chart = new_figure("baseline (units of reward)", "gradient variance (squared units of reward)")
    line = {"color": PALETTE[0], "width": 2.5}
    chart.add_scatter(x=curve["baseline"], y=curve["variance"], mode="lines", line=line, name="variance")
    marks = zip(named["name"], named["baseline"], named["variance"], PALETTE[1:], SYMBOLS[1:], strict=False)
    for name, baseline, variance, color, symbol in marks:
        if baseline <= max(curve["baseline"]):
            marker = {"color": color, "size": 12, "symbol": symbol}
            chart.add_scatter(x=[baseline], y=[variance], mode="markers", marker=marker, name=name)
    return chart


def over_time_figure(result: Result, learning_rate: float = 0.1, algorithm: str = "natural") -> go.Figure:
    """Draw the share of runs committed to a worse arm against updates, one band a baseline."""
    chart = new_figure("updates", "runs committed to a worse arm (share)")
    chart.update_xaxes(type="log")
    chart.update_yaxes(range=[-0.03, 1.03])
    add_over_time(chart, result, learning_rate, algorithm)
    return chart


def add_over_time(chart: go.Figure, result: Result, learning_rate: float, algorithm: str) -> list[int]:
    """Add one band a baseline to `chart` and return the indices of the new traces."""
    first = len(list(chart.select_traces()))
    measured = set(result.tables["commitment"]["baseline"])
    wanted = [label for label in ("0", "b* - 0.5", "V", "b*", "b* + 0.5") if label in measured]
    for label, color, dash in zip(wanted, PALETTE, DASHES, strict=False):
        found = rows(result, algorithm=algorithm, learning_rate=learning_rate, baseline=label)
        steps, mean, low, high = ([row[key] for row in found] for key in ("step", "worse", "low", "high"))
        add_band(chart, steps, mean, low, high, f"baseline {label}", color, dash=dash)
    return list(range(first, len(list(chart.select_traces()))))


def _estimate(row: dict) -> Estimate:
    return Estimate(row["worse"], row["low"], row["high"], 0)
