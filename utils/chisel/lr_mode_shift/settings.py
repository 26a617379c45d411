"""How one member of a stack is trained, and which steps are measured. Imports no solution."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chisel.lr_mode_shift.models import ARCHITECTURES

DECAYS = ("coupled", "constant", "decay_only")


@dataclass(frozen=True)
class Setting:
    """One training run.

    Attributes:
        architecture: "quadratic", "embedding" or "transformer"; see `models`.
        p: the modulus.
        width: of the embedding or residual stream; the quadratic network has none.
        hidden: units of the hidden layer.
        heads: of the transformer's attention.
        layer_norm: whether the transformer has layer normalisation; the others have none.
        fraction: share of all pairs that is trained on.
        batch: pairs a step; 0 for all.
        lr: the base learning rate.
        multiplier: of the rate, from step `switch_step` on.
        switch_step: the first step at the new rate; 0 for a run that has it from the start.
        decay: which of the two rates, that of the gradient and that of the weight decay, the multiplier raises: see
            `adamw_step`.
        weight_decay: on all parameters.
        warmup: steps over which the rate rises linearly to what it is to be.
        weight_noise: standard deviation of what is added to each weight after each step from `switch_step` on.
        seed: of the split, the first values and the order of the batches, each from a stream of its own.
    """

    architecture: str = "transformer"
    p: int = 31
    width: int = 64
    hidden: int = 128
    heads: int = 4
    fraction: float = 0.6
    batch: int = 128
    lr: float = 1e-3
    multiplier: float = 1.0
    switch_step: int = 600
    decay: str = "coupled"
    weight_decay: float = 1.0
    warmup: int = 10
    weight_noise: float = 0.0
    seed: int = 0
    layer_norm: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be trained.

        Raises:
            ValueError: an unknown architecture or decay, or a number out of its range.
        """
        if self.architecture not in ARCHITECTURES:
            raise ValueError(f"the architecture is one of {', '.join(ARCHITECTURES)}, not {self.architecture!r}")
        if self.decay not in DECAYS:
            raise ValueError(f"the decay is one of {', '.join(DECAYS)}, not {self.decay!r}")
        if not isinstance(self.p, int) or self.p <= 2:
            raise ValueError(f"p must be an integer above 2, got {self.p!r}")
        if not 0 < self.fraction < 1:
            raise ValueError(f"the fraction must lie between 0 and 1, got {self.fraction!r}")
        if not 0 <= self.batch <= self.trained:
            raise ValueError(f"a batch holds 0 (for all) to {self.trained} pairs, not {self.batch}")
        if self.width % self.heads:
            raise ValueError(f"{self.heads} heads do not divide a width of {self.width}")
        if self.layer_norm and self.architecture != "transformer":
            raise ValueError("only the transformer has layer normalisation")
        if self.lr <= 0 or self.multiplier <= 0:
            raise ValueError(f"rate and multiplier must be positive, got {self.lr} and {self.multiplier}")
        if min(self.switch_step, self.weight_decay, self.warmup, self.weight_noise) < 0:
            raise ValueError("switch step, weight decay, warm-up and noise cannot be negative")

    @property
    def trained(self) -> int:
        """How many pairs are trained on."""
        return int(self.fraction * self.p * self.p)

    @property
    def shape(self) -> tuple:
        """What the members of one stack must have in common."""
        sizes = (self.p, self.width, self.hidden, self.heads, self.fraction, self.batch)
        return (self.architecture, self.layer_norm, *sizes)

    def shifts(self) -> bool:
        """Say whether anything changes at the switch."""
        return self.multiplier != 1 or self.weight_noise > 0

    def until_now(self, step: int) -> "Setting":
        """Return a setting that is equal for all runs which are the same up to and including step number `step`."""
        if self.shifts() and step >= self.switch_step:
            return self
        return replace(self, multiplier=1.0, switch_step=0, decay="coupled", weight_noise=0.0)


def look_steps(steps: int, switch: int, stages: Sequence[Sequence[int]], before: int = 50) -> list[int]:
    """Return the steps at which to measure: densely right after the switch, then at growing intervals.

    Args:
        steps: of the whole run; measured at the end in any case.
        stages: (until, every), one after another: up to `until` steps after the switch, each `every` steps.
        before: up to the switch, each `before` steps from 0 on.
    """
    looks, start = {*range(0, switch, before), switch, steps}, 0
    for until, every in stages:
        looks |= set(range(switch + start, switch + until + 1, every))
        start = until
    return sorted(look for look in looks if look <= steps)
