"""The check of `gae`: one episode against the sum that defines it, both ends of gamma and lam, ends and cut-off rows.

Each property looks at rows that no other looks at, so that each can fail alone.
"""

import torch
from torch import Tensor

from chisel.checking import Attempt, Check, Draw, TensorLike, close
from chisel.reward_as_chisel.checks import _advantage_faults as faults
from chisel.reward_as_chisel.checks._naming import ROUNDED, expect

check = Check(
    exercise="gae",
    solution="chisel.reward_as_chisel.training:gae",
    arguments=("rewards", "values", "last_value", "alive", "gamma", "lam"),
    returns=TensorLike(like="rewards", shape=lambda a: tuple(a["rewards"].shape)),
    example="rewards [[0, 1]], values [[0.5, 0.6]], alive [[True, False]], gamma 0.9, lam 0.5: the surprises are "
    "0 + 0.9 * 0.6 - 0.5 = 0.04 and 1 - 0.6 = 0.4  ->  [[0.04 + 0.45 * 0.4, 0.4]] = [[0.22, 0.4]]",
    read="the section 'Training: advantage actor-critic' of the chapter; Schulman et al. (2016), equation 16",
)


def _summed(deltas: Tensor, alive: Tensor, decay: float) -> Tensor:
    """Add up, for each step, its surprise and all later ones that it reaches, each decayed by its distance."""
    out = torch.zeros_like(deltas)
    for row, (surprises, goes_on) in enumerate(zip(deltas.tolist(), alive.tolist(), strict=True)):
        for step in range(len(surprises)):
            weight, total = 1.0, 0.0
            for later in range(step, len(surprises)):
                total += weight * surprises[later]
                weight *= decay * goes_on[later]
            out[row, step] = total
    return out


def _defined(
    rewards: Tensor,
    values: Tensor,
    last_value: Tensor,
    alive: Tensor,
    gamma: float,
    lam: float,
    chain: Tensor | None = None,
) -> Tensor:
    """Return the advantages; with `chain`, the sum looks there for ends, and only the next value looks at `alive`."""
    following = torch.cat([values[:, 1:], last_value[:, None]], dim=1)
    deltas = rewards + gamma * following * alive - values
    return _summed(deltas, alive if chain is None else chain, gamma * lam)


def _ended(steps: int, rows: int = 1) -> Tensor:
    """Return `alive` of rows that hold one episode each, which ends with the last step."""
    return (torch.arange(steps) < steps - 1).expand(rows, -1).clone()


@check.property(
    "one-episode",
    "an advantage is the sum of its own and later surprises",
    *(
        faults.FIXED,
        faults.FORWARD,
        faults.RETURNS,
        faults.NO_CRITIC,
        faults.SIGN,
        faults.WRONG_VALUE,
        faults.SWAPPED,
        faults.NO_GAMMA,
        faults.INVERTED,
        faults.SHIFTED,
        faults.NORMALISED,
        faults.WRONG,
    ),
)
def one_episode(attempt: Attempt, draw: Draw) -> None:
    # The last value is 0 and the episode ends with its row, so that it does not matter here who looks at them.
    settings = (
        (draw.number(0.5, 0.7), draw.number(0.8, 0.9), 6, 1),
        (draw.number(0.85, 0.95), draw.number(0.3, 0.6), 6, 1),
        (0.97, 0.95, 25, 40),
    )
    for gamma, lam, steps, unit in settings:
        rewards, values = unit * draw.normal(1, steps), unit * (0.5 + draw.normal(1, steps))
        last, alive = torch.zeros(1, dtype=rewards.dtype), _ended(steps)
        arguments = (rewards, values, last, alive, gamma, lam)
        got, want = attempt(*arguments), _defined(*arguments)
        if close(got, want, ROUNDED):
            continue
        tried = attempt.describe(arguments)
        if close(got, _defined(rewards, values, last, ~alive, gamma, lam), ROUNDED):
            attempt.fail("alive-inverted", tried, got)
        for other in ((gamma / 2, lam), (gamma, lam / 2)):
            if close(got, attempt(rewards, values, last, alive, *other), ROUNDED):
                attempt.fail("argument-ignored", tried, got)
        following = torch.cat([values[:, 1:], last[:, None]], dim=1)
        later = torch.cat([alive[:, 1:], ~alive[:, :1]], dim=1)
        early = torch.ones_like(alive)
        deltas, decay, nothing = rewards + gamma * following - values, gamma * lam, torch.zeros_like(values)

        def chained(deltas: Tensor, decay: float = decay, alive: Tensor = alive) -> Tensor:
            return _summed(deltas, alive, decay)

        suspects = {
            "forward": [
                *(chained(deltas.flip(1), decay, a).flip(1) for a in (alive, alive.flip(1), early)),
                deltas.cumsum(1),
            ],
            "returns-instead": [want + values, chained(rewards, gamma)],
            "values-ignored": [chained(rewards), rewards.expand_as(want)],
            "sign-flipped": [
                -want,
                chained(rewards - gamma * following - values),
                chained(rewards - gamma * following + values),
                chained(rewards + gamma * following + values),
            ],
            "value-shifted": [
                *(chained(rewards + gamma * after - values) for after in (values * alive, values, nothing)),
                *(chained(rewards + gamma * after - following) for after in (values * alive, values, following)),
                chained(rewards + gamma * torch.cat([nothing[:, :1], values[:, :-1]], dim=1) - values),
            ],
            "gamma-lam-swapped": [_defined(rewards, values, last, alive, lam, gamma)],
            "gamma-missing": [
                *(chained(deltas, wrong) for wrong in (gamma, lam, 1.0, gamma**2 * lam, gamma * lam**2, gamma + lam)),
                *(
                    chained(rewards + factor * following - values, wrong)
                    for factor in (1.0, lam, gamma * lam, gamma**2)
                    for wrong in (decay, lam, gamma)
                ),
            ],
            "alive-shifted": [
                _defined(rewards, values, last, after, gamma, lam, chain)
                for after in (alive, later)
                for chain in (alive, later)
            ],
            "normalised": [want - want.mean(), (want - want.mean()) / (want.std() + 1e-8)],
        }
        scaled = attempt(2 * rewards, 2 * values, last, alive, gamma, lam)
        otherwise = "wrong-advantage" if close(scaled, 2 * got, ROUNDED) else "normalised"
        expect(attempt, got, want, otherwise, tried, suspects)


@check.property("ends-of-gamma-and-lam", "gamma and lam may be 0 and 1", faults.ENDS)
def ends(attempt: Attempt, draw: Draw) -> None:
    rewards, values, last, alive = draw.normal(1, 5), draw.normal(1, 5), draw.normal(1) * 0, _ended(5)
    inside = draw.number(0.4, 0.8)
    for gamma, lam in ((0.0, inside), (1.0, inside), (inside, 0.0), (inside, 1.0), (1.0, 1.0), (1.0, 0.0), (0.0, 0.0)):
        arguments = (rewards, values, last, alive, gamma, lam)
        expect(attempt, attempt(*arguments), _defined(*arguments), "gamma-or-lam-end", attempt.describe(arguments))


@check.property(
    "several-episodes",
    "a row may hold several episodes, and nothing crosses an end",
    *(faults.ONE_EPISODE, faults.SHIFTED, faults.EPISODES_TOUCH, faults.END_WRONG),
)
def several_episodes(attempt: Attempt, draw: Draw) -> None:
    # The row ends with an end and its last value is 0: those have properties of their own.
    patterns = ([1, 1, 0, 1, 1, 1, 0], [0, 1, 1, 0, 0, 1, 0], [1, 0, 1, 0, 1, 0, 0], [0, 0, 0, 1, 0, 0, 0])
    for pattern in patterns:
        alive, gamma, lam = torch.tensor([pattern]).bool(), draw.number(0.6, 0.95), draw.number(0.5, 0.9)
        rewards, values = draw.normal(1, 7), 1 + draw.normal(1, 7)
        last = torch.zeros(1, dtype=rewards.dtype)
        arguments = (rewards, values, last, alive, gamma, lam)
        got, want, tried = attempt(*arguments), _defined(*arguments), attempt.describe(arguments)
        earlier = torch.cat([torch.ones_like(alive[:, :1]), alive[:, :-1]], dim=1)
        later = torch.cat([alive[:, 1:], torch.zeros_like(alive[:, :1])], dim=1)
        living, whole = alive.long().cumprod(1).bool(), _ended(7)
        acting = torch.cat([torch.ones_like(living[:, :1]), living[:, :-1]], dim=1)
        dead = _defined(rewards, values, last, living, gamma, lam)
        gone = _defined(rewards * acting, values * acting, last, living, gamma, lam)
        suspects = {
            "stops-at-first-end": [gone, dead, dead * acting, dead * living, gone * living],
            "alive-shifted": [
                *(_defined(rewards, values, last, shifted, gamma, lam) for shifted in (earlier, later)),
                *(_defined(rewards, values, last, alive, gamma, lam, chain) for chain in (earlier, later)),
                *(_defined(rewards, values, last, shifted, gamma, lam, alive) for shifted in (earlier, later)),
            ],
            "episodes-touch": [
                _defined(rewards, values, last, whole, gamma, lam),
                _defined(rewards, values, last, alive, gamma, lam, whole),
                _defined(rewards, values, last, whole, gamma, lam, alive),
            ],
        }
        expect(attempt, got, want, "end-misread", tried, suspects)


@check.property("cut-off", "a row that was cut off goes on with last_value", faults.NO_LAST, faults.LAST_WRONG)
def cut_off(attempt: Attempt, draw: Draw) -> None:
    # Only the difference that `last_value` makes is looked at. It reaches back to the last end, if there is one.
    for gamma, lam, last, end in ((0.8, 0.5, draw.number(2, 3), -1), (0.6, 0.9, -draw.number(2, 3), 1)):
        rewards, values, alive = draw.normal(1, 4), draw.normal(1, 4), torch.arange(4)[None] != end
        bootstrap = torch.tensor([last], dtype=rewards.dtype)
        arguments = (rewards, values, bootstrap, alive, gamma, lam)
        got = attempt(*arguments) - attempt(rewards, values, 0 * bootstrap, alive, gamma, lam)
        ahead = torch.arange(3, -1, -1, dtype=rewards.dtype)[None]
        reached = torch.arange(4) > end
        want, tried = gamma * last * (gamma * lam) ** ahead * reached, attempt.describe(arguments)
        suspects = {"last-value-ignored": [torch.zeros_like(want)]}
        expect(attempt, got, want, "last-value-misused", f"{tried}\nless the same with last_value = [0]", suspects)


@check.property("ended", "after an end last_value does not count", faults.THROUGH_END)
def ended(attempt: Attempt, draw: Draw) -> None:
    for gamma, lam in ((0.9, 0.7), (0.5, 1.0)):
        rewards, values, last, alive = draw.normal(1, 4), draw.normal(1, 4), 3 + draw.normal(1), _ended(4)
        arguments = (rewards, values, last, alive, gamma, lam)
        got, without = attempt(*arguments), attempt(rewards, values, 0 * last, alive, gamma, lam)
        expect(attempt, got, without, "bootstraps-through-end", attempt.describe(arguments))


@check.property("rows", "rows do not touch", faults.MIXED)
def rows(attempt: Attempt, draw: Draw) -> None:
    for batch, steps in ((4, 3), (2, 6)):
        rewards, values, last = draw.normal(batch, steps), draw.normal(batch, steps), draw.normal(batch)
        alive = draw.uniform(0, 1, batch, steps) < 0.7
        # No two rows end alike: one is cut off, one has ended.
        alive[0], alive[1] = True, _ended(steps)[0]
        tables, settings = (rewards, values, last, alive), (draw.number(0.6, 0.9), draw.number(0.6, 0.9))
        alone = [attempt(*(table[b : b + 1] for table in tables), *settings, remember=False) for b in range(batch)]
        got = attempt(*tables, *settings)
        expect(attempt, got, torch.cat(alone), "rows-mixed", attempt.describe((*tables, *settings)))


@check.property("one-step", "a row may have one step", faults.ONE_STEP)
def one_step(attempt: Attempt, draw: Draw) -> None:
    # Ended, with nothing to come: cut-off rows have a property of their own.
    rewards, values, last = draw.normal(1, 1), draw.normal(1, 1), torch.zeros(1, dtype=torch.float64)
    arguments = (rewards, values, last, torch.zeros(1, 1, dtype=torch.bool), 0.9, 0.8)
    expect(attempt, attempt(*arguments), rewards - values, "edge-size", attempt.describe(arguments))
