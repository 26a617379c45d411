"""Figure of the claim `which-influence`."""

import plotly.graph_objects as go

from chisel.core.plotting import PALETTE, SYMBOLS, add_points_with_interval, add_reference, new_figure
from chisel.core.results import Result

FEATURES = {
    "to_cheese": "steps to the cheese",
    "to_corner": "steps to the corner",
    "euclid": "straight line,<br>cheese to corner",
}
WALKERS = {
    "trained": "trained",
    "untrained": "untrained network",
    "random": "random walk",
    "random_forced_kept": "random walk, forced mazes kept",
}


def figure(result: Result, region: int = 2) -> go.Figure:
    """Draw the standardised coefficients of what comes first, for agents trained with the cheese in one region."""
    chart = new_figure("feature of a maze", "coefficient (log odds per SD)")
    table = result.tables["coefficients"]
    rows = list(zip(table["region"], table["walker"], table["feature"], table["coefficient"], strict=True))
    for (walker, label), color, symbol in zip(WALKERS.items(), PALETTE, SYMBOLS, strict=False):
        dots = [(FEATURES[feature], y) for k, who, feature, y in rows if k == region and who == walker]
        chart.add_scatter(
            x=[x for x, _ in dots],
            y=[y for _, y in dots],
            mode="markers",
            marker={"color": color, "size": 5, "opacity": 0.35, "symbol": symbol},
            name=f"{label}, each agent",
            offsetgroup=walker,
            hoverinfo="skip",
            showlegend=False,
        )
        estimates = [result.measurements[f"{walker}_{feature}_k{region}"] for feature in FEATURES]
        add_points_with_interval(chart, list(FEATURES.values()), estimates, label, color, symbol=symbol)
        chart.data[-1].update(offsetgroup=walker)
    chart.update_layout(scattermode="group", scattergap=0.4)
    return add_reference(chart, 0.0, "no influence")
