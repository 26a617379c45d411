"""Perfect mazes that remember how they were drawn, so that every way through them is known without a search."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

from chisel.checking import Draw

STEPS = ((-1, 0), (1, 0), (0, -1), (0, 1))  # up, down, left, right


@dataclass(frozen=True)
class Choice:
    """Two places in a maze, and how the ways to them part: `shared` steps in common, then so many to each."""

    cheese: int
    corner: int
    shared: int
    to_cheese: int
    to_corner: int

    @property
    def forced(self) -> bool:
        """Whether one place lies on the way to the other."""
        return 0 in (self.to_cheese, self.to_corner)

    @property
    def longest(self) -> int:
        """Steps of the longest of the three ways between the start and the two places."""
        return max(
            self.shared + self.to_cheese, self.shared + self.to_corner, self.to_cheese + self.to_corner
        )  # fmt: skip


@dataclass(frozen=True)
class Tree:
    """A maze of `size` x `size` cells, row by row from the top-left; `ways[cell]` are the cells from `start` to it."""

    size: int
    start: int
    ways: tuple[tuple[int, ...], ...]

    def choice(self, cheese: int, corner: int) -> Choice:
        """Say how the ways to two cells part."""
        one, other = self.ways[cheese], self.ways[corner]
        common = sum(a == b for a, b in zip(one, other, strict=False))
        return Choice(cheese, corner, common - 1, len(one) - common, len(other) - common)

    def fork(self, choice: Choice) -> int:
        """Return the last cell that the two ways share."""
        return self.ways[choice.cheese][choice.shared]

    def place(self, cell: int) -> tuple[int, int]:
        """Return the row and the column of a cell."""
        return divmod(cell, self.size)

    def apart(self, a: int, b: int) -> tuple[int, int]:
        """Return how many rows and how many columns lie between two cells."""
        (down, right), (other_down, other_right) = self.place(a), self.place(b)
        return abs(down - other_down), abs(right - other_right)

    def restarted(self, start: int) -> "Tree":
        """Return the same maze with another start."""
        ways = []
        for way in self.ways:
            common = sum(a == b for a, b in zip(way, self.ways[start], strict=False))
            ways.append((*self.ways[start][: common - 1 : -1], *way[common - 1 :]))
        return Tree(self.size, start, tuple(ways))

    def turn(self, cell: int) -> int:
        """Return where a cell lies after a quarter turn."""
        down, right = self.place(cell)
        return self.size * right + self.size - 1 - down

    def turned(self) -> "Tree":
        """Return the maze after a quarter turn, its start with it."""
        ways = {self.turn(way[-1]): tuple(self.turn(cell) for cell in way) for way in self.ways}
        return Tree(self.size, self.turn(self.start), tuple(ways[cell] for cell in range(len(ways))))

    def cell_in(self, size: int, cell: int) -> int:
        """Return where a cell lies in a larger maze around this one, which fills its top-left."""
        down, right = self.place(cell)
        return size * down + right

    def extended(self, size: int, draw: Draw) -> "Tree":
        """Draw a larger maze around this one. No way in it becomes longer or shorter."""
        ways = {self.cell_in(size, way[-1]): tuple(self.cell_in(size, cell) for cell in way) for way in self.ways}
        return _filled(size, ways, draw)

    def drawn(self, choice: Choice) -> str:
        """Return the maze as a picture, passages as lines, with S at the start, C at the cheese, X at the corner."""
        width = 2 * self.size
        picture = [[" "] * width for _ in range(2 * self.size - 1)]
        for way in self.ways:
            down, right = self.place(way[-1])
            picture[2 * down][2 * right] = "o"
            if len(way) > 1:
                before_down, before_right = self.place(way[-2])
                picture[down + before_down][right + before_right] = "-" if down == before_down else "|"
        for cell, mark in ((self.start, "S"), (choice.cheese, "C"), (choice.corner, "X")):
            down, right = self.place(cell)
            picture[2 * down][2 * right] = mark
        return "\n".join("".join(line).rstrip() for line in picture)

    @property
    def opened(self) -> Tensor:
        """[1, S, 4] bool, where one can walk up, down, left or right."""
        moves = {down * self.size + right: number for number, (down, right) in enumerate(STEPS)}
        opened = [[False] * len(STEPS) for _ in self.ways]
        for way in self.ways:
            if len(way) > 1:
                opened[way[-2]][moves[way[-1] - way[-2]]] = opened[way[-1]][moves[way[-2] - way[-1]]] = True
        return torch.tensor([opened])

    def table(self, actions: int = 5) -> Tensor:
        """[1, S, actions] int, where each action leads; the fifth stays."""
        cells = torch.arange(len(self.ways))[:, None]
        moves = torch.tensor([down * self.size + right for down, right in STEPS])
        moved = torch.where(self.opened[0], cells + moves, cells)
        return torch.cat([moved, cells], dim=1)[None, :, :actions]


def grown(size: int, start: int, draw: Draw) -> Tree:
    """Draw a maze from its start on."""
    return _filled(size, {start: (start,)}, draw)


def _filled(size: int, ways: dict[int, tuple[int, ...]], draw: Draw) -> Tree:
    """Add the cells that are missing: mostly on from the newest, so that ways wind; now and then from another."""
    near = _near(size)
    # From where one can go on, and where to: oldest cell first. Kept up with, not made anew for each cell.
    beyond = {cell: [new for new in near[cell] if new not in ways] for cell in ways}
    while len(ways) < size * size:
        beyond = {cell: news for cell, news in beyond.items() if news}
        newest = next(reversed(beyond))
        if draw.integer(0, 4):
            cell, new = newest, draw.choice(beyond[newest])
        else:
            cell, new = draw.choice([(cell, new) for cell, news in beyond.items() for new in news])
        ways[new] = (*ways[cell], new)
        for other in near[new]:
            if other in beyond:
                beyond[other].remove(new)
        beyond[new] = [other for other in near[new] if other not in ways]
    return Tree(size, next(iter(ways.values()))[0], tuple(ways[cell] for cell in range(size * size)))


def winding(size: int) -> list[int]:
    """Return all cells in the order in which one corridor leads through them: along a row, and back along the next."""
    row = list(range(size))
    return [size * down + right for down in row for right in (row if down % 2 else row[::-1])]


def corridor(line: list[int], start: int, size: int) -> Tree:
    """The maze that is this one corridor; the start is `line[start]`."""
    ways = {line[k]: line[start : k + 1] if k >= start else line[k : start + 1][::-1] for k in range(len(line))}
    return Tree(size, line[start], tuple(tuple(ways[cell]) for cell in range(len(line))))


def found(
    draw: Draw,
    size: int,
    wanted: Callable[[Tree, Choice], bool],
    start: int | None = None,
    corner: int | None = None,
) -> tuple[Tree, Choice]:
    """Draw mazes until one has a choice that is wanted; start and corner in their usual places unless told."""
    start = size * (size - 1) if start is None else start
    corner = size - 1 if corner is None else corner
    for _ in range(1000):
        tree = grown(size, start, draw)
        choices = [tree.choice(cheese, corner) for cheese in range(size * size)]
        # Three times as long as the maze is wide is long enough: one property alone is about longer ways.
        fits = [choice for choice in choices if choice.longest <= 3 * size and wanted(tree, choice)]
        if fits:
            return tree, draw.choice(fits)
    raise RuntimeError("no maze has such a choice")


@cache
def _near(size: int) -> tuple[tuple[int, ...], ...]:
    """Return the neighbours of each cell of a board."""
    near = []
    for cell in range(size * size):
        down, right = divmod(cell, size)
        places = [(down + step[0], right + step[1]) for step in STEPS]
        near.append(tuple(size * y + x for y, x in places if 0 <= y < size and 0 <= x < size))
    return tuple(near)
