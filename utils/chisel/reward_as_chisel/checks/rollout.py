"""The check of `rollout`: moves against the table, frequencies against the softmax, draws against each other, and ends.

Statistical properties let nothing pass or fail by less than 7 standard deviations: a false alarm in 10^11 checks. Each
property looks at walks that no other looks at, so that each can fail alone.
"""

from itertools import combinations

import torch
from torch import Tensor

from chisel.checking import Attempt, Check, Draw
from chisel.reward_as_chisel.checks import _walk_faults as faults
from chisel.reward_as_chisel.checks import _walks as walks

PROBABILITIES = (0.45, 0.27, 0.18, 0.10)

check = Check(
    exercise="rollout",
    solution="chisel.reward_as_chisel.chains:rollout",
    arguments=("logits", "next_table", "start", "terminal", "steps", "generator"),
    returns=walks.Walks(),
    example="one agent, three cells in a row, one action that leads right, the last cell terminal; start [[0]], "
    "steps 3  ->  states [[[0, 1, 2, 2]]], actions [[[0, 0, 0]]] (the last one may be any), "
    "alive [[[True, False, False]]]",
    read="the section 'The world, and exact evaluation' of the chapter",
    single_precision=False,  # other draws are made in single precision; `frequencies` tries it
)


@check.property(
    "moves",
    "every step is one of the table",
    *(faults.NO_START, faults.NO_ACTION, faults.OTHER_TABLE, faults.TABLE_IGNORED, faults.INDEX_ORDER),
    *(faults.SHIFTED, faults.FROM_START, faults.STANDS_STILL, faults.ILLEGAL),
)
def moves(attempt: Attempt, draw: Draw) -> None:
    # The first has as many cells as actions. Nothing ends here.
    for batch, agents, cells, actions, steps in ((2, 3, 5, 5, 8), (3, 1, 9, 4, 6), (1, 2, 4, 7, 5), (2, 4, 6, 2, 1)):
        logits, table = 4 + draw.uniform(-1, 1, batch, cells, actions), walks.wandering(draw, batch, cells, actions)
        start, seed = draw.integers(0, cells, batch, agents), draw.integer(0, 2**31)

        def called(table: Tensor, fixed: tuple = (logits, start, steps, seed)) -> tuple:
            logits, start, steps, seed = fixed
            return logits, table, start, walks.nowhere(logits), steps, torch.Generator().manual_seed(seed)

        tried = attempt.describe(called(table))
        states, acts, _ = attempt(*called(table))
        if not torch.equal(states[..., 0], start):
            attempt.fail("start-missing", tried, f"states[..., 0]: {states[..., 0].tolist()}")
        odd = (acts < 0) | (acts >= actions)
        if bool(odd.any()):
            attempt.fail(
                "no-such-action", tried, f"action {int(acts[odd][0])}, where there are {actions}, 0 to {actions - 1}"
            )
        before, after = states[..., :-1], states[..., 1:]
        inside = bool(((states >= 0) & (states < cells)).all())
        if inside and torch.equal(after, walks.moved(table, before, acts)):
            continue
        if not inside:
            got = f"states from {int(states.min())} to {int(states.max())}, where there are {cells} cells"
        else:
            wrong = after != walks.moved(table, before, acts)
            maze, agent, step = at = walks.place(wrong)
            got = (
                f"maze {maze}, agent {agent}, step {step}: from cell {int(before[at])} by action {int(acts[at])} "
                f"to cell {int(after[at])}, where next_table leads to {int(walks.moved(table, before, acts)[at])}"
            )
        others, _, _ = attempt(*called((table + 1) % cells))
        if torch.equal(states, others):
            attempt.fail("table-ignored", tried, got)
        if inside:
            stuck = bool((after == before)[wrong].all())
            suspects = {
                "wrong-maze": [
                    walks.moved(table[:1].expand_as(table), before, acts),
                    walks.moved(table.flip(0), before, acts),
                ],
                "cell-and-action-swapped": [walks.moved(table, acts, before)] if cells == actions else [],
                "always-from-start": [walks.moved(table, start[..., None].expand_as(acts), acts)],
                "stops-early": [after] if stuck else [],
            }
            if id := walks.named(after, suspects):
                attempt.fail(id, tried, got)
            late = (
                walks.moved(table, before[..., 1:], acts[..., :-1]),
                walks.moved(table, before[..., :-1], acts[..., 1:]),
            )
            if steps > 1 and (torch.equal(after[..., 1:], late[0]) or torch.equal(after[..., :-1], late[1])):
                attempt.fail("actions-shifted", tried, got)
        attempt.fail("illegal-move", tried, got)


@check.property(
    "frequencies",
    "an action is as frequent as the softmax says",
    *(faults.GREEDY, faults.UNIFORM, faults.WRONG_AXIS, faults.NO_SOFTMAX, faults.SIGN, faults.AGENTS_SHARE),
    *(faults.STEPS_SHARE, faults.FREQUENCIES),
)
def frequencies(attempt: Attempt, draw: Draw) -> None:
    # Nobody gets anywhere, so that each agent draws from the policy of one cell all the time.
    cells, actions, steps = 4, len(PROBABILITIES), 25
    for agents, shift, single in ((30, 2.4, False), (12, -5.0, True), (12, 800.0, False)):
        probs = torch.stack(
            [torch.tensor(PROBABILITIES, dtype=torch.float64)[draw.permutation(4)] for _ in range(cells)]
        )
        # A constant of its own for each cell changes no softmax over actions.
        logits = (probs.log() + shift + torch.tensor([[0.0], [1.0], [0.3], [2.0]]))[None]
        start = torch.arange(cells).repeat(agents)[None]
        arguments = (
            logits.float() if single else logits,
            walks.staying(1, cells, actions),
            start,
            walks.nowhere(logits),
            steps,
        )
        _, acts, _ = attempt(*arguments, walks.random_generator(draw), remember=False)
        each = acts.view(agents, cells, steps)
        counts = torch.stack([(each == action).sum((0, 2)) for action in range(actions)], dim=-1).double()  # [S, A]
        if walks.fits(counts, probs):
            continue
        tried = attempt.describe(arguments)
        shares = ",\n ".join(str([round(p, 3) for p in row]) for row in (counts / counts.sum(1, keepdim=True)).tolist())
        wanted = ",\n ".join(str([round(p, 3) for p in row]) for row in probs.tolist())
        got = f"frequencies, one row a cell\n[{shares}]\nwhere softmax(logits) is\n[{wanted}]"
        if walks.fits(counts, torch.nn.functional.one_hot(probs.argmax(1), actions).double()):
            attempt.fail("greedy", tried, got)
        if bool((each == each[:1]).all()):
            attempt.fail("agents-share-draws", tried, got)
        if bool((each == each[..., :1]).all()):
            attempt.fail("steps-share-draws", tried, got)
        over_cells = logits[0].softmax(0)
        positive = logits[0].clamp(min=0) + 1e-12
        suspects = {
            "uniform": torch.full_like(probs, 1 / actions),
            "sign-flipped": (-logits[0]).softmax(-1),
            "wrong-axis": over_cells / over_cells.sum(1, keepdim=True),
            "softmax-missing": positive / positive.sum(1, keepdim=True),
        }
        nearest = min(suspects, key=lambda id: walks.distance(counts, suspects[id]))
        attempt.fail(nearest if walks.fits(counts, suspects[nearest]) else "wrong-frequencies", tried, got)


@check.property(
    "independence",
    "agents, mazes and steps draw independently",
    *(faults.AGENTS_SHARE, faults.MAZES_SHARE, faults.STEPS_SHARE),
)
def independence(attempt: Attempt, draw: Draw) -> None:
    # All actions are equally likely everywhere: two independent ones agree one time in four, and pairs of pairs do so
    # independently of each other.
    batch, agents, cells, actions, steps = 4, 5, 6, 4, 25
    logits, start = (
        torch.zeros(batch, cells, actions, dtype=torch.float64),
        torch.zeros(batch, agents, dtype=torch.long),
    )
    table = walks.wandering(draw, 1, cells, actions).expand(batch, -1, -1).clone()
    arguments = (logits, table, start, walks.nowhere(logits), steps, walks.random_generator(draw))
    tried = attempt.describe(arguments)
    _, acts, _ = attempt(*arguments)
    groups = {
        "agents-share-draws": [acts[:, i] == acts[:, j] for i, j in combinations(range(agents), 2)],
        "mazes-share-draws": [acts[a] == acts[b] for a, b in combinations(range(batch), 2)],
        "steps-share-draws": [acts[..., lag:] == acts[..., :-lag] for lag in (1, 2)],
    }
    for id, same in groups.items():
        agreeing = torch.cat([part.flatten() for part in same]).double()
        if abs(float(agreeing.mean()) - 0.25) > walks.Z * (0.25 * 0.75 / len(agreeing)) ** 0.5:
            attempt.fail(
                id, tried, f"the same action in {float(agreeing.mean()):.0%} of the pairs, where 25% are by chance"
            )


@check.property(
    "policy",
    "each action is drawn where the agent stands",
    *(faults.START_POLICY, faults.OTHER_POLICY, faults.OTHER_CELL, faults.WRONG_ACTION),
)
def policy(attempt: Attempt, draw: Draw) -> None:
    for batch, agents, cells, actions, steps in ((3, 2, 6, 4, 9), (2, 5, 5, 3, 6)):
        likeliest = draw.integers(0, actions, batch, cells)
        logits = draw.normal(batch, cells, actions) + 60 * torch.nn.functional.one_hot(likeliest, actions)
        # Whatever is done leads around a circle of all cells, so that walks differ only in what is done.
        table = walks.wandering(draw, batch, cells, actions)[..., :1].repeat(1, 1, actions)
        start = draw.integers(0, cells, batch, agents)
        arguments = (logits, table, start, walks.nowhere(logits), steps, walks.random_generator(draw))
        tried = attempt.describe(arguments)
        states, acts, _ = attempt(*arguments)
        if bool(((states < 0) | (states >= cells)).any()):
            attempt.fail("policy-ignored", tried, f"states from {int(states.min())} to {int(states.max())}")
        before, after = states[..., :-1], states[..., 1:]
        wanted = walks.looked_up(logits, before)
        if torch.equal(acts, wanted):
            continue
        at = maze, agent, step = walks.place(acts != wanted)
        got = (
            f"maze {maze}, agent {agent}, step {step}: action {int(acts[at])} in cell {int(before[at])}, "
            f"where it is {int(wanted[at])} for certain"
        )
        every = start[..., None].expand_as(acts)
        own = torch.arange(agents)[None, :, None].expand_as(acts) % cells
        times = torch.arange(steps).expand_as(acts) % cells
        suspects = {
            "policy-of-the-start": [walks.looked_up(logits, every)],
            "policy-of-another-maze": [
                walks.looked_up(logits[:1].expand_as(logits), before),
                walks.looked_up(logits[-1:].expand_as(logits), before),
                walks.looked_up(logits.flip(0), before),
            ],
            "policy-of-another-cell": [
                walks.looked_up(logits, after),
                walks.looked_up(logits, own),
                walks.looked_up(logits, times),
                torch.cat([wanted[..., :1], wanted[..., :-1]], dim=-1),
                walks.looked_up(logits, torch.zeros_like(before)),
            ],
        }
        attempt.fail(walks.named(acts, suspects) or "policy-ignored", tried, got)


@check.property(
    "end",
    "a terminal cell ends the episode of who stands on it",
    *(faults.ON_AND_ON, faults.STANDS_STILL, faults.OFF_BY_ONE, faults.INVERTED, faults.NEVER_FALSE),
    *(faults.CUT_OFF, faults.ALIVE),
)
def end(attempt: Attempt, draw: Draw) -> None:
    # Nobody starts on a terminal cell, and the tables lead out of all cells. One maze has no terminal cell, one has
    # two, one has one. The last time all have some, on a circle that all agents follow: they end before the steps do.
    batch, cells, actions = 3, 6, 3
    for agents, steps, circle in ((6, 10, False), (4, 5, False), (3, 12, True)):
        table, logits = walks.restless(draw, batch, cells, actions), 0.3 * draw.normal(batch, cells, actions)
        order = torch.stack([draw.permutation(cells) for _ in range(batch)])
        terminal = torch.zeros(batch, cells, dtype=torch.bool)
        terminal[1, order[1, :2]] = terminal[2, order[2, :1]] = True
        if circle:
            table, terminal[0, order[0, 0]] = table[..., :1].repeat(1, 1, actions), True
        start = order.gather(1, draw.integers(2, cells, batch, agents))
        arguments = (logits, table, start, terminal, steps, walks.random_generator(draw))
        tried = attempt.describe(arguments)
        states, acts, alive = attempt(*arguments)
        outside = (states < 0) | (states >= cells)
        if bool(outside.any()):
            maze, agent, _ = walks.place(outside)
            attempt.fail("moves-after-end", tried, f"maze {maze}, agent {agent}: states {states[maze, agent].tolist()}")
        before, after = states[..., :-1], states[..., 1:]
        ended = terminal[torch.arange(batch)[:, None, None], states].long().cummax(-1).values.bool()
        over, reached = ended[..., :-1], ended[..., 1:]
        wandered = over & (after != before)
        if bool(wandered.any()):
            maze, agent, step = walks.place(wandered)
            path, taken = states[maze, agent].tolist(), acts[maze, agent].tolist()
            got = f"maze {maze}, agent {agent}: states {path}, actions {taken}; cell {path[step]} is terminal"
            attempt.fail("moves-after-end", tried, got)
        stuck = ~over & (after == before)
        if bool(stuck.any()):
            maze, agent, step = walks.place(stuck)
            path = states[maze, agent].tolist()
            got = f"maze {maze}, agent {agent}: states {path}; every action leads away from cell {path[step]}"
            attempt.fail("stops-early", tried, got)
        if torch.equal(alive, ~reached):
            continue
        maze, agent, step = walks.place(alive != ~reached)
        got = f"maze {maze}, agent {agent}: states {states[maze, agent].tolist()}, alive {alive[maze, agent].tolist()}"
        later = torch.cat([reached[..., 1:], reached[..., -1:]], dim=-1)
        cut = ~reached
        cut[..., -1] = False
        suspects = {
            "alive-off-by-one": [~over, ~later],
            "alive-inverted": [reached, over],
            "alive-never-false": [torch.ones_like(alive)],
            "cut-off-is-no-end": [cut],
        }
        attempt.fail(walks.named(alive, suspects) or "alive-wrong", tried, got)


@check.property("start-on-terminal", "who starts on a terminal cell is finished", faults.FINISHED)
def start_on_terminal(attempt: Attempt, draw: Draw) -> None:
    for batch, agents, steps in ((2, 3, 5), (1, 2, 1)):
        table, logits = walks.restless(draw, batch, 5, 3), draw.normal(batch, 5, 3)
        start = draw.integers(0, 5, batch, agents)
        terminal = torch.zeros(batch, 5, dtype=torch.bool).scatter(1, start, True)
        arguments = (logits, table, start, terminal, steps, walks.random_generator(draw))
        tried = attempt.describe(arguments)
        states, _, alive = attempt(*arguments)
        if bool((states != start[..., None]).any()) or bool(alive.any()):
            attempt.fail("start-on-terminal", tried, f"states {states.tolist()},\nalive {alive.tolist()}")


@check.property("generator", "the generator decides", faults.GENERATOR, faults.NOT_ADVANCED)
def generator(attempt: Attempt, draw: Draw) -> None:
    logits, start = torch.zeros(1, 5, 3, dtype=torch.float64), torch.zeros(1, 1, dtype=torch.long)
    fixed = (logits, walks.wandering(draw, 1, 5, 3), start, walks.nowhere(logits), 60)
    first, second = walks.random_generator(draw), walks.random_generator(draw)
    tried = attempt.describe((*fixed, first))
    once, other, again = attempt(*fixed, first)[1], attempt(*fixed, second)[1], attempt(*fixed, first)[1]
    if torch.equal(once, other):
        attempt.fail("generator-ignored", f"{tried}\nand then another generator", "the same 60 actions")
    if torch.equal(once, again):
        attempt.fail("generator-not-advanced", f"{tried}\nand then the same one again", "the same 60 actions")
