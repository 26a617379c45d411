"""Optimisers for a call, and what they hold before and after it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from chisel.checking import Draw
from chisel.checking.values import copied
from chisel.lr_mode_shift.checks._in_place import Recipe

Groups = list[dict[str, Any]]


@dataclass(frozen=True)
class Optimiser:
    """What an optimiser holds.

    Attributes:
        rates: of the groups, as they stand there.
        state: for each parameter in order, by name, what the optimiser has gathered.
        settings: of each group, without rate and parameters.
        defaults: the settings of a group to come.
        places: for each group, which tensors are its parameters.
        weights, slopes: values and gradients of the parameters.
    """

    rates: list[Any]
    state: list[dict[str, Any]]
    settings: list[dict[str, Any]]
    defaults: dict[str, Any]
    places: list[list[int]]
    weights: list[Tensor]
    slopes: list[Tensor | None]


@dataclass(frozen=True)
class Left:
    """An optimiser before and after a call, and whether what came back is another one."""

    before: Optimiser
    after: Optimiser
    other: bool


def _sgd(groups: Groups) -> torch.optim.Optimizer:
    return torch.optim.SGD(groups, lr=0.07, momentum=0.9)


def _adamw(groups: Groups) -> torch.optim.Optimizer:
    different = [group | {"weight_decay": 0.1 + i} for i, group in enumerate(groups)]
    return torch.optim.AdamW(different, lr=0.07, betas=(0.9, 0.98))


KINDS: dict[str, Callable[[Groups], torch.optim.Optimizer]] = {"SGD with momentum": _sgd, "AdamW": _adamw}


def recipe(draw: Draw, kind: str, rates: list[float], steps: int) -> Recipe:
    """Describe an optimiser that has made so many steps, with one parameter a group and gradients for one step more."""
    values = [draw.normal(3) for _ in rates]
    slopes = [[draw.normal(3) for _ in rates] for _ in range(steps + 1)]

    def made() -> torch.optim.Optimizer:
        parts = [nn.Parameter(value.clone()) for value in values]
        optimiser = KINDS[kind]([{"params": [p], "lr": rate} for p, rate in zip(parts, rates, strict=True)])
        for now in slopes:
            for part, slope in zip(parts, now, strict=True):
                part.grad = slope.clone()
            if now is not slopes[-1]:
                optimiser.step()
        return optimiser

    return Recipe(f"{kind}, groups with the rates {', '.join(f'{x:.6g}' for x in rates)}, after {steps} steps", made)


def _seen(optimiser: torch.optim.Optimizer) -> Optimiser:
    groups = optimiser.param_groups
    parts = [part for group in groups for part in group["params"]]
    return Optimiser(
        [copied(group.get("lr")) for group in groups],
        [copied(dict(optimiser.state[part])) if part in optimiser.state else {} for part in parts],
        [copied({key: value for key, value in group.items() if key not in ("params", "lr")}) for group in groups],
        copied(optimiser.defaults),
        [[id(part) for part in group["params"]] for group in groups],
        [part.detach().clone() for part in parts],
        [None if part.grad is None else part.grad.detach().clone() for part in parts],
    )


def watch(optimiser: torch.optim.Optimizer, call: Callable[[], Any]) -> Left:
    """See `_in_place.InPlace`."""
    before = _seen(optimiser)
    result = call()
    return Left(before, _seen(optimiser), isinstance(result, torch.optim.Optimizer) and result is not optimiser)
