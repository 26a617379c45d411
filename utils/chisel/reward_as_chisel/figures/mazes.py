"""Pictures of mazes: walls, what a policy does in each cell, where it spends its time, and the cheese.

Everything is plain numbers, so that stored tables and live tensors are drawn alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from chisel.core.plotting import GRID, NEUTRAL, PALETTE, TEMPLATE

ARROWS = ("triangle-up", "triangle-down", "triangle-left", "triangle-right", "circle")
_WALLS = 1  # which of a panel's four traces are the walls; they stay as they are from frame to frame
WORDS = ("up", "down", "left", "right", "stay")


@dataclass(frozen=True)
class Panel:
    """One maze with one policy in it.

    Attributes:
        title: above the picture; may hold <br>.
        opened: [S][4] bool, where one can walk.
        probs: [S][5] probability of each action, or None for the bare maze.
        visits: [S] expected steps spent in each cell, or None.
        cheese: its cell, or None.
        start: the cell of the start, or None.
    """

    title: str
    opened: Sequence[Sequence[bool]]
    probs: Sequence[Sequence[float]] | None = None
    visits: Sequence[float] | None = None
    cheese: int | None = None
    start: int | None = None

    @property
    def size(self) -> int:
        """Cells along a side."""
        return round(len(self.opened) ** 0.5)


def mazes_figure(panels: Sequence[Panel], columns: int = 4) -> go.Figure:
    """Draw mazes side by side: brightness is time spent, an arrow the likeliest action (larger if surer)."""
    return _canvas(panels, columns)


def animated_figure(frames: Sequence[tuple[str, Sequence[Panel]]], prefix: str, columns: int = 2) -> go.Figure:
    """Draw frames of panels, each with its label, with a play button and a slider.

    Args:
        frames: (label, panels), the same number of panels in each frame.
        prefix: what the slider changes, shown before the label.
    """
    figure = _canvas(frames[0][1], columns)
    figure.frames = [
        go.Frame(
            name=label,
            data=[trace for panel in panels for i, trace in enumerate(_traces(panel)) if i != _WALLS],
            traces=[4 * number + i for number in range(len(panels)) for i in range(4) if i != _WALLS],
            layout={"annotations": _titles(figure, panels)},
        )
        for label, panels in frames
    ]
    still = {"mode": "immediate", "frame": {"duration": 0, "redraw": True}, "transition": {"duration": 0}}
    moving = {**still, "fromcurrent": True, "frame": {"duration": 700, "redraw": True}}
    steps = [{"label": label, "method": "animate", "args": [[label], still]} for label, _ in frames]
    figure.update_layout(
        sliders=[
            {
                "currentvalue": {"prefix": prefix, "font": {"color": NEUTRAL}},
                "font": {"color": NEUTRAL},
                "bgcolor": GRID,
                "activebgcolor": PALETTE[0],
                "bordercolor": NEUTRAL,
                "tickcolor": NEUTRAL,
                "pad": {"t": 24, "l": 96},
                "steps": steps,
            }
        ],
        updatemenus=[
            {
                "type": "buttons",
                "direction": "left",
                "showactive": False,
                "x": 0,
                "xanchor": "left",
                "y": 0,
                "yanchor": "top",
                "pad": {"t": 40},
                "font": {"color": NEUTRAL},
                "bordercolor": NEUTRAL,
                "buttons": [
                    {"label": "▶", "method": "animate", "args": [None, moving]},
                    {"label": "❚❚", "method": "animate", "args": [[None], still]},
                ],
            }
        ],
        margin={"b": 120},
        height=cast(Any, figure.layout).height + 110,
    )
    return figure


def _canvas(panels: Sequence[Panel], columns: int) -> go.Figure:
    columns = min(columns, len(panels))
    rows = -(-len(panels) // columns)
    titles = [panel.title for panel in panels]
    figure = make_subplots(rows, columns, subplot_titles=titles, horizontal_spacing=0.06, vertical_spacing=0.12)
    for index, panel in enumerate(panels):
        for trace in _traces(panel):
            figure.add_trace(trace, index // columns + 1, index % columns + 1)
    hidden: dict[str, Any] = {"showgrid": False, "zeroline": False, "showticklabels": False, "ticks": ""}
    edges = [-0.56, panels[0].size - 0.44]
    figure.update_xaxes(**hidden, showline=False, range=edges, constrain="domain")
    figure.update_yaxes(**hidden, showline=False, range=edges[::-1], constrain="domain")
    for index in range(len(panels)):  # square cells
        axis = "" if index == 0 else str(index + 1)
        figure.update_layout({f"yaxis{axis}": {"scaleanchor": f"x{axis}", "scaleratio": 1}})
    lines = max(title.count("<br>") for title in titles) + 1
    figure.update_layout(
        template=TEMPLATE,
        showlegend=False,
        height=60 + 24 * lines + rows * (300 if columns < 3 else 200),
        margin={"t": 30 + 24 * lines, "b": 16, "l": 8, "r": 8},
    )
    figure.update_annotations(font={"size": 14}, yanchor="bottom")
    return figure


def _titles(figure: go.Figure, panels: Sequence[Panel]) -> list[dict]:
    placed = [annotation.to_plotly_json() for annotation in cast(Any, figure.layout).annotations]
    return [{**old, "text": panel.title} for old, panel in zip(placed, panels, strict=True)]


def _traces(panel: Panel) -> list[Any]:
    """Return the panel's traces, always four of them, so that frames fit on each other."""
    n, cells = panel.size, range(len(panel.opened))
    x, y = [cell % n for cell in cells], [cell // n for cell in cells]
    visits = panel.visits or [0.0] * len(panel.opened)
    heat = go.Heatmap(
        z=[[min(1.0, visits[row * n + column]) for column in range(n)] for row in range(n)],
        customdata=[[visits[row * n + column] for column in range(n)] for row in range(n)],
        zmin=0,
        zmax=1,
        colorscale="Cividis",
        showscale=False,
        opacity=0.0 if panel.visits is None else 1.0,
        hovertemplate="row %{y}, column %{x}: %{customdata:.2f} steps spent<extra></extra>",
        name=f"steps spent in each cell ({_plain(panel.title)})",
    )
    lines_x, lines_y = _walls(panel)
    walls = go.Scatter(
        x=lines_x, y=lines_y, mode="lines", line={"color": NEUTRAL, "width": 4}, hoverinfo="skip", meta="drawing"
    )
    best = [max(range(len(row)), key=row.__getitem__) for row in panel.probs] if panel.probs else []
    sure = [panel.probs[cell][action] for cell, action in enumerate(best)] if panel.probs else []
    arrows = go.Scatter(
        x=x if best else [],
        y=y if best else [],
        mode="markers",
        marker={
            "symbol": [ARROWS[action] for action in best],
            "size": [round(4 + 12 * p, 1) for p in sure],
            "color": "#ffffff",
            "line": {"color": "#20242a", "width": 1},
        },
        text=[f"{WORDS[action]} {p:.2f}" for action, p in zip(best, sure, strict=True)],
        hovertemplate="%{text}<extra></extra>",
        meta="drawing",
    )
    marks = [(cell, text) for cell, text in ((panel.start, "S"), (panel.cheese, "C")) if cell is not None]
    signs = go.Scatter(
        x=[cell % n for cell, _ in marks],
        y=[cell // n for cell, _ in marks],
        mode="markers+text",
        marker={
            "symbol": "square",
            "size": 22,
            "color": [PALETTE[0] if text == "S" else PALETTE[1] for _, text in marks],
        },
        text=[text for _, text in marks],
        textfont={"color": "#ffffff", "size": 14},
        hovertext=["start" if text == "S" else "cheese" for _, text in marks],
        hoverinfo="text",
        meta="drawing",
    )
    return [heat, walls, arrows, signs]


def _walls(panel: Panel) -> tuple[list[float | None], list[float | None]]:
    """Return the walls as one broken line: a wall stands above and left of a cell, and around the maze."""
    n = panel.size
    xs: list[float | None] = []
    ys: list[float | None] = []
    for cell, (up, down, left, right) in enumerate(panel.opened):
        row, column = divmod(cell, n)
        edges = []
        if not up:
            edges.append(((column - 0.5, column + 0.5), (row - 0.5, row - 0.5)))
        if not left:
            edges.append(((column - 0.5, column - 0.5), (row - 0.5, row + 0.5)))
        if not down and row == n - 1:
            edges.append(((column - 0.5, column + 0.5), (row + 0.5, row + 0.5)))
        if not right and column == n - 1:
            edges.append(((column + 0.5, column + 0.5), (row - 0.5, row + 0.5)))
        for across, along in edges:
            xs += [*across, None]
            ys += [*along, None]
    return xs, ys


def _plain(title: str) -> str:
    return title.replace("<br>", ", ")
