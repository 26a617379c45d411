"""Figure of the claim `in-context`."""

import plotly.graph_objects as go

from chisel.core.plotting import DASHES, PALETTE, add_band, new_figure
from chisel.core.results import Result

CURVES = {
    "weights_learned": "in the weights, as stated",
    "context_stated": "in the context, as stated",
    "context_inverse": "in the context, inverse",
    "told_inverse": "facts told in the context, inverse",
    "weights_inverse": "in the weights, inverse",
}


def figure(result: Result, arm: str = "separate") -> go.Figure:
    """Draw what one network answers while it learns, in the context and from its weights.

    Args:
        arm: "separate", contexts about entities that are in no fact; or "shared", about those of the facts.

    Raises:
        ValueError: another arm.
    """
    table = result.tables["curves"]
    if arm not in table["arm"]:
        raise ValueError(f"unknown arm {arm!r}: use one of {', '.join(dict.fromkeys(table['arm']))}")
    chart = new_figure("updates (count)", "right answers (share)")
    columns = zip(*(table[name] for name in ("arm", "what", "steps", "mean", "low", "high")), strict=True)
    rows = [row for row in columns if row[0] == arm]
    for (what, name), color, dash in zip(CURVES.items(), PALETTE, DASHES, strict=False):
        steps, mean, low, high = zip(*(row[2:] for row in rows if row[1] == what), strict=True)
        add_band(chart, steps, mean, low, high, name, color, dash=dash)
    chart.update_yaxes(range=[-0.05, 1.05])
    return chart.update_layout(height=480)
