"""A smoothed accuracy curve that looks right, and makes a crash look like a gentle slope.

`silent_bug` says what is wrong with it. This module only shows it, and the settings to try it in.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from chisel.core.seeding import generator

Smoother = Callable[[Tensor, int, int], Tensor]

# Unless the setting says otherwise: training accuracy at each of 400 steps, memorised at the switch after 200 of them,
# lost at once, and back within some 50 steps; each point the mean over a window of 25 steps; in single precision.
SETTINGS: Mapping[str, str] = {
    "wide-window": "the window is 100 steps wide",
    "one-step-window": "the window is one step wide",
    "nothing-lost": "training accuracy is 1 before the switch and stays at 1 after it",
    "switch-at-the-end": "the rate is raised with the last step, and no more than one measurement is made after it",
    "switch-after-all": "the switch comes where the recorded curve ends: the last measurement is the one at the switch",
    "read-late": "of the smoothed curve only what comes a window or more after the switch is looked at",
    "validation": "it is validation accuracy: at chance before the switch, rising to 1 within 100 steps after it",
    "dead": "after the switch training accuracy stays at chance",
    "many-seeds": "the curve is the mean over 50 runs, each with its own noise, smoothed as one",
    "double-precision": "the accuracies are in double precision",
}

_STEPS, _SWITCH, _WINDOW, _CHANCE = 400, 200, 25, 1 / 31


def buggy_curve(accuracy: Tensor, window: int, switch_step: int) -> Tensor:
    """Return a smoothed accuracy curve [T].

    Args:
        accuracy: [T], measured before each step and at the end: the index is the step.
        window: how many measurements a point is the mean of; at the beginning there are fewer.
        switch_step: the first step at the new rate, so that the accuracy there is the last one of the old rate.
    """
    return torch.stack([accuracy[max(0, t + 1 - window) : t + 1].mean() for t in range(len(accuracy))])


def curve_difference(smoother: Smoother, setting: str, seed: int) -> float:
    """Return how far `smoother` and `buggy_curve` are apart in a setting: the largest difference of a point.

    Raises:
        ValueError: an unknown setting.
    """
    accuracy, window, switch_step = example(setting, seed)
    apart = (smoother(accuracy, window, switch_step) - buggy_curve(accuracy, window, switch_step)).abs()
    if setting == "read-late":
        apart = apart[switch_step + window :]
    return float(apart.max())


def example(setting: str, seed: int) -> tuple[Tensor, int, int]:
    """Draw an accuracy curve [T] with its window and its switch, as a setting has them.

    Raises:
        ValueError: an unknown setting.
    """
    if setting not in SETTINGS:
        raise ValueError(f"unknown setting {setting!r}: use one of {', '.join(SETTINGS)}")
    random = generator(seed, "candidates", setting)
    runs = 50 if setting == "many-seeds" else 1
    after = torch.arange(_STEPS + 1 - _SWITCH - 1, dtype=torch.float64) + 1  # steps at the new rate, from 1 on
    lost, back = {"dead": (_CHANCE, 1e9), "validation": (_CHANCE, 40.0)}.get(setting, (0.2, 20.0))
    level = lost + (1 - lost) * (1 - torch.exp(-after / back))
    before = torch.full((_SWITCH + 1,), _CHANCE if setting == "validation" else 1.0, dtype=torch.float64)
    noise = 0.02 * torch.randn(runs, len(after), generator=random, dtype=torch.float64).mean(dim=0)
    curve = torch.cat([before, (level + noise).clamp(0, 1)])
    switch = _SWITCH
    if setting == "nothing-lost":
        curve = torch.ones_like(curve)
    if setting == "switch-at-the-end":
        curve = curve[: _SWITCH + 2]
    if setting == "switch-after-all":
        curve = curve[: _SWITCH + 1]
    window = {"wide-window": 100, "one-step-window": 1}.get(setting, _WINDOW)
    return (curve if setting == "double-precision" else curve.float()), window, switch
