"""How networks are trained: the settings of an advantage actor-critic. Pure values."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class A2C:
    """How networks are trained.

    Attributes:
        updates: how many, one rollout each.
        mazes: of a rollout, drawn from the bank. agents: in each maze. horizon: H, steps of a rollout.
        gamma, lam: of the advantages.
        lr: of Adam, after `warmup` updates; it falls linearly to the share `last_lr` of it.
        entropy, value: weights of the entropy bonus and of the critic's squared error in the loss.
        policy: weight of the policy gradient; at 0, with no entropy bonus, only the critic learns.
        clip: largest norm of a gradient.
        centre: whether the mean advantage is subtracted. Advantages are divided by their standard deviation anyway, or
            by `least_sd` if that is larger.
        train: which parameters move, by the start of their names; empty for all.

    Raises:
        ValueError: a rollout without mazes, agents or steps.
    """

    updates: int = 400
    mazes: int = 64
    agents: int = 16
    horizon: int = 25
    gamma: float = 0.95
    lam: float = 0.95
    lr: float = 4e-3
    warmup: int = 10
    last_lr: float = 0.1
    entropy: float = 0.01
    value: float = 0.5
    policy: float = 1.0
    clip: float = 1.0
    centre: bool = False
    least_sd: float = 0.05
    train: Sequence[str] = ()

    def __post_init__(self) -> None:
        if min(self.mazes, self.agents, self.horizon) < 1:
            raise ValueError(f"a rollout has mazes, agents and steps, not {self.mazes}, {self.agents}, {self.horizon}")
        object.__setattr__(self, "train", tuple(self.train))  # settings that were read from a file hold lists

    def rate(self, update: int) -> float:
        """Return the learning rate of an update, counted from 0. After the last one it stays."""
        if update < self.warmup:
            return self.lr * (update + 1) / self.warmup
        done = min(1.0, (update - self.warmup) / max(1, self.updates - self.warmup))
        return self.lr * (1 - (1 - self.last_lr) * done)
