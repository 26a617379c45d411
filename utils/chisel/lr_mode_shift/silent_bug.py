"""A smoothed curve that lets what was memorised leak into what came after.

A moving average that reaches back over the switch mixes two regimes. For as many steps as the window is wide each point
after the switch still holds memorised accuracy: a crash to the level of validation becomes a gentle dip, and a network
that forgets and learns anew looks as if it had hardly been disturbed. Every number is a true mean of true accuracies.
"""

import torch
from torch import Tensor

from chisel.lr_mode_shift.candidates import SETTINGS, buggy_curve, curve_difference

__all__ = ["SETTINGS", "buggy_curve", "curve_difference", "fixed_curve", "hidden_by"]


def fixed_curve(accuracy: Tensor, window: int, switch_step: int) -> Tensor:
    """The same curve with the fault removed.

    Point t is still the mean of the last `window` measurements up to t, itself included, or of as many as there are.
    But no point mixes what was measured before the first step at the new rate with what was measured after it.

    Args:
        accuracy: [T], measured before each step and at the end: the index is the step.
        window: how many measurements a point is the mean of, 1 or more.
        switch_step: the first step at the new rate, 0 to T - 1. The accuracy at this index is measured before that
            step, so it belongs to the old rate.

    Returns:
        [T], with the dtype and on the device of `accuracy`.
    """
    points = []
    for t in range(len(accuracy)):
        side = 0 if t <= switch_step else switch_step + 1  # where the measurements of this point's rate begin
        points.append(accuracy[max(side, t + 1 - window) : t + 1].mean())
    return torch.stack(points)


def hidden_by() -> set[str]:
    """Name the settings that would have hidden the bug.

    A setting hides it when, with that one setting on and all else as the menu has it, both functions return the same
    curve wherever it is looked at. Unless the setting says otherwise it is training accuracy at each of 400 steps,
    memorised at the switch after 200 of them, lost at once and regained within some 50 steps, and the window is 25
    steps wide.

    Returns:
        a subset of the keys of `chisel.lr_mode_shift.candidates.SETTINGS`, which says what each one means.
    """
    return {"one-step-window", "nothing-lost", "switch-after-all", "read-late"}
