"""The check of `stacked_forward`: one network alone, then that networks in a stack know nothing of each other.

What one network answers is compared with its definition, pair by pair. For a stack nothing is computed again: each
member has to answer as it does alone, with gradients of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from chisel.checking import Attempt, Check, Diagnosis, Draw, TensorLike, close
from chisel.checking.contract import Arguments, Problem, show

ROUNDED = 1e-8
SINGLE = 1e-4

Params = dict[str, Tensor]


@dataclass(frozen=True)
class LogitsLike:
    """Logits [M, N, p], with the dtype and on the device of the parameters."""

    def problem(self, result: Any, arguments: Arguments) -> Problem | None:
        """See `Contract.problem`."""
        left, a = arguments["params"]["left"], arguments["a"]
        inner = TensorLike(like="params", shape=lambda _: (*a.shape, left.shape[1]))
        return inner.problem(result, {"params": left})

    def same(self, a: Any, b: Any, relative: float, absolute: float) -> bool:
        """See `Contract.same`."""
        return torch.allclose(a.detach().double(), b.detach().double(), rtol=relative, atol=absolute)


check = Check(
    exercise="stacked_forward",
    solution="chisel.lr_mode_shift.stacked:stacked_forward",
    arguments=("params", "a", "b"),
    returns=LogitsLike(),
    example="one network, p = 2, h = 1, left [[[1], [2]]], right [[[0], [3]]], out [[[1, -1]]], a [[1]], b [[1]]: the "
    "hidden unit gets 2 + 3 = 5 and gives 25  ->  [[[25, -25]]]",
    read="the section 'Many runs as one' of the chapter",
)

EXCHANGED = Diagnosis(
    "left-right-exchanged",
    "a and b meet each other's weights, or one set of weights serves for both",
    "Whoever looks a up in `left` has to look b up in `right`. Take weights by their names: a dict may hold them in "
    "any order.",
)
NOT_SQUARED = Diagnosis(
    "not-the-square",
    "the hidden units do something else than squaring",
    "The network is quadratic: twice the sum has to give four times the logits, and a sum of either sign the same.",
)
EACH = Diagnosis(
    "squared-apart",
    "the two inputs are not added first and squared then",
    "What comes from a and what comes from b have to meet in a product: that is how the network adds. Squares by "
    "themselves know only one of the two numbers, and the product alone is another network.",
)
SCALED = Diagnosis(
    "scaled",
    "the logits have another scale, or another level",
    "Nothing is normalised, averaged or turned into probabilities here. How large logits are decides how sure the "
    "network is.",
)
LOGITS = Diagnosis(
    "wrong-logits",
    "these are not the logits of a quadratic network",
    "For each pair: look up what a and what b give, add, square, and multiply by `out`.",
)
SHARED_PAIRS = Diagnosis(
    "shared-pairs",
    "all networks get the pairs of one of them",
    "Each member of the stack has a split of its own, so row m of a and b is for network m alone.",
)
SHARED_WEIGHTS = Diagnosis(
    "shared-weights",
    "all networks answer with the weights of one of them",
    "Network m has weights of its own, at index m.",
)
MIXED = Diagnosis(
    "members-mixed",
    "a network answers otherwise in a stack than alone",
    "Its neighbours may not matter: no mean or sum runs over the members, none of them takes another one's place.",
)
LEAK = Diagnosis(
    "gradient-leaks",
    "a network's logits have a gradient with respect to another network's weights",
    "Then one run trains the other. The gradient has to be exactly 0, not merely small.",
)
CUT = Diagnosis(
    "gradient-cut",
    "the gradient misses some of the parameters, or is too small",
    "All three sets of weights are trained, `left` and `right` through the square. Look for `detach()`, `no_grad()` or "
    "`.data` on the way.",
)
ALIKE = Diagnosis(
    "special-sizes",
    "where some of the sizes are the same or 1, the answer is wrong",
    "Members, pairs, hidden units and modulus are four different things, also when there are as many of each. "
    "Something broadcasts or indexes along the wrong axis, or an axis of size 1 is dropped.",
)


def _stack(draw: Draw, members: int, pairs: int, p: int, hidden: int) -> tuple[Params, Tensor, Tensor]:
    out, right, left = (draw.normal(members, *sizes) for sizes in ((hidden, p), (p, hidden), (p, hidden)))
    a, b = draw.integers(0, p, members, pairs), draw.integers(0, p, members, pairs)
    return {"out": out, "right": right, "left": left}, a, b  # not in the order in which they are used


def _sum(params: Params, m: int, a: Tensor, b: Tensor) -> Tensor:
    """Return what comes to the hidden units [N, h] of one member, a pair at a time."""
    rows = [params["left"][m, x] + params["right"][m, y] for x, y in zip(a.tolist(), b.tolist(), strict=True)]
    return torch.stack(rows)


def _wanted(params: Params, a: Tensor, b: Tensor) -> Tensor:
    """Return the logits, member by member and pair by pair."""
    return torch.stack([_sum(params, m, a[m], b[m]) ** 2 @ params["out"][m] for m in range(len(a))])


def _alone_suspects(params: Params, a: Tensor, b: Tensor) -> dict[str, list[Tensor]]:
    """What known mistakes make of a single network."""
    left, right, out = (params[name][0] for name in ("left", "right", "out"))
    first, second, hidden = left[a[0]], right[b[0]], left[a[0]] + right[b[0]]
    logits = hidden**2 @ out
    h, p = out.shape
    units = [hidden, hidden.relu(), hidden.abs(), hidden.relu() ** 2, hidden**3, hidden**4, hidden.tanh()]
    units += [torch.nn.functional.gelu(hidden), hidden.sigmoid(), hidden * hidden.abs()]
    crossed = [(left[b[0]], right[a[0]]), (left[a[0]], left[b[0]]), (right[a[0]], right[b[0]])]
    wrong = {
        "left-right-exchanged": [*((x + y) ** 2 @ out for x, y in crossed), (first - second) ** 2 @ out],
        "not-the-square": [unit @ out for unit in units],
        "squared-apart": [unit @ out for unit in (first**2 + second**2, first * second, 2 * first * second)],
        "scaled": [
            *(logits * scale for scale in (1 / h, h**-0.5, 1 / p, p**-0.5, 0.5, 0.25, 2.0, -1.0)),
            *(logits.softmax(1), logits.log_softmax(1), logits.softmax(0), logits - logits.mean(1, keepdim=True)),
            *(logits**2, logits - logits.amax(1, keepdim=True)),
        ],
    }
    return {id: [value.unsqueeze(0) for value in values] for id, values in wrong.items()}


@check.property(
    "alone",
    "one network alone squares the sum of what a and b give, and multiplies by `out`",
    *(EXCHANGED, NOT_SQUARED, EACH, SCALED, LOGITS, ALIKE),
)
def alone(attempt: Attempt, draw: Draw) -> None:
    for pairs, p, hidden, dtype in ((4, 5, 3, torch.float64), (7, 3, 6, torch.float64), (5, 6, 4, torch.float32)):
        params, a, b = _stack(draw, 1, pairs, p, hidden)
        params = {name: value.to(dtype) for name, value in params.items()}
        got, tried = attempt(params, a, b), attempt.describe((params, a, b))
        want, tolerance = _wanted(params, a, b), ROUNDED if dtype == torch.float64 else SINGLE
        if not close(got, want, tolerance):
            attempt.expect(got, want, "wrong-logits", tried, _alone_suspects(params, a, b), tolerance)
    for pairs, p, hidden in ((4, 4, 4), (1, 5, 2), (3, 4, 1), (1, 3, 1)):
        params, a, b = _stack(draw, 1, pairs, p, hidden)
        got, tried = attempt(params, a, b, remember=False), attempt.describe((params, a, b))
        attempt.expect(got, _wanted(params, a, b), "special-sizes", tried)


@check.property(
    "members",
    "a network in a stack answers as it does alone",
    *(SHARED_PAIRS, SHARED_WEIGHTS, MIXED, ALIKE),
)
def members(attempt: Attempt, draw: Draw) -> None:
    for count, pairs, p, hidden in ((3, 6, 4, 5), (4, 2, 7, 3)):
        params, a, b = _stack(draw, count, pairs, p, hidden)

        got, tried = (
            attempt(params, a, b).detach(),
            f"{count} networks, p = {p}, h = {hidden}\na = {show(a)}\nb = {show(b)}",
        )
        every = list(range(count))
        want = _one_by_one(attempt, params, a, b, every, every)
        if not close(got, want, ROUNDED):
            ends = [[0] * count, [count - 1] * count]
            suspects = {
                "shared-pairs": [
                    *(_one_by_one(attempt, params, a, b, every, rows) for rows in ends),
                    _one_by_one(attempt, params, a[:1].expand_as(a), b, every, every),
                    _one_by_one(attempt, params, a, b[:1].expand_as(b), every, every),
                ],
                "shared-weights": [_one_by_one(attempt, params, a, b, networks, every) for networks in ends],
            }
            attempt.expect(got, want, "members-mixed", tried, suspects)
    for sizes in ((4, 4, 4, 4), (3, 1, 5, 2), (2, 3, 4, 1), (3, 3, 5, 4)):
        params, a, b = _stack(draw, *sizes)
        got, every = attempt(params, a, b, remember=False), list(range(sizes[0]))
        want, tried = _one_by_one(attempt, params, a, b, every, every), attempt.describe((params, a, b))
        attempt.expect(got, want, "special-sizes", tried)


def _one_by_one(
    attempt: Attempt, params: Params, a: Tensor, b: Tensor, networks: Sequence[int], rows: Sequence[int]
) -> Tensor:
    """Ask these networks, each for itself, about these rows of pairs."""
    found = []
    for m, i in zip(networks, rows, strict=True):
        own = {name: value[m : m + 1] for name, value in params.items()}
        found.append(attempt(own, a[i : i + 1], b[i : i + 1], remember=False)[0].detach())
    return torch.stack(found)


@check.property(
    "gradients",
    "a network's logits have gradients with respect to its own weights, all of them, and to no other's",
    *(LEAK, CUT),
)
def gradients(attempt: Attempt, draw: Draw) -> None:
    params, a, b = _stack(draw, 3, 4, 5, 2)
    for value in params.values():
        value.requires_grad_()
    weight = draw.normal(4, 5)
    logits, tried = attempt(params, a, b, remember=False), attempt.describe((params, a, b))
    leaves = list(params.values())
    for m in range(3):
        found = dict(zip(params, attempt.gradient((logits[m] * weight).sum(), leaves, tried), strict=True))
        for name, gradient in found.items():
            others = torch.cat([gradient[:m], gradient[m + 1 :]])
            if bool((others != 0).any()):
                attempt.fail("gradient-leaks", f"the gradient of logits[{m}] with respect to {name!r}", gradient)
        # The logits are linear in `out` and quadratic in the rest, so their gradients know their values.
        own = logits[m].detach()
        sums = {
            "out": ((params["out"][m] * found["out"][m]).sum(), 1.0),
            "left and right": (sum((params[n][m] * found[n][m]).sum() for n in ("left", "right")), 2.0),
        }
        for name, (got, degree) in sums.items():
            if not close(got, degree * (own * weight).sum(), 1e-6):
                attempt.fail("gradient-cut", f"the gradient of logits[{m}] with respect to {name}", got)
