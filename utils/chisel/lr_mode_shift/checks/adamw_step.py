"""The check of `adamw_step`: the first step, decay alone, both together, the three ways, later steps, and members.

After one step from nothing, or without a gradient, a line of algebra says where the parameters are; later steps are
compared with sums over all gradients so far. What a learner keeps in the state is only moved
about, but for the steps and the moments, which are promised.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from chisel.checking import Attempt, Check, Draw, close
from chisel.checking.contract import show
from chisel.lr_mode_shift.checks import _step_faults as faults
from chisel.lr_mode_shift.checks import _step_forms as forms
from chisel.lr_mode_shift.checks import _step_suspects as known
from chisel.lr_mode_shift.checks._step_forms import Named, flat

check = Check(
    exercise="adamw_step",
    solution="chisel.lr_mode_shift.optimiser:adamw_step",
    arguments=("params", "grads", "state", "lr", "weight_decay", "decay", "base_lr", "betas", "eps"),
    returns=forms.Step(),
    example='one member, p = 2, gradient 0.3, state {}, lr 0.1, weight_decay 0.5, "coupled"  ->  the decay takes 2 to '
    "1.9, the first step is 0.1 long whatever the gradient: 1.8. The state holds 1 step, the mean 0.03 and the square "
    "0.0018",
    read="the section 'One step of AdamW' of the chapter",
    single_precision=False,
)
BETAS = (0.9, 0.98)  # the default of the docstring
# What somebody may lose who counts steps in single precision: 1 - 0.98 is then right to 3 * 10^-6.
TOLERANCE = 1e-5


def _step(attempt: Attempt, *arguments: Any, remember: bool = False) -> tuple[Named, Any]:
    new, state = attempt(*arguments, remember=remember)
    return new, state


def _compare(
    attempt: Attempt,
    got: Tensor,
    want: Tensor,
    otherwise: str,
    arguments: tuple[Any, ...],
    suspects: Callable[[], known.Suspects] = dict,
    said: str = "",
) -> None:
    if not close(got, want, TOLERANCE):
        attempt.expect(got, want, otherwise, attempt.describe(arguments) + said, suspects(), TOLERANCE)


@check.property(
    "first",
    "the first step is the rate times gradient over size",
    *(faults.UPHILL, faults.STANDS_STILL, faults.PLAIN, faults.ROOT, faults.BIAS, faults.STEPS_OFF),
    *(faults.EPS_INSIDE, faults.EPS_EARLY, faults.EPS_IGNORED, faults.RATE_IGNORED, faults.FIRST),
)
def first(attempt: Attempt, draw: Draw) -> None:
    for members, betas, given in ((2, (0.8, 0.95), 0.1), (1, (0.6, 0.9), 0.03), (3, BETAS, None)):
        size, eps = (3e-8, 1e-8) if given is None else (1.0, given)  # so small that the default eps counts
        params, grads = forms.stack(draw, members, (3,), ()), forms.stack(draw, members, (3,), (), size=size)
        lr, base = draw.number(0.1, 0.5), draw.number(0.6, 0.9)
        arguments = (params, grads, {}, lr, 0.0, "coupled", *((base, betas, given) if given else ()))
        new, _ = _step(attempt, *arguments, remember=members == 2)
        p, g = flat(params), flat(grads)
        suspects = partial(known.of_first, p, g, lr, base, betas, eps)
        _compare(attempt, flat(new), p - lr * g / (g.abs() + eps), "wrong-first-step", arguments, suspects)


@check.property(
    "no-gradient",
    "without a gradient the weights decay, and that is all",
    *(faults.NO_DECAY, faults.L2, faults.DECAY_RATE, faults.GROWS, faults.DECAY, faults.IN_MOMENTS),
)
def no_gradient(attempt: Attempt, draw: Draw) -> None:
    for members in (3, 1):
        params = forms.stack(draw, members, (2,), ())
        lr, decay = draw.number(0.1, 0.5), draw.number(0.2, 0.9)
        arguments = (params, forms.zeros(params), {}, lr, decay, "coupled", 0.7, BETAS, 1e-3)
        new, state = _step(attempt, *arguments)
        p = flat(params)
        suspects = partial(known.of_decay, p, lr, decay, 1e-3)
        _compare(attempt, flat(new), p * (1 - lr * decay), "wrong-decay", arguments, suspects)
        for key in ("mean", "square"):
            if not close(flat(state[key]), torch.zeros_like(p)):
                tried = attempt.describe(arguments)
                attempt.fail("decay-in-moments", tried, f"state[{key!r}] = {show(dict(state[key]))}")


@check.property("together", "step and decay do not mix", faults.DECAY_LATE, faults.L2, faults.TOGETHER)
def together(attempt: Attempt, draw: Draw) -> None:
    for members in (2, 4):
        params, grads = forms.stack(draw, members, (2,)), forms.stack(draw, members, (2,))
        lr, decay = draw.number(0.1, 0.5), draw.number(0.2, 0.9)
        arguments = (params, grads, {}, lr, decay, "coupled", 0.7, BETAS, 0.05)
        new, _ = _step(attempt, *arguments)
        p, g = flat(params), flat(grads)
        suspects = partial(known.of_both, p, g, lr, decay, 0.05)
        want = p * (1 - lr * decay) - lr * g / (g.abs() + 0.05)
        _compare(attempt, flat(new), want, "wrong-together", arguments, suspects)


@check.property(
    "rates",
    "`decay` says which rate is the gradient's and which the decay's",
    *(faults.MODES_IGNORED, faults.MODES_EXCHANGED, faults.BASE_IGNORED),
    *(faults.GRADIENT_RATE, faults.WRONG_DECAY_RATE),
)
def rates(attempt: Attempt, draw: Draw) -> None:
    for lr, base in ((draw.number(0.3, 0.5), draw.number(0.1, 0.2)), (draw.number(0.1, 0.2), draw.number(0.3, 0.5))):
        # Each parameter is 0 or has a gradient of 0: only a gradient moves the one, only decay the other.
        params, grads, decay = forms.stack(draw, 2, (4,)), forms.stack(draw, 2, (4,)), draw.number(0.4, 0.9)
        params["left"][:, :2], grads["left"][:, 2:] = 0, 0
        p, unit = params["left"][:, 2:], grads["left"][:, :2] / (grads["left"][:, :2].abs() + 0.05)
        want = {"constant": (lr, base), "decay_only": (base, lr), "coupled": (lr, lr)}
        found: dict[str, tuple[float, float]] = {}
        for way in want:
            new = _step(attempt, params, grads, {}, lr, decay, way, base, BETAS, 0.05)[0]["left"]
            found[way] = float((-new[:, :2] / unit).median()), float(((1 - new[:, 2:] / p) / decay).median())
        wrong = next((way for way in want if not _near(found[way], want[way])), None)
        if wrong is None:
            continue
        tried = f"lr = {lr:.4g}, base_lr = {base:.4g}, weight_decay = {decay:.4g}, one step from nothing"
        words = [f'"{way}": {a:.4g} for the gradient, {b:.4g} for the decay' for way, (a, b) in found.items()]
        got = "these rates:\n" + "\n".join(words)
        if _near(found["constant"], found["coupled"]) and _near(found["decay_only"], found["coupled"]):
            attempt.fail("decay-mode-ignored", tried, got)
        if _near(found["constant"], want["decay_only"]) and _near(found["decay_only"], want["constant"]):
            attempt.fail("decay-modes-exchanged", tried, got)
        if _near(found["constant"], (lr, 1e-3)) and _near(found["decay_only"], (1e-3, lr)):
            attempt.fail("base-rate-ignored", tried, got)
        gradient_right = _near(found[wrong][:1], want[wrong][:1])
        attempt.fail("wrong-decay-rate" if gradient_right else "wrong-gradient-rate", tried, got)


def _near(some: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return close(torch.tensor(some), torch.tensor(other), 1e-4)


@check.property(
    "later",
    "moments gather all gradients, and each step corrects them",
    *(faults.COUNT, faults.FORGOTTEN, faults.BETAS_EXCHANGED, faults.BETAS_IGNORED, faults.WEIGHTS_EXCHANGED),
    *(faults.UNWEIGHTED, faults.NOT_SQUARED, faults.CORRECTED_STORED, faults.MOMENTS, faults.STEPS_OFF, faults.LATER),
)
def later(attempt: Attempt, draw: Draw) -> None:
    for betas, given in (((0.7, 0.92), 0.02), (BETAS, None)):
        lr, eps = draw.number(0.1, 0.4), given or 1e-8
        now, state, slopes = forms.stack(draw, 2, (2,), ()), {}, []
        p, rest = flat(now), ("coupled", 0.6, betas, given) if given else ("coupled",)
        for number, size in ((1, 1.0), (2, 0.1), (3, 2.0)):  # the second moment falls, and rises again
            grads = forms.stack(draw, 2, (2,), (), size=size)
            slopes.append(flat(grads))
            arguments = (now, grads, state, lr, 0.0, *rest)
            now, state = _step(attempt, *arguments, remember=number == 2 and given is not None)
            if not close(state["steps"], torch.full((2,), number)):
                got = f"state['steps'] = {show(state['steps'])} after {number} steps"
                attempt.fail("steps-wrong", attempt.describe(arguments), got)
            if number == 2:
                got = torch.cat([flat(state["mean"]), flat(state["square"])])
                want = torch.cat([known.gathered(slopes, betas[0]), known.gathered([g**2 for g in slopes], betas[1])])
                suspects, said = partial(known.of_moments, slopes, betas), "\nand the mean and the square in the state"
                _compare(attempt, got, want, "wrong-moments", arguments, suspects, said)
        want, late = (known.walked(p, slopes, lr, betas, eps, aside) for aside in (0, 1))
        suspects = {"step-miscounted": [late]}
        said = "\nthe third step of a run"
        _compare(attempt, flat(now), want, "wrong-later-step", arguments, lambda known=suspects: known, said)


@check.property(
    "members",
    "each member of a stack goes its own way",
    *(faults.AXIS, faults.ONE_FOR_ALL, faults.MIXED, faults.MEMBERS),
)
def members(attempt: Attempt, draw: Draw) -> None:
    lr, decay, base = (0.1 + 0.1 * draw.permutation(3) + draw.uniform(0, 0.05, 3) for _ in range(3))
    # With as many rows and columns as members, a rate fits along any axis.
    params, grads = forms.stack(draw, 3, (3,), (3, 3), ()), forms.stack(draw, 3, (3,), (3, 3), ())
    arguments = (params, grads, {}, lr, 0.0, "coupled", 0.6, BETAS, 0.05)
    new, _ = _step(attempt, *arguments)
    want, suspects = known.of_members(params, grads, lr, 0.05)
    _compare(attempt, flat(new), want, "members-differ-from-solo", arguments, lambda: suspects)
    rest = ({}, lr, decay, "constant", base, BETAS, 0.05)
    larger = {name: torch.cat([1000 * x[:1], x[1:]]) for name, x in grads.items()}
    one, other = (flat(forms.member(_step(attempt, params, some, *rest)[0], 2)) for some in (grads, larger))
    said = "\nmember 2, for which only the gradient of member 0 is another one than in the call before"
    _compare(attempt, other, one, "members-mixed", (params, larger, *rest), said=said)
    for way, count in (("constant", 3), ("decay_only", 1)):
        few, slopes = forms.stack(draw, count, (2,), (2, 3)), forms.stack(draw, count, (2,), (2, 3))
        arguments = (few, slopes, {}, lr[:count], decay[:count], way, base[:count], BETAS, 0.05)
        new, _ = _step(attempt, *arguments)
        for i in range(count):
            solo = (forms.member(few, i), forms.member(slopes, i), {}, *(float(x[i]) for x in (lr, decay)), way)
            want, said = (
                flat(_step(attempt, *solo, float(base[i]), BETAS, 0.05)[0]),
                f"\nmember {i}, compared with solo",
            )
            _compare(attempt, flat(forms.member(new, i)), want, "members-differ-from-solo", arguments, said=said)


@check.property("histories", "each member counts its own steps", faults.SHARED_COUNT)
def histories(attempt: Attempt, draw: Draw) -> None:
    rest = (draw.number(0.1, 0.4), 0.3, "coupled", 0.6, (0.8, 0.9), 0.02)
    runs = []
    for steps in (1, 3):
        now, state = forms.stack(draw, 1, (2,), ()), {}
        for _ in range(steps):
            now, state = _step(attempt, now, forms.stack(draw, 1, (2,), ()), state, *rest)
        runs.append((now, forms.stack(draw, 1, (2,), ()), state))
    whole = tuple(forms.joined(list(parts)) for parts in zip(*runs, strict=True))
    new, _ = _step(attempt, *whole, *rest)
    for i, run in enumerate(runs):
        want, got = flat(_step(attempt, *run, *rest)[0]), flat(forms.member(new, i))
        said = f"\nmember {i}, compared with solo"
        _compare(attempt, got, want, "correction-shared", (*whole, *rest), said=said)


@check.property("names", "what belongs together has the same name", faults.BY_PLACE)
def names(attempt: Attempt, draw: Draw) -> None:
    params, grads = forms.stack(draw, 2, (2,), (2,), (2,)), forms.stack(draw, 2, (2,), (2,), (2,))
    rest = ({}, 0.3, 0.2, "coupled", 0.6, BETAS, 0.05)
    turned = dict(reversed(grads.items()))
    want, got = (flat(_step(attempt, params, some, *rest)[0]) for some in (grads, turned))
    _compare(attempt, got, want, "matched-by-place", (params, turned, *rest))


@check.property("dtype", "the parameters keep their precision")
def dtype(attempt: Attempt, draw: Draw) -> None:
    params, grads = ({name: x.float() for name, x in forms.stack(draw, 2, (2,)).items()} for _ in range(2))
    state: Any = {}
    for lr in (0.1, torch.tensor([0.1, 0.2])):  # the contract says what is wrong
        params, state = _step(attempt, params, grads, state, lr, 0.3, "constant", 0.2)


@check.property("unknown", "an unknown way of decay is refused", faults.UNKNOWN)
def unknown(attempt: Attempt, draw: Draw) -> None:
    for way in ("decay-only", "none"):
        arguments = (forms.stack(draw, 1, (2,)), forms.stack(draw, 1, (2,)), {}, 0.1, 0.2, way)
        for came_back in attempt.not_refused(ValueError, *arguments):
            attempt.fail("unknown-decay-accepted", attempt.describe(arguments), came_back)
