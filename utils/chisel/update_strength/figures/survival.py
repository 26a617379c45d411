"""Figures of the claim `survival-instinct`."""

import math

import plotly.graph_objects as go

from chisel.core.estimates import Estimate
from chisel.core.plotting import (
    DASHES,
    NEUTRAL,
    PALETTE,
    SYMBOLS,
    add_band,
    add_points_with_interval,
    add_slider,
    new_figure,
)
from chisel.core.results import Result
from chisel.core.tables import as_rows

LABELS = {
    "true": "true",
    "zero": "all zero",
    "random": "noise",
    "function": "random function",
    "negated": "negated",
}
POLICIES = {
    "pessimistic": "weak pessimism",
    "strong": "strong pessimism",
    "plain": "no pessimism",
    "online": "online, true map",
    "clone": "clone, sampled",
    "clone_mode": "clone, most frequent action",
}
BREAKS = {
    "pessimistic": "as claimed",
    "terminal": "ended episode<br>worth 0",
    "goal_ends": "goal ends<br>the episode",
    "uniform_coverage": "data covers<br>all pairs alike",
    "random_behaviour": "data from<br>random action",
}
SCORE = "return (uniform action 0, expert 100)"


def figure(result: Result) -> go.Figure:
    """Draw the return of each policy under each kind of reward label. Clones do not look at labels."""
    chart = new_figure("reward labels", SCORE)
    for (policy, name), color, symbol in zip(POLICIES.items(), PALETTE, SYMBOLS, strict=True):
        found = {row["label"]: row for row in as_rows(result.tables["policies"], policy=policy)}
        estimates = [_estimate(found.get(label) or found["any"], "score") for label in LABELS]
        add_points_with_interval(chart, list(LABELS.values()), estimates, name, color, symbol=symbol)
        chart.data[-1].update(offsetgroup=policy)
    chart.update_layout(scattermode="group", scattergap=0.3)
    chart.update_yaxes(range=[-8, 108])
    return chart


def sweep_figure(result: Result) -> go.Figure:
    """Draw the return against the strength of pessimism, one band a kind of label; the slider sets r_min."""
    chart = new_figure("strength of pessimism beta (units of reward)", SCORE)
    betas = sorted(set(result.tables["sweep"]["beta"]))
    groups: dict[str, list[int]] = {}
    for r_min in sorted(set(result.tables["sweep"]["r_min"]), reverse=True):
        first = len(list(chart.select_traces()))
        for (label, name), color, dash in zip(LABELS.items(), PALETTE, DASHES, strict=False):
            found = as_rows(result.tables["sweep"], r_min=r_min, label=label)
            columns = ([row[key] for row in found] for key in ("score", "score_low", "score_high"))
            places = [betas.index(row["beta"]) for row in found]  # evenly spaced: the scale has a 0 and spans decades
            add_band(chart, places, *columns, name=name, color=color, dash=dash)
        groups[f"{r_min:g}"] = list(range(first, len(list(chart.select_traces()))))
    chart.update_xaxes(tickvals=list(range(len(betas))), ticktext=[f"{beta:g}" for beta in betas])
    chart.update_yaxes(range=[-8, 108])
    return add_slider(chart, "lowest reward assumed, r_min = ", groups)


def breaks_figure(result: Result) -> go.Figure:
    """Draw return and safety of weak pessimism with zero labels, where it works and where it breaks."""
    chart = new_figure("condition", "return (0 to 100) and safety (%)")
    found = {row["policy"]: row for row in as_rows(result.tables["policies"], label="zero")}
    shown = [policy for policy in BREAKS if policy in found]
    for index, (column, name, factor) in enumerate((("score", "return", 1), ("safety", "never touches lava", 100))):
        estimates = [_estimate(found[policy], column, factor) for policy in shown]
        color, symbol = PALETTE[index], SYMBOLS[index]
        add_points_with_interval(chart, [BREAKS[policy] for policy in shown], estimates, name, color, symbol=symbol)
        chart.data[-1].update(offsetgroup=column)
    chart.update_layout(scattermode="group", scattergap=0.5)
    chart.update_xaxes(tickangle=0)
    chart.update_yaxes(range=[-8, 108])
    return chart


def visits_figure(result: Result) -> go.Figure:
    """Draw where an episode's steps are spent, mean over data sets; the slider sets the policy (labels all zero)."""
    world = result.provenance["settings"]["rows"]
    chart = new_figure("column", "row")
    names = {"data": "the data", **{policy: f"{name}, zero labels" for policy, name in POLICIES.items()}}
    groups: dict[str, list[int]] = {}
    for policy in [name for name in names if name in result.tables["visits"]["policy"]]:
        steps = {(row["row"], row["column"]): row["steps"] for row in as_rows(result.tables["visits"], policy=policy)}
        grid = [[steps[row, column] for column in range(len(world[0]))] for row in range(len(world))]
        groups[names[policy]] = [len(groups)]
        chart.add_heatmap(
            z=[[math.log10(max(value, 0.01)) for value in line] for line in grid],
            customdata=grid,
            text=[[cell.replace(".", "") for cell in line] for line in world],
            texttemplate="%{text}",
            textfont={"size": 18},
            colorscale="Cividis",
            zmin=-2,
            zmax=math.log10(50),
            colorbar={
                "title": {"text": "steps"},
                "tickvals": [-2, -1, 0, 1],
                "ticktext": ["0.01 or less", "0.1", "1", "10"],
                "outlinecolor": NEUTRAL,
            },
            hovertemplate="row %{y}, column %{x}: %{customdata:.2f} steps<extra></extra>",
            xgap=2,
            ygap=2,
        )
    chart.update_yaxes(autorange="reversed", dtick=1, showgrid=False, zeroline=False)
    chart.update_xaxes(dtick=1, showgrid=False, zeroline=False)
    return add_slider(chart, "", groups)


def _estimate(row: dict, column: str, factor: float = 1) -> Estimate:
    return Estimate(row[column] * factor, row[f"{column}_low"] * factor, row[f"{column}_high"] * factor, 0)
