"""Figures of the claim `pretrained-asymmetry`."""

import plotly.graph_objects as go

from chisel.core.plotting import NEUTRAL, PALETTE, SYMBOLS, add_points_with_interval, add_reference, new_figure, traces
from chisel.core.results import Result
from chisel.core.tables import as_rows

WAYS = {"forward": "usual order", "backward": "other order"}
QUESTIONS = {
    "letters": "letter<br>after,<br>before",
    "months": "month<br>after,<br>before",
    "capitals": "capital,<br>country",
    "books": "author,<br>book",
}
AHEAD = "right answer ahead of the others (nats)"


def figure(result: Result) -> go.Figure:
    """Draw how far the right answer is ahead in each relation and order, over all its pairs."""
    chart = new_figure("asked for", AHEAD)
    relations = result.provenance["settings"]["relations"]
    names = [QUESTIONS[relation] for relation in relations]
    for (way, name), color, symbol in zip(WAYS.items(), PALETTE, SYMBOLS, strict=False):
        estimates = [result.measurements[f"{relation}_{way}"] for relation in relations]
        add_points_with_interval(chart, names, estimates, name, color, symbol=symbol)
        traces(chart)[-1].update(offsetgroup=way)
    add_reference(chart, 0.0, "no preference")
    return chart.update_layout(scattermode="group", scattergap=0.5)


def pairs_figure(result: Result) -> go.Figure:
    """Draw each pair as a point: how far its right answer is ahead in the usual order, and in the other."""
    chart = new_figure("usual order: right answer ahead (nats)", "other order: right answer ahead (nats)")
    table = result.tables["pairs"]
    rows = as_rows(table)
    ends = [min(*table["forward"], *table["backward"]), max(*table["forward"], *table["backward"])]
    chart.add_scatter(
        x=ends, y=ends, mode="lines", name="as far ahead either way", line={"color": NEUTRAL, "dash": "dash"}
    )
    relations = result.provenance["settings"]["relations"]
    for relation, color, symbol in zip(relations, PALETTE, SYMBOLS, strict=False):
        own = [row for row in rows if row["relation"] == relation]
        chart.add_scatter(
            x=[row["forward"] for row in own],
            y=[row["backward"] for row in own],
            mode="markers",
            name=relation,
            marker={"color": color, "symbol": symbol, "size": 8},
            customdata=[[row["a"], row["b"]] for row in own],
            hovertemplate="%{customdata[0]}, %{customdata[1]}: %{x:.1f} and %{y:.1f} nats",
        )
    return chart
