"""Figures of the claim `dis-reward`."""

import plotly.graph_objects as go

from chisel.core.plotting import DASHES, NEUTRAL, PALETTE, add_band, add_slider, new_figure, traces
from chisel.core.results import Result
from chisel.core.tables import as_rows

SIGNS = {"minus": "reward -1", "zero": "no reward", "plus": "reward 1, as in training"}
QUANTITIES = {
    "cheese": "eats the cheese, where it was in training",
    "enters": "enters the upper right, no cheese shown",
    "idle": "gets to the upper right and does not eat",
    "off_path": "eats the cheese, where it never was",
    "near_start": "share of time at the start, no cheese shown",
}


def figure(result: Result) -> go.Figure:
    """Draw what an agent does against the number of updates, one band a reward; the slider sets the quantity."""
    chart = new_figure("updates (count)", "probability")
    region = result.provenance["settings"]["regions"][0]
    checkpoints = result.provenance["settings"]["checkpoints"]
    groups: dict[str, list[int]] = {}
    for what, words in QUANTITIES.items():
        first = len(traces(chart))
        for (sign, name), color, dash in zip(SIGNS.items(), PALETTE, DASHES, strict=False):
            rows = as_rows(result.tables["curves"], region=region, sign=sign, what=what)
            places = [checkpoints.index(row["updates"]) for row in rows]  # evenly spaced: most happens early
            columns = ([row[key] for row in rows] for key in ("p", "p_low", "p_high"))
            add_band(chart, places, *columns, name=name, color=color, dash=dash)
        groups[words] = list(range(first, len(traces(chart))))
    chart.update_xaxes(tickvals=list(range(len(checkpoints))), ticktext=[str(updates) for updates in checkpoints])
    chart.update_yaxes(range=[-0.02, 1.02])
    return add_slider(chart, "", groups)


def visits_figure(result: Result) -> go.Figure:
    """Draw where an agent spends its time with no cheese shown, reward -1, mean over agents; the slider sets when."""
    settings = result.provenance["settings"]
    size, region = settings["size"], settings["regions"][0]
    chart = new_figure("column", "row")
    groups: dict[str, list[int]] = {}
    for updates in settings["checkpoints"]:
        shares = [
            row["share"] for row in as_rows(result.tables["visits"], region=region, sign="minus", updates=updates)
        ]
        groups[str(updates)] = [len(groups)]
        chart.add_heatmap(
            z=[shares[row * size : (row + 1) * size] for row in range(size)],
            colorscale="Cividis",
            zmin=0,
            zmax=0.5,
            colorbar={"title": {"text": "share<br>of time"}, "outlinecolor": NEUTRAL},
            hovertemplate="row %{y}, column %{x}: %{z:.1%} of the time<extra></extra>",
            xgap=2,
            ygap=2,
        )
    chart.update_yaxes(autorange="reversed", dtick=1, showgrid=False, zeroline=False, scaleanchor="x")
    chart.update_xaxes(dtick=1, showgrid=False, zeroline=False, constrain="domain")
    return add_slider(chart, "updates ", groups)
