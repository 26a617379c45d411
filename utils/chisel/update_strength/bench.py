"""What stacking buys: the bandit simulation of thousands of runs against a plain python loop over seeds."""

import math
from collections.abc import Sequence

import torch

from chisel.core.benches import Bench
from chisel.core.seeding import generator
from chisel.update_strength.bandit import simulate

START, REWARDS, LR = (0.0, 3.0, 5.0), (1.0, 0.7, 0.0), 0.1
BASELINE = ("minimum", -0.5)
STEPS, MEMBERS = 100, 2000


def run_one(
    start: Sequence[float],
    rewards: Sequence[float],
    lr: float,
    baseline: tuple[str, float],
    draws: Sequence[float],
    natural: bool,
) -> tuple[list[float], list[bool]]:
    """Do one member of `bandit.simulate` without tensors, to be read beside it and compared with it.

    Args:
        draws: one uniform number a step.

    Returns:
        the final policy, and for each arm whether it was ever drawn.
    """
    logits, drawn, arms = list(start), [False] * len(start), range(len(start))
    reference, offset = baseline
    for uniform in draws:
        probs = _softmax(logits)
        arm, edge = 0, probs[0]
        while arm < len(start) - 1 and uniform >= edge:
            arm += 1
            edge += probs[arm]
        drawn[arm] = True
        if reference == "zero":
            weights = [0.0 for _ in arms]
        elif reference == "value":
            weights = probs
        elif natural:
            weights = [1 / p for p in probs]
        else:
            weights = [p * sum(((a == b) - q) ** 2 for b, q in enumerate(probs)) for a, p in enumerate(probs)]
        total = sum(weights) or 1.0
        advantage = rewards[arm] - offset - sum(w * r for w, r in zip(weights, rewards, strict=True)) / total
        if natural:
            logits[arm] += lr * advantage / probs[arm]
        else:
            logits = [logits[a] + lr * advantage * ((a == arm) - probs[a]) for a in arms]
    return _softmax(logits), drawn


def stacked(members: int = MEMBERS) -> torch.Tensor:
    """Run `members` seeds at once and return their final policies [A, M]."""
    start, rewards = torch.tensor(START, dtype=torch.float64), torch.tensor(REWARDS, dtype=torch.float64)
    return simulate(start, rewards[:, None], LR, [BASELINE], _draws(members), True, [STEPS]).probs[0, :, 0]


def looped(members: int = MEMBERS) -> torch.Tensor:
    """Run the same seeds one after another in plain python and return their final policies [A, M]."""
    runs = [run_one(START, REWARDS, LR, BASELINE, draws, natural=True)[0] for draws in _draws(members).T.tolist()]
    return torch.tensor(runs, dtype=torch.float64).T


def _draws(members: int) -> torch.Tensor:
    return torch.rand(STEPS, members, generator=generator(0, "bench"), dtype=torch.float64)  # [T, M]


def _softmax(logits: Sequence[float]) -> list[float]:
    largest = max(logits)
    exponentials = [math.exp(logit - largest) for logit in logits]
    return [e / sum(exponentials) for e in exponentials]


BENCHES = [Bench(f"three-armed bandit, {MEMBERS} seeds, {STEPS} steps", stacked, looped)]
