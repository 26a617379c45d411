"""Score matrices: who is given which name, in the trained direction and in reverse."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from chisel.core.plotting import NEUTRAL, TEMPLATE, add_slider, traces
from chisel.core.results import Result
from chisel.reversal_curse.figures.scratch import SET_UPS

DIRECTIONS = {
    "learned": "as it was stated, A to B",
    "b_to_a": "reverse, stated A to B",
    "a_to_b": "reverse, stated B to A",
}
Matrix = Sequence[Sequence[float]]
LOW, HIGH = -2.0, 8.0  # nats; one scale for all matrices, so that bright means the same everywhere


def stored(*results: Result) -> dict[str, dict[str, list[list[float]]]]:
    """Return the score matrices of seed 0 by set-up and direction, of all results together."""
    found: dict[str, dict[str, list[list[float]]]] = {}
    for result in results:
        table = result.tables["matrices"]
        for variant, direction, scores in zip(table["variant"], table["direction"], table["scores"], strict=True):
            found.setdefault(variant, {}).setdefault(direction, []).append(scores)
    return {name: found[name] for name in sorted(found, key=[*SET_UPS].index)}


def centred(scores: Matrix) -> list[list[float]]:
    """Take the mean of each column out, then that of each row: what is left is who is given which name."""
    size = len(scores)
    columns = [sum(row[j] for row in scores) / size for j in range(size)]
    less = [[score - column for score, column in zip(row, columns, strict=True)] for row in scores]
    return [[round(score - sum(row) / size, 3) for score in row] for row in less]


def figure(result: Result) -> go.Figure:
    """Draw the matrices of a stored result; the slider sets the set-up."""
    return matrices_figure({SET_UPS[name]: matrices for name, matrices in stored(result).items()})


def matrices_figure(matrices: Mapping[str, Mapping[str, Matrix]], names: Mapping[str, str] = DIRECTIONS) -> go.Figure:
    """Draw a matrix as it was stated and, below it, one in reverse, with the right names marked.

    Args:
        matrices: set-up -> direction -> scores. The first and the second direction of `names` are drawn.
        names: of the directions, in words.
    """
    above, below = list(names)[:2]
    chart = make_subplots(rows=2, cols=1, subplot_titles=[names[above], names[below]], vertical_spacing=0.14)
    chart.update_layout(template=TEMPLATE)
    groups: dict[str, list[int]] = {}
    for set_up, own in matrices.items():
        first = len(traces(chart))
        for row, direction in enumerate((above, below), start=1):
            for trace in matrix_traces(own[direction], names[direction], scale=row == 1):
                chart.add_trace(trace, row=row, col=1)
        groups[set_up] = list(range(first, len(traces(chart))))
    frame_matrices(chart)
    add_slider(chart, "", groups)
    return chart.update_layout(height=860, margin={"t": 48})


def matrix_traces(scores: Matrix, name: str, scale: bool = True) -> tuple[go.Heatmap, go.Scatter]:
    """Return a heat map of the centred scores and squares around the right names."""
    numbers = [str(index + 1) for index in range(len(scores))]
    cells = go.Heatmap(
        z=centred(scores),
        x=numbers,
        y=numbers,
        zmin=LOW,
        zmax=HIGH,
        name=name,
        colorscale="Cividis",
        showscale=scale,
        colorbar={"title": {"text": "nats"}, "outlinecolor": NEUTRAL, "thickness": 12},
        hovertemplate="after prompt %{y}, name %{x}: %{z:.1f} nats<extra></extra>",
        xgap=1,
        ygap=1,
    )
    squares = go.Scatter(
        x=numbers,
        y=numbers,
        mode="markers",
        meta="drawing",
        showlegend=False,
        hoverinfo="skip",
        marker={"symbol": "square-open", "size": 13, "color": "#ffffff", "line": {"width": 1.5}},
    )
    return cells, squares


def frame_matrices(chart: go.Figure) -> None:
    """Make cells square, the first prompt the top one, and say what the axes are."""
    shared = {"type": "category", "showgrid": False, "zeroline": False}
    chart.update_yaxes(title_text="prompt", autorange="reversed", **shared)
    chart.update_xaxes(title_text="name", constrain="domain", **shared)
    for number, axis in enumerate(chart.select_yaxes(), start=1):
        axis.update(scaleanchor="x" if number == 1 else f"x{number}", constrain="domain")
