"""The stored maze of `region-size`, seen by agents of several regions for each place of the cheese."""

import plotly.graph_objects as go

from chisel.core.results import Result
from chisel.core.tables import as_rows
from chisel.reward_as_chisel.figures.mazes import WORDS, Panel, animated_figure
from chisel.reward_as_chisel.world import NO_CHEESE, start_cell


def figure(result: Result) -> go.Figure:
    """Draw one maze for each region of training, and let the cheese move through it."""
    return animated_figure(frames(result), "cheese in ", columns=2)


def frames(result: Result) -> list[tuple[str, list[Panel]]]:
    """Return (place of the cheese, one panel a region), the corner first and the maze without a cheese last."""
    maze, table = result.tables["atlas_maze"], result.tables["atlas"]
    opened = [[bool(row) for row in rows] for rows in zip(*(maze[word] for word in WORDS[:4]), strict=True)]
    size = round(len(opened) ** 0.5)
    rows = as_rows(table)
    cells = sorted({row["cheese"] for row in rows}, key=lambda cell: (cell == NO_CHEESE, cell))
    corner_first = sorted(cells, key=lambda cell: cell != size - 1)
    return [
        (_place(cell, size), [_panel(row, opened, size) for row in rows if row["cheese"] == cell])
        for cell in corner_first
    ]


def _panel(row: dict, opened: list[list[bool]], size: int) -> Panel:
    cheese = row["cheese"]
    where = "anywhere" if row["region"] == size else f"in the {row['region']} x {row['region']}"
    chances = f"P(corner) = {row['corner reached']:.2f}"
    if cheese != NO_CHEESE:
        chances = f"P(cheese) = {row['cheese reached']:.2f}, {chances}"
    return Panel(
        f"trained with cheese {where}<br>{chances}",
        opened,
        probs=list(zip(*(row[word] for word in WORDS), strict=True)),
        visits=row["visits"],
        cheese=None if cheese == NO_CHEESE else cheese,
        start=start_cell(size),
    )


def _place(cell: int, size: int) -> str:
    return "no cell" if cell == NO_CHEESE else f"row {cell // size + 1}, column {cell % size + 1}"
