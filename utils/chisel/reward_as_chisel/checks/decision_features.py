"""The check of `decision_features`, in mazes that are drawn as trees: the cell where two ways part is known beforehand.

Each property looks at other mazes, or at other keys of the answer, so that each can fail alone.
"""

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from chisel.checking import Attempt, Check, Draw, TensorDict, close
from chisel.checking.contract import show
from chisel.reward_as_chisel.checks import _decision_faults as faults
from chisel.reward_as_chisel.checks._trees import Choice, Tree, corridor, found, grown, winding

LENGTHS = ("to_cheese", "to_corner")
KEYS = (*LENGTHS, "euclid", "forced")
Answer = tuple[Mapping[str, Tensor], str]  # what came back, and what was tried

check = Check(
    exercise="decision_features",
    solution="chisel.reward_as_chisel.paths:decision_features",
    arguments=("next_table", "cheese", "corner", "start"),
    returns=TensorDict(
        like="next_table", shape=lambda a: (len(a["next_table"]),), numbers=(*LENGTHS, "euclid"), flags=("forced",)
    ),
    example="from the start 2 steps up, then 1 to the left to the cheese, or 3 more up to the corner  ->  "
    "to_cheese [1], to_corner [3], euclid [3.16] (3 rows and 1 column), forced [False]",
    read="the section 'Which influence wins' of the chapter",
)


@check.property(
    "paths",
    "path lengths count steps from where the ways part",
    *faults.OF_PATHS,
)
def paths(attempt: Attempt, draw: Draw) -> None:
    asked, known = [], []
    for _ in range(4):
        tree, choice = found(draw, 5, _telling)
        asked.append(_ask(attempt, tree, choice))
        fork, shared, a, b = tree.fork(choice), choice.shared, choice.to_cheese, choice.to_corner
        ends = [(cell, other) for cell in (fork, tree.start) for other in (choice.cheese, choice.corner)]
        straight = [math.dist(tree.place(cell), tree.place(other)) for cell, other in ends]
        blocks = [sum(tree.apart(cell, other)) for cell, other in ends]
        one_off = [(a + i, b + j) for i, j in ((1, 1), (-1, -1), (1, -1), (-1, 1), (1, 0), (0, 1), (-1, 0), (0, -1))]
        suspects = {
            "swapped": [(b, a)],
            "from-the-start": [(shared + a, shared + b), (shared + b, shared + a), (shared + a, b), (a, shared + b)],
            "straight-for-path": [straight[:2], straight[2:]],
            "through-walls": [blocks[:2], blocks[2:]],
            "shared-part": [(shared, shared)],
            "between-the-two": [(a + b, a + b), (a, a + b), (a + b, b)],
            "off-by-one": one_off,
        }
        known.append({"": [(a, b)], **suspects})
    _expect(attempt, LENGTHS, asked, known, "wrong-path-length")


@check.property(
    "straight-line",
    "`euclid` is the straight line from the cheese to the corner",
    *faults.OF_STRAIGHT_LINES,
)
def straight_line(attempt: Attempt, draw: Draw) -> None:
    asked, known = [], []
    for wanted in (_diagonal, _oblique, _oblique, _oblique):
        tree, choice = found(draw, 5, wanted)
        asked.append(_ask(attempt, tree, choice))
        cheese, corner, fork = choice.cheese, choice.corner, tree.fork(choice)
        others = [(cheese, tree.start), (corner, tree.start), (cheese, fork), (corner, fork), (tree.start, fork)]
        want = math.dist(tree.place(cheese), tree.place(corner))
        rows, columns = tree.apart(cheese, corner)
        suspects = {
            "euclid-squared": [want**2],
            "euclid-along-axes": [rows + columns, max(rows, columns), min(rows, columns), rows, columns],
            "euclid-walked": [choice.to_cheese + choice.to_corner, choice.shared + choice.to_cheese],
            "euclid-other-ends": [math.dist(tree.place(one), tree.place(other)) for one, other in others],
            "euclid-of-indices": [abs(cheese - corner), cheese - corner, corner - cheese],
            "euclid-rounded": [math.floor(want), math.ceil(want), round(want)],
            "euclid-rescaled": [want / by for by in (tree.size, tree.size - 1, math.hypot(4, 4), math.hypot(5, 5))],
        }
        known.append({id: [(value,) for value in values] for id, values in {"": [want], **suspects}.items()})
    _expect(attempt, ("euclid",), asked, known, "wrong-euclid")


@check.property(
    "forced",
    "`forced` says where one place lies on the way to the other",
    *faults.OF_FORCED,
)
def forced(attempt: Attempt, draw: Draw) -> None:
    asked = []
    for wanted in (
        lambda tree, c: c.to_cheese > 1 and c.to_corner > 1 and c.shared > 1,
        lambda tree, c: c.to_cheese == 0 and c.to_corner > 1 and c.shared > 0,
        lambda tree, c: c.to_corner == 0 and c.to_cheese > 1,
        lambda tree, c: c.to_corner == c.to_cheese == 0,
        lambda tree, c: c.to_cheese == 0 and c.to_corner == 1,
        lambda tree, c: c.to_corner == 0 and c.to_cheese == 1,
        lambda tree, c: c.cheese == tree.start,
        lambda tree, c: c.shared == 0 and not c.forced,
        lambda tree, c: c.to_cheese == 1 and c.to_corner > 1,
        lambda tree, c: c.to_corner == 1 and c.to_cheese > 1,
        lambda tree, c: c.to_corner > 1 and sum(tree.apart(c.cheese, c.corner)) == 1 and not c.forced,
    ):
        tree, choice = found(draw, 4, wanted)
        result, tried = _ask(attempt, tree, choice)
        asked.append((choice, bool(result["forced"][0]), tried, result))
    got = [flag for _, flag, _, _ in asked]
    want = [choice.forced for choice, _, _, _ in asked]
    if got == want:
        for choice, _, tried, result in asked:
            sides = sorted(float(result[key][0]) for key in LENGTHS)
            if not close(torch.tensor(sides), torch.tensor(sorted([choice.to_cheese, choice.to_corner]))):
                attempt.fail("forced-lengths", tried, show(result))
        return
    suspects = {
        "forced-never": [False for _ in asked],
        "forced-always": [True for _ in asked],
        "forced-inverted": [not flag for flag in want],
        "cheese-on-the-way-missed": [choice.to_corner == 0 for choice, _, _, _ in asked],
        "corner-on-the-way-missed": [choice.to_cheese == 0 for choice, _, _, _ in asked],
        "same-cell-not-forced": [choice.forced and choice.cheese != choice.corner for choice, _, _, _ in asked],
    }
    # A place on the way, but for the case in which both are in one cell, is missed all the same.
    apart = [choice.cheese != choice.corner for choice, _, _, _ in asked]
    id = "wrong-forced"
    for name, flags in suspects.items():
        if got in (flags, [flag and other for flag, other in zip(flags, apart, strict=True)]):
            id = name
            break
    choice, _, tried, result = next(item for item in asked if item[1] != item[0].forced)
    attempt.fail(id, tried, show(result))


@check.property("rows", "mazes of a batch do not touch", faults.FIRST_ROW, faults.ROWS)
def rows(attempt: Attempt, draw: Draw) -> None:
    for batch in (6, 2):
        trees = [grown(4, start, draw) for start in draw.permutation(16)[:batch].tolist()]
        table = torch.cat([tree.table() for tree in trees])
        cheese, corner = draw.integers(0, 16, 2, batch).unbind()
        arguments = (table, cheese, corner, torch.tensor([tree.start for tree in trees]))
        result = attempt(*arguments)
        alone = [attempt(*(x[b : b + 1] for x in arguments)) for b in range(batch)]
        got, want = _all(result), torch.cat([_all(row) for row in alone], dim=1)
        if close(got, want, 1e-5):
            continue
        id = "rows-mixed"
        for k in range(len(arguments)):
            of_first = [x[:1].expand_as(x) if i == k else x for i, x in enumerate(arguments)]
            rows = [attempt(*(x[b : b + 1] for x in of_first)) for b in range(batch)]
            if close(got, torch.cat([_all(row) for row in rows], dim=1), 1e-5):
                id = "first-row-for-all"
        attempt.fail(id, attempt.describe(arguments), show(result))


@check.property("places", "start and corner may be any cell", faults.START, faults.CORNER, faults.PLACES)
def places(attempt: Attempt, draw: Draw) -> None:
    tree, choice = found(draw, 4, lambda tree, c: _parting(tree, c) and c.to_cheese > 1)
    usual = _ask(attempt, tree, choice)[0]

    def lengths(to_cheese: Tensor, to_corner: Tensor) -> Mapping[str, Tensor]:
        return {**usual, "to_cheese": to_cheese, "to_corner": to_corner}

    # A start along the shared way leaves the features as they are; one further on has as many steps less to one place
    # as it has more to the other.
    one, other = (usual[key].double() for key in LENGTHS)
    for k, cell in enumerate(tree.ways[choice.cheese][1:-1], 1 - choice.shared):
        steps = max(0, k)
        wanted = [lengths(one - steps, other + steps), lengths(one + steps, other - steps)]
        _compare_places(attempt, tree.restarted(cell), choice, wanted, "start-assumed")
    # A maze that is turned has the same features. And if the two places are exchanged, so are the path lengths.
    for _ in range(3):
        tree = tree.turned()
        choice = tree.choice(tree.turn(choice.cheese), tree.turn(choice.corner))
        _compare_places(attempt, tree, choice, [usual], "corner-assumed")
    _compare_places(attempt, tree, tree.choice(choice.corner, choice.cheese), [lengths(other, one)], "corner-assumed")


@check.property("long", "ways may lead through all cells", faults.SHORT)
def long(attempt: Attempt, draw: Draw) -> None:
    # From the middle to both ends; and from one end, with the corner beside it, to the other. What lies between the
    # cheese and the corner is walked on one side of the decision cell or on the other.
    for size, start, cheese, corner in ((6, 17, 0, 35), (6, 20, 35, 0), (5, 0, 24, 1), (5, 24, 1, 0), (5, 24, 0, 23)):
        line = winding(size)
        tree = corridor(line, start, size)
        result, tried = _ask(attempt, tree, tree.choice(line[cheese], line[corner]))
        if not close(sum(result[key].double() for key in LENGTHS), torch.tensor([abs(cheese - corner)])):
            attempt.fail("cut-short", tried, show(result))


@check.property("sizes", "a maze may have any size", faults.SIZE)
def sizes(attempt: Attempt, draw: Draw) -> None:
    for small, large in ((2, 5), (3, 5), (3, 5), (4, 5), (5, 6), (5, 7), (5, 7)):
        tree, choice = found(draw, small, _apart if small > 2 else _free)
        # The same maze as part of a larger one: more cells, and not one step more between these.
        around = tree.extended(large, draw)
        inside = around.choice(tree.cell_in(large, choice.cheese), tree.cell_in(large, choice.corner))
        (result, tried), (other, other_tried) = _ask(attempt, tree, choice), _ask(attempt, around, inside)
        if not close(_all(result), _all(other), 1e-5):
            told = (tried, result) if small != 5 else (other_tried, other)
            attempt.fail("size-assumed", told[0], show(told[1]))


@check.property("actions", "there may be no action that stays", faults.STAY)
def actions(attempt: Attempt, draw: Draw) -> None:
    for _ in range(2):
        tree, choice = found(draw, 5, _parting)
        with_stay = _ask(attempt, tree, choice)[0]
        result, tried = _ask(attempt, tree, choice, actions=4)
        if not close(_all(result), _all(with_stay), 1e-5):
            attempt.fail("stay-assumed", tried, show(result))


def _free(tree: Tree, choice: Choice) -> bool:
    return not choice.forced


def _apart(tree: Tree, choice: Choice) -> bool:
    return not choice.forced and 0 not in tree.apart(choice.cheese, choice.corner)


def _parting(tree: Tree, choice: Choice) -> bool:
    return choice.shared > 1 and not choice.forced and choice.to_cheese != choice.to_corner


def _telling(tree: Tree, choice: Choice) -> bool:
    """Whether path lengths here are none that a known mistake would give."""
    a, b, shared, fork = choice.to_cheese, choice.to_corner, choice.shared, tree.fork(choice)
    if min(a, b, shared) < 2 or abs(a - b) in (0, 2):
        return False
    ways = ((fork, choice.cheese, a), (fork, choice.corner, b), (tree.start, choice.cheese, shared + a))
    return any(sum(tree.apart(cell, end)) != steps for cell, end, steps in ways)


def _oblique(tree: Tree, choice: Choice) -> bool:
    """Whether the straight line here is no whole number of cells."""
    rows, columns = tree.apart(choice.cheese, choice.corner)
    return 0 not in (rows, columns) and math.hypot(rows, columns) % 1 > 0 and not choice.forced


def _diagonal(tree: Tree, choice: Choice) -> bool:
    """Whether the straight line here, rounded down, is neither the rows nor the columns."""
    return tree.apart(choice.cheese, choice.corner) == (3, 3)


def _ask(attempt: Attempt, tree: Tree, choice: Choice, actions: int = 5) -> Answer:
    """Return the features of one maze, and what was tried."""
    cells = (choice.cheese, choice.corner, tree.start)
    arguments = (tree.table(actions), *(torch.tensor([cell]) for cell in cells))
    return attempt(*arguments), f"{attempt.describe(arguments)}\n{tree.drawn(choice)}"


def _expect(
    attempt: Attempt,
    keys: Sequence[str],
    asked: Sequence[Answer],
    known: Sequence[Mapping[str, Sequence[Sequence[float]]]],
    otherwise: str,
) -> None:
    """Compare some keys of several answers with what is known of each, under ""; the rest is what known mistakes give.

    A mistake is named only if it explains all answers.
    """
    got = torch.tensor([[float(result[key][0]) for key in keys] for result, _ in asked])
    values = {
        id: [torch.tensor(variant) for variant in zip(*(each[id] for each in known), strict=True)] for id in known[0]
    }
    want = values.pop("")[0]
    if close(got, want, 1e-5):
        return
    result, tried = next(answer for answer, a, b in zip(asked, got, want, strict=True) if not close(a, b, 1e-5))
    for id, variants in values.items():
        if any(close(got, variant, 1e-5) for variant in variants):
            attempt.fail(id, tried, show(result))
    attempt.fail(otherwise, tried, show(result))


def _compare_places(
    attempt: Attempt, tree: Tree, choice: Choice, wanted: Sequence[Mapping[str, Tensor]], assumed: str
) -> None:
    """Compare with the features that it may have. If they differ, ask again with the usual start or corner."""
    result, tried = _ask(attempt, tree, choice)
    if any(close(_all(result), _all(want), 1e-5) for want in wanted):
        return
    if assumed == "start-assumed":
        again = _ask(attempt, tree.restarted(tree.size * (tree.size - 1)), choice)[0]
    else:
        again = _ask(attempt, tree, tree.choice(choice.cheese, tree.size - 1))[0]
    attempt.fail(assumed if close(_all(again), _all(result), 1e-5) else "wrong-elsewhere", tried, show(result))


def _all(result: Mapping[str, Tensor]) -> Tensor:
    """[4, B], everything that came back."""
    return torch.stack([result[key].detach().double() for key in KEYS])
