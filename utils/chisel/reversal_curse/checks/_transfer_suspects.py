"""What known mistakes in `one_step_transfer` give: worked out one by one, until one of them explains the answer."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from chisel.checking import Attempt, close
from chisel.reversal_curse.checks._recall_toys import Pairs, after_step, overlap, stepped

ROUNDED = 1e-6  # `torch.tensor` of a number is in single precision, which is no fault
Suspects = Iterator[tuple[str, Any]]  # the id of a diagnosis and a wrong value


def settle(attempt: Attempt, got: Any, want: Any, otherwise: str, tried: str, suspects: Suspects) -> None:
    """Compare with a known value; on a difference report the first suspect that gives what came back."""
    if close(got, want, ROUNDED):
        return
    for id, value in suspects:
        if close(got, value, ROUNDED) and not close(value, want, ROUNDED):
            attempt.fail(id, tried, got)
    attempt.fail(otherwise, tried, got)


def of_forward(model: Pairs, index: int, eta: float) -> Suspects:
    """The forward gain."""

    def gain(objective: Any, size: float = eta, **how: Any) -> Tensor:
        return stepped(model, objective, size, **how)[0][index, index]

    def own(scores: Callable[[str], Tensor]) -> Tensor:
        return scores("forward")[index, index]

    change, other = after_step(model, index, eta)
    right = change[index, index]
    yield "sign-flipped", -right
    for up_to_sign in (1, -1):
        yield "sign-flipped", up_to_sign * gain(own, -eta)
    yield "of-the-probability", gain(lambda scores: own(scores).exp())
    squared = overlap(model, index)[0]
    for value in (eta * squared, squared, eta * squared**0.5):
        yield "predicted-not-measured", value
    before = model.answer("forward").detach()
    after = before + change
    for value in (
        *(other[index, index], change.diagonal().mean(), change.diagonal().sum(), change[index].mean(), change.mean()),
        *(change[index].sum(), after[index, index].exp() - before[index, index].exp(), right.exp()),
        *(after[index, index], after[index, index] / before[index, index], change[index, 0], change[0, 0]),
    ):
        yield "another-change", value
    for part in (
        *(
            lambda f: f.diagonal().sum(),
            lambda f: f.diagonal().mean(),
            lambda f: f[index].sum(),
            lambda f: f[index].mean(),
        ),
        *(lambda f: f[:, index].sum(), lambda f: f[:, index].mean(), lambda f: f.sum(), lambda f: f.mean()),
        lambda f: f[index, index] - f[index].logsumexp(0),
    ):
        yield "more-than-one-score", gain(lambda scores, of=part: of(scores("forward")))
    yield "more-than-one-score", gain(lambda scores: own(scores) + scores("backward")[index, index])
    for changes in stepped(model, lambda scores: scores("backward")[index, index], eta):
        yield "steps-backward", changes[index, index]
    every = list(model.parameters())
    for p in every:
        yield "some-parameters-only", gain(own, moving=[p])
        yield "some-parameters-only", gain(own, moving=[q for q in every if q is not p])
    yield "some-parameters-only", gain(own, moving=[p for p in every if p.dim() > 1])
    for steps in (2, 3):
        yield "two-steps", gain(own, steps=steps)
    for factor in (0.1, 10.0, 0.5, 2.0, 1 / len(before), len(before), eta, 1 / eta, 0.01, 1e-3):
        yield "step-rescaled", gain(own, eta * factor)
    for turned in (_to_length_one, _each_to_length_one, _signs, _cut):
        yield "step-rescaled", gain(own, turned=turned)


def of_raw(model: Pairs, index: int, others: list[int], eta: float) -> Suspects:
    """The raw change."""
    there, back = after_step(model, index, eta)
    right, before = back[index, index], model.answer("backward").detach()
    after = before + back
    yield "backward-not-reread", 0.0
    yield "raw-contrasted-swapped", right - back[index, others].mean()
    yield "forward-again", there[index, index]
    yield "predicted-not-measured", eta * overlap(model, index)[1]
    for value in (
        *(-right, right.abs(), right.clamp(min=0), right / before[index, index], after[index, index]),
        *(back.diagonal().mean(), back.diagonal().sum(), back[index].mean(), back[:, index].mean(), back.mean()),
        *(after[index, index].exp() - before[index, index].exp(), back[index].sum(), back[index, others].mean()),
    ):
        yield "another-change", value


def of_contrast(model: Pairs, index: int, others: list[int], eta: float) -> Suspects:
    """What is taken off from the raw change."""
    there, back = after_step(model, index, eta)
    before = model.answer("backward").detach()
    after, row = before + back, back[index, others]
    rest = [j for j in range(len(back)) if j != index]
    yield "raw-for-contrast", 0.0
    yield "itself-among-the-others", back[index, [index, *others]].mean()
    yield "itself-among-the-others", back[index, [index, *others]].sum() / len(others)
    for value in (back[index, rest].mean(), back[index].mean(), back[index, rest].sum(), back.mean()):
        yield "others-ignored", value
    for value in (
        *(back[others, index].mean(), back.diagonal()[others].mean(), back[rest, index].mean()),
        *(back[others].mean(), back[:, index].mean(), back[others][:, others].mean(), back.diagonal()[rest].mean()),
    ):
        yield "other-prompts", value
    for value in (
        *(there[index, others].mean(), there[others, index].mean(), there.diagonal()[others].mean()),
        *(there[index, rest].mean(), there[index, index], there[index].mean()),
    ):
        yield "forward-names", value
    for count in (1, len(back), len(others) + 1, max(len(others) - 1, 1)):
        yield "sum-for-mean", row.sum() / count
    for value in (row[0], row[-1], row.median(), row.max(), row.min()):
        yield "one-other-only", value
    yield "contrast-added", -row.mean()
    for value in (after[index, others].mean(), before[index, others].mean(), before[index, rest].mean()):
        yield "level-for-change", value


def _to_length_one(slopes: list[Tensor]) -> list[Tensor]:
    length = torch.cat([g.flatten() for g in slopes]).norm()
    return [g / length for g in slopes]


def _each_to_length_one(slopes: list[Tensor]) -> list[Tensor]:
    return [g / g.norm() for g in slopes]


def _signs(slopes: list[Tensor]) -> list[Tensor]:
    return [g / (g.abs() + 1e-8) for g in slopes]  # Adam's first step


def _cut(slopes: list[Tensor]) -> list[Tensor]:
    length = torch.cat([g.flatten() for g in slopes]).norm()
    return [g / length.clamp(min=1) for g in slopes]
