"""The learning rate as a function of the step, and how to change it in an optimiser that is running."""

import torch


def lr_at(step: int, base: float, multiplier: float, switch_step: int) -> float:
    """Return the learning rate of one step.

    Steps are counted from 0. Step number `switch_step` is the first that is made at the new rate, and the rate stays
    there.

    Args:
        base: the rate before the switch.
        multiplier: the new rate over the base rate.
        switch_step: 0 for the new rate from the first step on.
    """
    return base * multiplier if step >= switch_step else base


def set_lr(optimizer: torch.optim.Optimizer, lr: float) -> None:
    """Make `lr` the learning rate of the next step, of every parameter, and change nothing else.

    All parameter groups get exactly this rate. What the optimiser has gathered (moments, step counts) stays.
    """
    for group in optimizer.param_groups:
        group["lr"] = lr
