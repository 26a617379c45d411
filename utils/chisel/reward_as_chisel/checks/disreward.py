"""The check of `disreward`: a copy, so many updates, of these rewards times the factor, as the method says.

The networks are tables, so each cell's value can be watched on its own. It moves towards what the cell turned out to
pay, and Adam moves it by the learning rate whatever the size of the error: which way says what was paid, how far says
how many updates were made. No property knows how the training is written.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import torch
from torch import Tensor, nn

from chisel.checking import Attempt, Check, Draw
from chisel.reward_as_chisel.checks import _disreward_faults as faults
from chisel.reward_as_chisel.checks import _lookup as lookup
from chisel.reward_as_chisel.checks._lookup import BANK, CELLS, STARTS, Lookup
from chisel.reward_as_chisel.mazes import ACTIONS
from chisel.reward_as_chisel.method import A2C
from chisel.reward_as_chisel.model import FieldPolicy
from chisel.reward_as_chisel.tasks import Task

check = Check(
    exercise="disreward",
    solution="chisel.reward_as_chisel.disreward:disreward",
    arguments=("net", "updates", "sign", "task", "generator", "method"),
    returns=lookup.LikeNet(),
    example="a network that expects 1 where the cheese pays 1, five updates with sign -1 and learning rate 0.01  ->  a "
    "new network that expects about 0.95 there; the one that was given still expects 1",
    read="the section 'Dis-reward' of the chapter",
    single_precision=False,
)


@check.property("copy", "no update gives an equal network of its own", faults.ITSELF, faults.SHARED, faults.AFRESH)
def copy(attempt: Attempt, draw: Draw) -> None:
    task = _any_task(draw)
    for training in (True, False):
        net = _field(draw).train(training)
        arguments = (net, 0, -1.0, task, _random(draw), A2C(mazes=2, agents=2, horizon=2))
        tried = attempt.describe(arguments)
        got = attempt(*arguments)
        if got is net:
            attempt.fail("returns-the-original", tried, "the object `net`")
        places = {p.data_ptr() for p in net.parameters()}
        if any(p.data_ptr() in places for p in got.parameters()):
            attempt.fail("shares-weights", tried, "another object with the same tensors in it")
        _expect_equal(attempt, got, net, tried)
    slow = A2C(mazes=2, agents=2, horizon=2, lr=1e-8, warmup=0)
    arguments = (net, 1, 1.0, task, _random(draw), slow)
    # Who takes another learning rate meets the next property; weights of another network are further away than that.
    _expect_equal(attempt, attempt(*arguments), net, attempt.describe(arguments), 0.03)


@check.property(
    "updates",
    "so many updates, each of the method's size",
    faults.UNTRAINED,
    faults.LEFT_OUT,
    faults.COUNT,
    faults.METHOD,
    faults.DISTANCE,
)
def updates(attempt: Attempt, draw: Draw) -> None:
    level = lookup.method()
    ramp = lookup.method(updates=10, lr=0.02, warmup=2, last_lr=0.0)
    for number, how, sign in ((1, level, 1.0), (4, level, -1.0), (6, ramp, 1.0)):
        net, task = _table(draw, 4 + draw.uniform(0, 1, BANK, CELLS)), lookup.one_step(lookup.paid(draw))
        arguments = (net, number, sign, task, _random(draw), how)
        got = attempt(*arguments, remember=number == 1)
        moved = (_values(net) - _values(got)).abs()
        tried = _said(arguments) + "\nall values are far too high"
        if float(moved.max()) == 0:
            attempt.fail("untrained", tried, "a network with all values as they were")
        if bool((moved.amax(1) == 0).any()):
            attempt.fail("mazes-left-out", tried, f"values that moved by this much, a row a maze:\n{moved}")
        suspects = {
            "method-ignored": [
                number * how.lr,
                number * how.rate(0),
                number * 1e-3,
                *(_distance(other, number) for other in (replace(how, updates=number), A2C(), A2C(lr=how.lr))),
            ],
            "updates-miscounted": [_distance(how, n) for n in (number - 1, number + 1, 2 * number, how.updates)],
        }
        shift, want = float(moved.median()), _distance(how, number)
        if abs(shift / want - 1) < 0.1:
            continue
        for id, distances in suspects.items():
            if any(0.93 < shift / max(distance, 1e-9) < 1.07 for distance in distances):
                attempt.fail(id, tried, f"values that moved by {shift:.4g}")
        attempt.fail("updates-wrong", tried, f"values that moved by {shift:.4g}")


@check.property(
    "rewards",
    "values move towards the rewards times the factor",
    *(
        faults.IGNORED,
        faults.FLIPPED,
        faults.LOST,
        faults.UNIT,
        faults.TWICE,
        faults.ONES,
        faults.SOME,
        faults.ASCENT,
        faults.METHOD,
        faults.PAYS,
    ),
)
def rewards(attempt: Attempt, draw: Draw) -> None:
    found: list[Tensor] = []  # for each factor [N, starts] bool: which values moved up
    expected: list[Tensor] = []
    guessed: dict[str, list[list[Tensor]]] = {}
    tried = ""
    for sign in (-2.5, 0.4, -1.0, 1.0, 0.0):
        task = lookup.one_step(lookup.paid(draw))
        values = _telling(task, sign, draw)
        net = _table(draw, values)
        arguments = (net, 2, sign, task, _random(draw), lookup.method())
        got = attempt(*arguments, remember=False)
        found.append(_values(got) > _values(net))
        expected.append(_behind(sign * task.rewards) > values[:, STARTS])
        for id, guesses in _mistaken(task, sign, values).items():
            guessed.setdefault(id, []).append([_behind(guess) > values[:, STARTS] for guess in guesses])
        tried = tried or ("" if torch.equal(found[-1], expected[-1]) else _said(arguments))
    up, want = torch.cat(found), torch.cat(expected)
    if torch.equal(up, want):
        return
    tried += "\nand with other factors: -2.5, 0.4, -1, 1 and 0 in all"
    words = f"values that moved the wrong way at {int((up != want).sum())} of {up.numel()} starts"
    for id, by_sign in guessed.items():
        if any(torch.equal(up, torch.cat(guess)) for guess in zip(*by_sign, strict=True)):
            attempt.fail(id, tried, words)
    attempt.fail("rewards-wrong", tried, words)


@check.property("policy", "what pays is done more, what costs is done less", faults.CRITIC, faults.WRONG_WAY)
def policy(attempt: Attempt, draw: Draw) -> None:
    for sign in (1.0, -1.0):
        paying = draw.integers(0, ACTIONS, BANK, CELLS)
        chosen = torch.nn.functional.one_hot(paying, ACTIONS).bool()
        here = torch.arange(CELLS)[None, :, None]
        empty = CELLS - 1  # the last cell ends the episode here, and pays nothing
        leads = torch.where(here % 2 == 1, here, torch.where(chosen, (here + 1).clamp(max=CELLS - 3), empty))
        pays = lookup.paid(draw)
        pays[:, empty] = 0
        task = lookup.one_step(pays, leads)
        net = Lookup(0.1 * draw.normal(BANK, CELLS, ACTIONS), torch.zeros(BANK, CELLS))
        arguments = (net, 3, sign, task, _random(draw), lookup.method())
        got = attempt(*arguments, remember=False)
        before, after = (torch.softmax(_logits(x), -1)[chosen].view(BANK, CELLS)[:, STARTS] for x in (net, got))
        arrived = leads[chosen].view(BANK, CELLS)
        better = (sign * pays.gather(1, arrived) > 0)[:, STARTS]
        tried = _said(arguments) + "\none action of each start pays or costs something"
        if torch.equal(before, after):
            attempt.fail("policy-untouched", tried, "logits as they were")
        if not torch.equal(after > before, better):
            share = ((after > before) != better).double().mean()
            attempt.fail(
                "policy-wrong-way", tried, f"probabilities that moved the wrong way at {share:.0%} of the starts"
            )


@check.property("method", "discount and choice of parameters are the method's", faults.METHOD)
def settings(attempt: Attempt, draw: Draw) -> None:
    how = lookup.method(gamma=0.6, train=("values",))
    task = lookup.one_step(lookup.paid(draw))
    values = draw.uniform(2.0, 3.0, BANK, CELLS)
    behind = (-task.rewards + 0.6 * values * ~task.terminal).roll(-1, 1)
    aside = torch.where(draw.uniform(-1, 1, BANK, CELLS) < 0, -0.1, 0.1)
    values = torch.where(task.starts, behind + aside, values)
    net = _table(draw, values)
    arguments = (net, 2, -1.0, task, _random(draw), how)
    got = attempt(*arguments, remember=False)
    tried = _said(arguments)
    if not torch.equal(_logits(net), _logits(got)):
        attempt.fail(
            "method-ignored", tried, "a network with other logits, although `method.train` names the values alone"
        )
    if not torch.equal(_values(got) > _values(net), aside[:, STARTS] < 0):
        attempt.fail("method-ignored", tried, "values that move towards another discounted sum")


@check.property("generator", "the draws are those of the generator", faults.STREAM)
def stream(attempt: Attempt, draw: Draw) -> None:
    net, task = _table(draw, 4 + draw.uniform(0, 1, BANK, CELLS)), lookup.one_step(lookup.paid(draw))
    few = lookup.method(mazes=4, agents=4)
    found = [attempt(net, 3, -1.0, task, _random(draw), few) for _ in range(2)]
    if torch.equal(_values(found[0]), _values(found[1])):
        tried = _said((net, 3, -1.0, task, None, few)) + "\nand once more with another generator"
        attempt.fail("generator-ignored", tried, "the same network, to the last digit")


def _telling(task: Task, sign: float, draw: Draw) -> Tensor:
    """Values [N, S] near what each start should be worth, or on the way from there to what it would be by mistake."""
    apart = draw.uniform(2.0, 3.0, BANK, CELLS)  # of the cells that nobody starts in
    right = (sign * task.rewards).roll(-1, 1)
    mistakes = torch.stack([guess for guesses in _mistaken(task, sign, apart).values() for guess in guesses]).roll(
        -1, 2
    )
    which = draw.integers(0, len(mistakes), 1, BANK, CELLS)
    aside = draw.uniform(0.1, 0.9, BANK, CELLS) * (mistakes.gather(0, which)[0] - right)
    near = draw.uniform(0.05, 0.3, BANK, CELLS)
    near = torch.where(draw.uniform(-1, 1, BANK, CELLS) < 0, -near, near)
    aside = torch.where((draw.uniform(-1, 1, BANK, CELLS) < 0) | (aside.abs() < 0.05), near, aside)
    return torch.where(task.starts, right + aside, apart)


def _mistaken(task: Task, sign: float, values: Tensor) -> Mapping[str, list[Tensor]]:
    """What each cell [N, S] would be taken to pay, by mistake."""
    pays, end = task.rewards, task.terminal
    unit = float(sign > 0) - float(sign < 0)
    right = sign * pays
    return {
        "sign-ignored": [pays],
        "sign-flipped": [-right],
        "sign-lost": [abs(sign) * pays, right.abs()],
        "size-lost": [unit * pays, (1 if sign >= 0 else -1) * pays],
        "multiplied-twice": [sign * right],
        "rewards-replaced": [sign * torch.ones_like(pays), sign * end, sign * ~end, sign + pays, sign * pays.sign()],
        "some-rewards-only": [
            torch.where(where, right, other)
            for where in (pays > 0, pays < 0, end, ~end)
            for other in (pays, torch.zeros_like(pays))
        ],
        "update-reversed": [2 * values.roll(1, 1) - pays if sign < 0 else pays, 2 * values.roll(1, 1) - right],
        "method-ignored": [right + gamma * values * ~end for gamma in (0.95, 0.99, 1.0)],
    }


def _behind(table: Tensor) -> Tensor:
    """Look up [N, starts], for each start, the cell that it leads to."""
    return table.roll(-1, 1)[:, STARTS]


def _said(arguments: tuple[Any, ...]) -> str:
    """Write a call with tables in words, and of the method what is not as usual."""
    _, updates, sign, _, _, how = arguments
    usual = asdict(A2C())
    settings = ", ".join(f"{name}={value}" for name, value in asdict(how).items() if value != usual[name])
    return (
        "net = two mazes of 16 cells; their logits and values are its parameters, free of each other\n"
        f"updates = {updates}\nsign = {sign:g}\n"
        "task = every second cell is a start, and leads to a cell that pays\n"
        f"method = A2C({settings})"
    )


def _distance(how: A2C, number: int) -> float:
    return sum(how.rate(update) for update in range(number))


def _expect_equal(attempt: Attempt, got: nn.Module, net: nn.Module, tried: str, most: float = 1e-6) -> None:
    pairs = zip(got.parameters(), net.parameters(), strict=True)
    apart = max(float((a - b).detach().abs().max()) for a, b in pairs)
    if apart > most:
        attempt.fail("starts-afresh", tried, f"weights that differ by up to {apart:.4g}")


def _values(net: nn.Module) -> Tensor:
    return net.get_parameter("values").detach()[:, STARTS]


def _logits(net: nn.Module) -> Tensor:
    return net.get_parameter("logits").detach()


def _table(draw: Draw, values: Tensor) -> Lookup:
    return Lookup(draw.normal(BANK, CELLS, ACTIONS), values)


def _random(draw: Draw) -> torch.Generator:
    return torch.Generator().manual_seed(draw.integer(0, 2**31))


def _field(draw: Draw) -> FieldPolicy:
    net = FieldPolicy(size=3, channels=4, blocks=1)
    with torch.no_grad():
        for weights in net.parameters():
            weights.copy_(0.3 * draw.normal(*weights.shape))
    return net


def _any_task(draw: Draw) -> Task:
    """Four mazes of 3 x 3, any passages and rewards."""
    terminal = torch.arange(9).expand(4, 9) == 4
    table = draw.integers(0, 9, 4, 9, ACTIONS)
    return Task(draw.normal(4, 5, 3, 3).float(), table, draw.normal(4, 9).float(), terminal, ~terminal)
