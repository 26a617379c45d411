"""What a rollout must look like, the tables that its check lets agents walk in, and how frequencies are compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from chisel.checking import Draw
from chisel.checking.contract import WRONG_DEVICE, WRONG_SHAPE, WRONG_TYPE, Arguments, Problem

Z = 7.0  # standard deviations
NAMES = ("states", "actions", "alive")


@dataclass(frozen=True)
class Walks:
    """Three tensors: states [B, K, T + 1] and actions [B, K, T], whole numbers, and alive [B, K, T] bool."""

    def problem(self, result: Any, arguments: Arguments) -> Problem | None:
        """See `Contract.problem`."""
        if not isinstance(result, tuple | list) or len(result) != len(NAMES):
            count = f" of {len(result)}" if isinstance(result, tuple | list) else ""
            return WRONG_TYPE, f"{type(result).__name__}{count}, where (states, actions, alive) is promised"
        (batch, agents), steps = arguments["start"].shape, arguments["steps"]
        for name, part, length in zip(NAMES, result, (steps + 1, steps, steps), strict=True):
            if type(part) is not Tensor or part.layout != torch.strided:
                return WRONG_TYPE, f"{name}: {type(part).__name__}, where an ordinary tensor is promised"
            if tuple(part.shape) != (batch, agents, length):
                return WRONG_SHAPE, f"{name}: shape {list(part.shape)}, where {[batch, agents, length]} is promised"
            fractions = part.is_floating_point() or part.is_complex()
            if name == "alive" and part.dtype != torch.bool:
                return WRONG_TYPE, f"{name}: {part.dtype}, where torch.bool is promised"
            if name != "alive" and (fractions or part.dtype == torch.bool):
                return WRONG_TYPE, f"{name}: {part.dtype}, where an integer dtype is promised"
            if part.device != arguments["start"].device:
                return WRONG_DEVICE, f"{name}: {part.device}, where `start` is on {arguments['start'].device}"
        return None

    def same(self, a: Any, b: Any, relative: float, absolute: float) -> bool:
        """See `Contract.same`: exactly, except for the actions of the finished, which are arbitrary."""
        acting = torch.cat([a[2][..., :1], a[2][..., :-1]], dim=-1)
        return torch.equal(a[0], b[0]) and torch.equal(a[2], b[2]) and torch.equal(a[1][acting], b[1][acting])


def random_generator(draw: Draw) -> torch.Generator:
    """Return a generator with a seed of its own."""
    return torch.Generator().manual_seed(draw.integer(0, 2**31))


def wandering(draw: Draw, batch: int, cells: int, actions: int) -> Tensor:
    """Return tables [B, S, A] whose first action leads on in a circle of its own each maze, the others anywhere."""
    table = draw.integers(0, cells, batch, cells, actions)
    for row in table:
        order = draw.permutation(cells)
        row[order, 0] = order.roll(1)
    return table


def restless(draw: Draw, batch: int, cells: int, actions: int) -> Tensor:
    """Return tables as `wandering` does, in which no action stays."""
    table = wandering(draw, batch, cells, actions)
    return torch.where(table == torch.arange(cells)[:, None], table[..., :1], table)


def staying(batch: int, cells: int, actions: int) -> Tensor:
    """Return tables [B, S, A] in which every action stays."""
    return torch.arange(cells)[None, :, None].repeat(batch, 1, actions)


def moved(table: Tensor, states: Tensor, actions: Tensor) -> Tensor:
    """Return where `actions` [B, K, T] lead from `states` [B, K, T]."""
    return table[torch.arange(len(table))[:, None, None], states, actions]


def looked_up(logits: Tensor, states: Tensor) -> Tensor:
    """Return the likeliest actions [B, K, T] in `states` [B, K, T]."""
    return logits.argmax(-1)[torch.arange(len(logits))[:, None, None], states]


def place(wrong: Tensor) -> tuple[int, int, int]:
    """Return maze, agent and step of the first True."""
    maze, agent, step = wrong.nonzero()[0].tolist()
    return maze, agent, step


def nowhere(logits: Tensor) -> Tensor:
    """Return `terminal` of mazes without a terminal cell."""
    return torch.zeros(logits.shape[:2], dtype=torch.bool)


def named(got: Tensor, suspects: Mapping[str, Sequence[Tensor]]) -> str | None:
    """Return the first mistake one of whose results is what came back."""
    return next((id for id, values in suspects.items() if any(torch.equal(got, value) for value in values)), None)


def distance(counts: Tensor, probs: Tensor) -> float:
    """Return Pearson's sum of squares of counts [S, A] about what probs [S, A] let expect."""
    expected = counts.sum(1, keepdim=True) * probs
    return float(((counts - expected) ** 2 / expected.clamp(min=1e-6)).sum())


def fits(counts: Tensor, probs: Tensor) -> bool:
    """Say whether counts [S, A] can be draws from probs [S, A]."""
    freedom = counts.shape[0] * (counts.shape[1] - 1)
    small = 2 / (9 * freedom)
    return distance(counts, probs) < freedom * (1 - small + Z * small**0.5) ** 3  # Wilson and Hilferty (1931)
