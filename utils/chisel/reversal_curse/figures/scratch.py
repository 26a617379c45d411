"""Figures of the claims `reversal-curse` and `tying-and-identity`: one row a set-up, one dot a seed."""

import plotly.graph_objects as go

from chisel.core.plotting import NEUTRAL, PALETTE, SYMBOLS, add_slider, new_figure, traces
from chisel.core.results import Result

SET_UPS = {
    "base": "base",
    "layers_1": "1 layer",
    "layers_4": "4 layers",
    "width_128": "width 128",
    "both_90": "90 % both ways",
    "both_10": "10 % both ways",
    "both_0": "none both ways",
    "unexposed": "no exposure",
    "untrained": "untrained",
    "taught": "reverse trained too",
    "tied": "tied",
    "identical": "identity data",
    "tied_identical": "tied + identity",
    "tied_unexposed": "tied, no exposure",
}
QUANTITIES = {
    "learned_difference": "as it was stated",
    "difference_b_to_a": "reverse, stated A to B",
    "difference_a_to_b": "reverse, stated B to A",
}


def figure(result: Result) -> go.Figure:
    """Draw by how much the right name is ahead, in the trained direction and in both reverse ones."""
    return rows_figure(result, SET_UPS)


def rows_figure(result: Result, set_ups: dict[str, str]) -> go.Figure:
    """Draw one row a set-up: a dot a seed, and mean and interval. The slider leaves the trained direction out.

    Args:
        set_ups: names in words; rows come in this order. A set-up that is not among them goes by its own
            name, after the others.
    """
    chart = new_figure("right name ahead (nats)", "set-up")
    order = list(set_ups)
    variants = sorted(
        result.provenance["settings"]["variants"], key=lambda v: order.index(v) if v in order else len(order)
    )
    words = {variant: set_ups.get(variant, variant) for variant in variants}
    table = result.tables["runs"]
    for (what, name), color, symbol in zip(QUANTITIES.items(), PALETTE, SYMBOLS, strict=False):
        place = {"orientation": "h", "offsetgroup": name, "legendgroup": name, "mode": "markers"}
        chart.add_scatter(
            x=table[what],
            y=[words[variant] for variant in table["variant"]],
            name=f"{name}, each seed",
            showlegend=False,
            hoverinfo="skip",
            meta="drawing",
            marker={"color": color, "size": 4, "opacity": 0.45},
            **place,
        )
        found = [result.measurements[f"{variant}_{what}"] for variant in variants]
        chart.add_scatter(
            x=[estimate.value for estimate in found],
            y=list(words.values()),
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [estimate.high - estimate.value for estimate in found],
                "arrayminus": [estimate.value - estimate.low for estimate in found],
                "thickness": 2,
                "width": 4,
            },
            name=name,
            marker={"color": color, "symbol": symbol, "size": 8},
            customdata=[[estimate.low, estimate.high] for estimate in found],
            hovertemplate="%{y}: %{x:.2f} (%{customdata[0]:.2f} to %{customdata[1]:.2f})",
            **place,
        )
    chart.add_vline(x=0, line={"color": NEUTRAL, "dash": "dash", "width": 1.5})
    every = list(range(len(traces(chart))))
    add_slider(chart, "shown: ", {"all": every, "reverse": every[2:]})
    chart.update_yaxes(categoryorder="array", categoryarray=list(words.values())[::-1], title_standoff=4)
    chart.update_layout(scattermode="group", scattergap=0.4, height=260 + 44 * len(variants))
    return chart
