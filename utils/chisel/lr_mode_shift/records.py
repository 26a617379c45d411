"""What the chapter's functions return. No solutions here, so that checks may import it."""

from dataclasses import dataclass

from torch import Tensor

from chisel.core.estimates import Estimate

DEAD = "dead"
VAL_COLLAPSE = "val-collapse"
NO_DROP = "no-drop"
TANDEM = "tandem"
RE_MEMORISED = "re-memorised"
OUTCOMES = (DEAD, VAL_COLLAPSE, NO_DROP, TANDEM, RE_MEMORISED)  # in the order in which they are tried


@dataclass(frozen=True)
class History:
    """One training run, measured before its first step and after each one.

    Attributes:
        train_acc: [T], float64, T = steps + 1. Entry t is measured before step number t, that is after t steps; the
            last one after the last step.
        val_acc, train_loss, val_loss: [T]. Losses are mean cross-entropies in nats.
    """

    train_acc: Tensor
    val_acc: Tensor
    train_loss: Tensor
    val_loss: Tensor


@dataclass(frozen=True)
class ShiftMetrics:
    """What two accuracy curves do after the switch.

    Attributes:
        drop: training accuracy at the switch less its first minimum from there on.
        gap: mean of |train - val| from that minimum to the end.
        r: Pearson correlation of the two there; nan where either is constant.
        outcome: one of `OUTCOMES`.
    """

    drop: float
    gap: float
    r: float
    outcome: str


@dataclass(frozen=True)
class TwoByTwo:
    """How long it took to generalise, under either rate and either decay, for the same seeds.

    Attributes:
        steps: [2, 2, S], steps from the switch until the run had generalised; inf for one that had not at the end. The
            first index is the learning rate of the gradient's part (0 base, 1 raised), the second the rate that
            multiplies the weight decay (0 base, 1 raised), the third the seed.
        horizon: how many steps after the switch each run was watched.
    """

    steps: Tensor
    horizon: int


@dataclass(frozen=True)
class Attribution:
    """Which of the two, rate or decay, makes a run generalise sooner.

    Attributes:
        table: [2, 2], mean over seeds of log2(horizon / steps), with a run that never generalised at the horizon: how
            many halvings of the horizon it took. 0 where none generalised.
        censored: [2, 2] int, how many runs never generalised.
        rate: halvings gained by raising the gradient's rate, the mean over both decays.
        decay: halvings gained by raising the decay, the mean over both rates.
        interaction: what raising the rate gains under the raised decay less what it gains under the base decay.
    """

    table: Tensor
    censored: Tensor
    rate: Estimate
    decay: Estimate
    interaction: Estimate
