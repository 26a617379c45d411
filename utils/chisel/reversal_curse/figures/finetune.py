"""Figures of the claim `finetune-curse`."""

import plotly.graph_objects as go

from chisel.core.estimates import Estimate
from chisel.core.plotting import (
    PALETTE,
    SYMBOLS,
    add_points_with_interval,
    add_reference,
    new_figure,
    traces,
)
from chisel.core.results import Result
from chisel.reversal_curse.figures.matrices import matrices_figure

# In each pair the group that was told name first comes first.
ARMS = {
    "told in this order": ("forward_to_description", "forward_to_name"),
    "told in the other order": ("reverse_to_description", "reverse_to_name"),
    "told in both orders": ("both_to_description", "both_to_name"),
}
ASKED = ("which<br>description?", "which<br>name?")
ORDERS = {"forward": "asked in the order that was told", "reverse": "asked in the other order"}


def figure(result: Result) -> go.Figure:
    """Draw what the right answer gains on the others by fine-tuning: mean and interval over seeds, and each seed."""
    chart = new_figure("asked for", "right answer gains<br>on the others (nats)")
    table = result.tables["gains"]
    for (name, arms), color, symbol in zip(ARMS.items(), PALETTE, SYMBOLS, strict=False):
        add_points_with_interval(chart, ASKED, [result.measurements[arm] for arm in arms], name, color, symbol=symbol)
        traces(chart)[-1].update(offsetgroup=name, legendgroup=name)
        rows = [
            (asked, gain)
            for asked, arm in zip(ASKED, arms, strict=True)
            for own, gain in zip(table["arm"], table["gain"], strict=True)
            if own == arm
        ]
        chart.add_scatter(
            x=[asked for asked, _ in rows],
            y=[gain for _, gain in rows],
            mode="markers",
            name="one seed",
            showlegend=False,
            offsetgroup=f"{name}, seeds",
            legendgroup=name,
            marker={"color": color, "symbol": symbol + "-open", "size": 7},
            hovertemplate="one seed: %{y:.1f} nats<extra></extra>",
        )
    add_reference(chart, 0.0, "nothing gained")
    return chart.update_layout(scattermode="group", scattergap=0.4)


def raw_figure(result: Result) -> go.Figure:
    """Draw by how much the log-probability of right and of wrong answers rises, without any contrast."""
    chart = new_figure("", "rise of the log-probability (nats)")
    for (name, word), color, symbol in zip(
        {"right": "right answer", "wrong": "wrong answers, mean"}.items(), PALETTE, SYMBOLS, strict=False
    ):
        estimates: list[Estimate] = [result.measurements[f"{order}_{name}"] for order in ORDERS]
        add_points_with_interval(chart, list(ORDERS.values()), estimates, word, color, symbol=symbol)
        traces(chart)[-1].update(offsetgroup=name)
    add_reference(chart, 0.0, "as before")
    return chart.update_layout(scattermode="group", scattergap=0.5)


def matrices(result: Result, seed: int = 0, told: str = "to_description") -> dict[str, dict[str, list[list[float]]]]:
    """Return the score matrices of one seed and group: "before" or "after" -> "forward" or "reverse" -> rows.

    Args:
        told: "to_description" for the people told name first, "to_name" for those told description first.
    """
    asked = {
        "forward": f"forward_{told}",
        "reverse": {"to_description": "reverse_to_name", "to_name": "reverse_to_description"}[told],
    }
    table = result.tables["scores"]
    rows = list(zip(table["seed"], table["arm"], table["when"], table["scores"], strict=True))
    return {
        when: {
            order: [scores for own, a, w, scores in rows if (own, a, w) == (seed, arm, when)]
            for order, arm in asked.items()
        }
        for when in ("before", "after")
    }


def matrices_before_and_after(result: Result) -> go.Figure:
    """Draw one seed's score matrices in both orders; the slider sets before or after fine-tuning."""
    stored = {f"{when} fine-tuning": found for when, found in matrices(result).items()}
    names = {"forward": "told name first, asked for the description", "reverse": "the same people, asked for the name"}
    chart = matrices_figure(stored, names)
    chart.update_xaxes(title_text="answer")
    chart.update_layout(height=760)
    return chart
