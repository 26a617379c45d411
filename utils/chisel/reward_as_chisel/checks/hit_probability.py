"""The check of `hit_probability`: small chains, looked at backwards from the target, and what time 0 and ties decide.

Each property looks at chains that no other looks at, so that each can fail alone.
"""

from typing import Any

import torch
from torch import Tensor

from chisel.checking import Attempt, Check, Draw, TensorLike, close
from chisel.checking.contract import show
from chisel.reward_as_chisel.checks import _hit_faults as faults
from chisel.reward_as_chisel.checks._naming import ROUNDED, expect

check = Check(
    exercise="hit_probability",
    solution="chisel.reward_as_chisel.chains:hit_probability",
    arguments=("logits", "next_table", "targets", "start", "steps"),
    returns=TensorLike(like="logits", shape=lambda a: tuple(a["start"].shape)),
    example="two cells; in the start, actions with logits [0, 0]: one stays, one goes to the target; steps 3: it is "
    "missed three times with 0.5 * 0.5 * 0.5  ->  1 - 0.125 = 0.875, also if the target sends the agent back",
    read="the section 'The world, and exact evaluation' of the chapter",
)
Chain = tuple[Tensor, Tensor, Tensor, Tensor]  # logits, next_table, targets, start of one maze


def _reached(probs: Tensor, next_table: Tensor, targets: Tensor, start: Tensor, steps: int) -> Tensor:
    """Ask from every cell at once how likely a target is met within 0, 1, 2... steps; return it for the start."""
    table, sure = next_table[0], targets[0]
    chance = sure.double()
    for _ in range(steps):
        chance = torch.where(sure, 1.0, (probs[0] * chance[table]).sum(1))
    return chance[start]


def _moves(probs: Tensor, next_table: Tensor) -> Tensor:
    """Return [S, S], from -> to."""
    return torch.einsum("sa, sat -> st", probs[0], torch.nn.functional.one_hot(next_table[0], probs.shape[1]).double())


def _drawn(draw: Draw, cells: int, actions: int, shift: float = 0.0) -> Chain:
    """Draw a chain whose actions lead from each cell to different ones, the first of the start's to the target."""
    table = torch.stack([draw.permutation(cells)[:actions] for _ in range(cells)])
    start, target = draw.permutation(cells)[:2].tolist()
    others = [cell for cell in table[start].tolist() if cell != target]
    table[start] = torch.tensor([target, *others][:actions])
    targets = torch.arange(cells)[None] == target
    return shift + 1.2 * draw.normal(1, cells, actions), table[None], targets, torch.tensor([start])


def _moments(probs: Tensor, next_table: Tensor, targets: Tensor, start: Tensor, steps: int) -> Tensor:
    """Return [steps + 1, 1], how likely the agent stands on a target at each moment if it is never stopped."""
    chain = _moves(probs, next_table)
    return torch.stack([torch.linalg.matrix_power(chain, t)[start] @ targets[0].double() for t in range(steps + 1)])


def _near(a: Tensor, b: Tensor) -> bool:
    return close(a, b, ROUNDED)


def _of_moments(*arguments: Any) -> dict[str, list[Tensor]]:
    """Return what comes of adding up or combining the probabilities of single moments."""
    moments = _moments(*arguments)
    sums = [moments.sum(0), moments[1:].sum(0), moments.mean(0), moments[1:].mean(0)]
    return {
        "not-absorbing": [moments[-1]],
        "visits-summed": [*sums, moments.sum(0).clamp(max=1)],
        "moments-combined": [1 - (1 - moments).prod(0), moments.amax(0)],
    }


def _of_moves(logits: Tensor, table: Tensor, targets: Tensor, start: Tensor, steps: int) -> dict[str, list[Tensor]]:
    """Return what comes of other policies, other directions and other numbers of steps."""
    where, actions, probs = (table, targets, start), logits.shape[-1], logits.softmax(-1)
    most, flat = torch.nn.functional.one_hot(logits.argmax(-1), actions).double(), torch.ones_like(logits) / actions
    positive, chain = logits.clamp(min=0), _moves(probs, table)
    for_probabilities = (
        logits,
        logits / logits.sum(-1, keepdim=True),
        positive / positive.sum(-1, keepdim=True).clamp(min=1e-12),
        logits.sigmoid(),
        logits.clamp(max=700).exp(),
        logits.log_softmax(-1),
    )
    axes = (logits.softmax(1), logits.softmax(0), logits.flatten().softmax(0).view_as(logits))
    return {
        "steps-off-by-one": [_reached(probs, *where, steps + i) for i in (-1, 1)],
        "greedy": [_reached(most, *where, steps)],
        "uniform": [_reached(flat, *where, steps)],
        "wrong-axis": [_reached(wrong, *where, steps) for wrong in axes],
        "softmax-missing": [_reached(wrong, *where, steps) for wrong in for_probabilities],
        "sign-flipped": [_reached((-logits).softmax(-1), *where, steps)],
        "transposed": [torch.linalg.matrix_power(chain.T, steps)[start] @ targets[0].double()],
    }


@check.property(
    "moves",
    "each action counts with its probability, for as many steps as asked",
    *(faults.TRANSPOSED, faults.STEPS, faults.STEPS_IGNORED, faults.GREEDY, faults.UNIFORM, faults.WRONG_AXIS),
    *(faults.NO_SOFTMAX, faults.SIGN, faults.VISITS, faults.INDEPENDENT, faults.SAMPLED, faults.WRONG),
)
def moves(attempt: Attempt, draw: Draw) -> None:
    # The target leads to itself, so it does not matter here whether arriving there is the end.
    calls = []
    for cells, actions, steps, shift in (
        (6, 3, 2, 0.0),
        (5, 4, 1, 2.0),
        (8, 2, 5, -1.0),
        (9, 3, 30, 0.0),
        (7, 3, 9, 800.0),
    ):
        logits, table, targets, start = _drawn(draw, cells, actions, shift)
        if shift > 100:  # a policy that is sure of itself in many cells
            logits = shift + 4 * (logits - shift)
        table[targets] = int(targets[0].nonzero())
        if not calls:  # the likeliest action leads to the target, so that a greedy agent has it for certain
            logits[0, start, 0] = logits[0, start].amax() + 0.1
        calls.append((logits, table, targets, start, steps))
    # Single precision keeps but few digits of logits as large as the last ones.
    got = [attempt(*call, float32=call is not calls[-1]) for call in calls]
    want = [_reached(call[0].softmax(-1), *call[1:]) for call in calls]
    wrong = [i for i in range(len(calls)) if not _near(got[i], want[i])]
    if not wrong:
        return
    tried, shown = attempt.describe(calls[wrong[0]]), show(got[wrong[0]])
    # One that explains a single call may do so by chance, so all of them count.
    known = [{**_of_moves(*call), **_of_moments(call[0].softmax(-1), *call[1:])} for call in calls]
    for id in known[0]:
        for values in zip(*(values[id] for values in known), strict=True):
            if id != "not-absorbing" and all(map(_near, got, values)):  # that is no mistake on these chains
                attempt.fail(id, tried, shown)
    longer = [attempt(*call[:4], 2 * call[4] + 5) for call in calls]
    same = all(map(_near, got, longer))
    otherwise = "sampled" if all(close(g, w, 0.04) for g, w in zip(got, want, strict=True)) else "wrong-probability"
    attempt.fail("steps-ignored" if same else otherwise, tried, shown)


@check.property(
    "first-arrival",
    "having been there is not being there",
    *(faults.NOT_ABSORBING, faults.VISITS, faults.INDEPENDENT, faults.REVISIT),
)
def first_arrival(attempt: Attempt, draw: Draw) -> None:
    for cells, actions, steps in ((4, 3, 3), (5, 2, 6)):
        logits, table, targets, start = _drawn(draw, cells, actions)
        # From the target every action leads away, the likeliest one back to the start.
        away = [cell for cell in range(cells) if not targets[0, cell] and cell != int(start)]
        table[targets] = torch.tensor([int(start), *away[: actions - 1]])
        logits[targets] = torch.tensor([1.0] + [0.0] * (actions - 1), dtype=logits.dtype)
        arguments = (logits, table, targets, start, steps)
        probs, tried = logits.softmax(-1), attempt.describe(arguments)
        suspects = _of_moments(probs, *arguments[1:])
        expect(attempt, attempt(*arguments), _reached(probs, *arguments[1:]), "revisits-wrong", tried, suspects)


@check.property("time-zero", "the first cell counts, before any step", faults.AT_ONCE, faults.NOT_YET)
def time_zero(attempt: Attempt, draw: Draw) -> None:
    for steps in (0, 1, 4):
        logits, table, targets, _ = _drawn(draw, 5, 3)
        on_target, here = targets[0].nonzero()[0], int(targets[0].nonzero())
        table[targets] = torch.tensor([cell for cell in range(5) if cell != here])[:3]
        arguments = (logits, table, targets, on_target, steps)
        got, tried = attempt(*arguments), attempt.describe(arguments)
        expect(attempt, got, torch.ones_like(got), "start-not-counted", tried)
    logits, table, targets, start = _drawn(draw, 5, 3)
    arguments = (logits, table, targets, start, 0)
    got, tried = attempt(*arguments), attempt.describe(arguments)
    expect(attempt, got, torch.zeros_like(got), "zero-steps", tried)


@check.property("same-cell", "actions that lead to the same cell add up", faults.SAME_CELL)
def same_cell(attempt: Attempt, draw: Draw) -> None:
    # More actions than cells, walls that send back, two ways into the target. The target leads to itself.
    for table in ([[1, 1, 2, 0, 0, 2], [2, 0, 2, 1, 1, 0], [2] * 6], [[0, 0, 1, 1], [1, 1, 2, 2], [2] * 4]):
        cells, actions = len(table), len(table[0])
        targets, logits = torch.tensor([[False, False, True]]), draw.normal(1, cells, actions)
        arguments = (logits, torch.tensor([table]), targets, torch.tensor([0]), 3)
        want = _reached(logits.softmax(-1), *arguments[1:])
        expect(attempt, attempt(*arguments), want, "same-cell-overwritten", attempt.describe(arguments))


@check.property("several-targets", "any target will do", faults.ONE_TARGET, faults.ADDED, faults.TARGETS)
def several_targets(attempt: Attempt, draw: Draw) -> None:
    # The three targets lead to one another, so whoever has arrived stays among them.
    for steps in (1, 4):
        logits, table, _, _ = _drawn(draw, 6, 3)
        order = draw.permutation(6)
        goals, others = order[:3].sort().values, order[3:]
        for cell in goals.tolist():
            table[0, cell] = goals.roll(1 + int((goals == cell).nonzero()))
        table[0, others[0]] = torch.stack([goals[0], goals[2], others[1]])
        targets = torch.isin(torch.arange(6), goals)[None]
        arguments = (logits, table, targets, others[:1], steps)
        probs, single = logits.softmax(-1), [torch.arange(6)[None] == goal for goal in goals]
        each = [_reached(probs, table, goal, others[:1], steps) for goal in single]
        added = torch.stack(each).sum(0)
        ways = [torch.linalg.matrix_power(_moves(probs, table), steps)[others[0], goal][None] for goal in goals]
        suspects = {"one-target-only": [*each, *ways], "targets-added": [added, added.clamp(max=1)]}
        want, tried = _reached(probs, *arguments[1:]), attempt.describe(arguments)
        expect(attempt, attempt(*arguments), want, "several-targets-wrong", tried, suspects)
    arguments = (logits, table, torch.zeros_like(targets), others[:1], 3)
    got, tried = attempt(*arguments), attempt.describe(arguments)
    expect(attempt, got, torch.zeros_like(got), "several-targets-wrong", tried)


@check.property("rows", "mazes do not touch", faults.MIXED)
def rows(attempt: Attempt, draw: Draw) -> None:
    for batch, cells, actions, steps in ((4, 5, 3, 3), (3, 6, 2, 7)):
        chains = [_drawn(draw, cells, actions) for _ in range(batch)]
        logits, table, targets, start = (torch.cat(parts) for parts in zip(*chains, strict=True))
        alone = [attempt(*chain, steps, remember=False) for chain in chains]
        arguments = (logits, table, targets, start, steps)
        expect(attempt, attempt(*arguments), torch.cat(alone), "rows-mixed", attempt.describe(arguments))
