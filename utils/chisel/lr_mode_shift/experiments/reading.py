"""What the curves of one run say: how far it falls, how it goes on, and when it generalises."""

import math
from typing import Any

import torch
from torch import Tensor

from chisel.lr_mode_shift.experiments.classic import AT_ONCE, CURVES, DEAD, GENERALISED, held
from chisel.lr_mode_shift.measurements import shift_metrics
from chisel.lr_mode_shift.runs import Runs

EVERY = 25  # steps between the values whose changes are compared
# Numbers that every run has; the correlations need not be defined.
NUMBERS = (
    "before_train",
    "before_val",
    "fall",
    "val_fall",
    "above",
    "drop",
    "gap",
    "rise_gap",
    "lead",
    "again",
    "end_train",
    "end_val",
)
CORRELATIONS = ("r", "whole_r", "change_r", "loss_r")


def read_run(runs: Runs, member: int) -> dict[str, Any]:
    """Return what the curves of one run say. Between two looks a value is taken to stay what it was.

    "before_train", "before_val": accuracies at the switch, before the first step at the new rate. "fall": by how much
    training accuracy falls within `AT_ONCE` steps; "val_fall": validation accuracy likewise; "above": how far training
    accuracy, where it is lowest in these steps, is still above validation accuracy.

    From that lowest point on: "rise_gap", the mean of |train - val| until validation accuracy reaches `GENERALISED`, or
    to the end; "lead", the largest lead of training over validation accuracy to the end; "again", by how much it
    exceeds "above".

    "steps": from the switch until validation accuracy was first seen at `GENERALISED`, or None; "total": the same from
    the beginning. "end_train", "end_val": means over the last tenth of the steps after the switch. "dead": of the
    former below `DEAD`.

    "drop", "gap", "r", "outcome": of `shift_metrics`. Correlations of the two curves, None where one is constant:
    "whole_r" over the whole run; "change_r" of their changes from each `EVERY` steps to the next, over the whole run;
    "loss_r" of the logarithms of the two losses after the switch.
    """
    switch, looks = runs.settings[member].switch_step, runs.steps.tolist()
    train, val = (held(runs.curves[name][member], looks) for name in CURVES)
    after, beside = train[switch:], val[switch:]
    lowest = int(after[: AT_ONCE + 1].argmin())
    reached = (beside >= GENERALISED).nonzero().flatten()
    steps = int(reached[0]) if len(reached) else None
    later = (beside[lowest:] >= GENERALISED).nonzero().flatten()
    risen = lowest + int(later[0]) if len(later) else len(after) - 1
    leads = (after - beside)[lowest:]
    metrics = shift_metrics(train, val, switch)
    last = (len(after) - 1) // 10 or 1
    above = float(leads[0])
    losses = [held(runs.curves[name][member], looks)[switch::EVERY] for name in ("train_loss", "val_loss")]
    end = float(after[-last:].mean())
    return {
        "before_train": float(after[0]),
        "before_val": float(beside[0]),
        "fall": float(after[0] - after[lowest]),
        "val_fall": float(beside[0] - beside[: AT_ONCE + 1].min()),
        "above": above,
        "drop": metrics.drop,
        "gap": metrics.gap,
        "rise_gap": float((after - beside)[lowest : risen + 1].abs().mean()),
        "lead": float(leads.max()),
        "again": float(leads.max()) - above,
        "end_train": end,
        "end_val": float(beside[-last:].mean()),
        "steps": steps,
        "total": None if steps is None else switch + steps,
        "dead": end < DEAD,
        "outcome": metrics.outcome,
        "frozen": runs.frozen[member],
        "r": None if math.isnan(metrics.r) else metrics.r,
        "whole_r": correlation(train[::EVERY], val[::EVERY]),
        "change_r": correlation(train[::EVERY].diff(), val[::EVERY].diff()),
        # A loss of exactly 0 in double precision is taken for the smallest that it can tell from 0.
        "loss_r": correlation(*(loss.clamp(min=1e-16).log() for loss in losses)),
    }


def correlation(x: Tensor, y: Tensor) -> float | None:
    """Return Pearson's correlation of `x, y: [T]`, or None where either is constant."""
    if len(x) < 2 or bool((x == x[0]).all()) or bool((y == y[0]).all()):
        return None
    return float(torch.corrcoef(torch.stack([x, y]))[0, 1])
