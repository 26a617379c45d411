"""What steps of AdamW come to, and what known mistakes make of them: those name a fault, and decide nothing."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from chisel.lr_mode_shift.checks._step_forms import Named, flat

Suspects = Mapping[str, Sequence[Tensor]]
Pair = tuple[float, float]


def of_first(p: Tensor, g: Tensor, lr: float, base: float, betas: Pair, eps: float) -> Suspects:
    """The parameters after one step from nothing."""
    (one, two), size = betas, g.abs()
    late = ((1 - two) / (1 - two**2)) ** 0.5
    return {
        "uphill": [p + lr * g / (size + eps)],
        "no-step": [p],
        "gradient-for-adam": [p - lr * g],
        "no-root": [p - lr * g / (size**2 + eps)],
        "no-bias-correction": [
            p - lr * a * g / (b * size + eps)
            for a, b in ((1 - one, (1 - two) ** 0.5), (1 - one, 1), (1, (1 - two) ** 0.5))
        ],
        "step-miscounted": [p - lr * (1 - one) / (1 - one**2) * g / (late * size + eps)],
        "eps-inside-the-root": [p - lr * g / (size**2 + x).sqrt() for x in (eps, eps / (1 - two))],
        "eps-before-correction": [p - lr * g / (size + eps / (1 - two) ** 0.5)],
        "eps-ignored": [p - lr * g / (size + x) for x in (0, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3)],
        "rate-ignored": [p - x * g / (size + eps) for x in (1, 1e-3, base, lr**2)],
    }


def of_decay(p: Tensor, lr: float, decay: float, eps: float) -> Suspects:
    """The parameters after one step without a gradient."""
    pull = decay * p
    return {
        "no-decay": [p],
        "l2-for-decoupled": [p - lr * pull / (pull.abs() + eps), p - lr * pull / (pull**2 + eps).sqrt()],
        "decay-without-rate": [p - pull, p * (1 - lr)],
        "decay-grows": [p * (1 + lr * decay)],
    }


def of_both(p: Tensor, g: Tensor, lr: float, decay: float, eps: float) -> Suspects:
    """The parameters after one step with both."""
    move, both = lr * g / (g.abs() + eps), g + decay * p
    return {
        "decay-after-the-step": [(p - move) * (1 - lr * decay)],
        "l2-for-decoupled": [p - lr * both / (both.abs() + eps)],
    }


def of_moments(slopes: Sequence[Tensor], betas: Pair) -> Suspects:
    """Both moments, one after the other, after two steps."""
    one, two = betas
    squares = [g**2 for g in slopes]

    def both(a: float, b: float) -> Tensor:
        return torch.cat([gathered(slopes, a), gathered(squares, b)])

    mean, square = gathered(slopes, one), gathered(squares, two)
    last, last_square = (1 - one) * slopes[-1], (1 - two) * squares[-1]
    sums = gathered(slopes, one) / (1 - one), gathered(squares, two) / (1 - two)
    again = [(b * x[0] + (1 - b) * x[1]) / (1 - b**2) for b, x in ((one, slopes), (two, squares))]
    usual = ((0.9, 0.98), (0.9, 0.999), (0.9, 0.99), (one, one), (two, two), (one, 0.999), (0.9, two))
    pairs = {
        "state-forgotten": [(last, last_square), (mean, last_square), (last, square)],
        "gradients-added-up": [sums, (sums[0], square), (mean, sums[1])],
        "not-squared": [(mean, gathered(slopes, two)), (mean, gathered([g.abs() for g in slopes], two))],
        "correction-stored": [(mean / (1 - one**2), square / (1 - two**2)), tuple(again)],
    }
    return {
        "betas-exchanged": [both(two, one)],
        "beta-for-its-rest": [both(1 - one, 1 - two), both(1 - one, two), both(one, 1 - two)],
        "betas-ignored": [both(a, b) for a, b in usual],
        **{id: [torch.cat(pair) for pair in some] for id, some in pairs.items()},
    }


def of_members(params: Named, grads: Named, lr: Tensor, eps: float) -> tuple[Tensor, Suspects]:
    """Where one step with a rate a member leads, and where mistakes do. All parameters are cubes, squares or rows."""
    p, g = flat(params), flat(grads)

    unit = g / (g.abs() + eps)
    own = flat({name: lr.view(-1, *[1] * (x.dim() - 1)).expand_as(x) for name, x in params.items()})
    middle = flat({name: lr.view(-1, *[1] * min(1, x.dim() - 1)).expand_as(x) for name, x in params.items()})
    last = flat({name: lr.expand_as(x) for name, x in params.items()})
    same = [p - float(rate) * unit for rate in (*lr, lr.mean(), lr.sum())]
    return p - own * unit, {"wrong-axis": [p - last * unit, p - middle * unit], "one-rate-for-all": same}


def gathered(values: Sequence[Tensor], beta: float) -> Tensor:
    """A moment from nothing, as the sum over all that it has seen."""
    return sum((beta**age * (1 - beta) * x for age, x in enumerate(reversed(values))), torch.zeros_like(values[0]))


def walked(p: Tensor, slopes: Sequence[Tensor], lr: float, betas: Pair, eps: float, aside: int = 0) -> Tensor:
    """The parameters after these gradients without decay; `aside` is by how much the steps are miscounted."""
    for t in range(1, len(slopes) + 1):
        mean, square = gathered(slopes[:t], betas[0]), gathered([g**2 for g in slopes[:t]], betas[1])
        one, two = (1 - beta ** (t + aside) for beta in betas)
        p = p - lr * mean / one / ((square / two).sqrt() + eps)
    return p
