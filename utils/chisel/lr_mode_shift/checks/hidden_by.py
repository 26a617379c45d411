"""The check of `hidden_by`: what was named hides the bug, and what hides it was named. Both are measured.

Nothing here knows the answer: every setting is tried out, with the smoothing as found and with a right one.
"""

import torch
from torch import Tensor

from chisel.checking import Diagnosis, Menu, menu_check
from chisel.lr_mode_shift.candidates import SETTINGS, buggy_curve, curve_difference

# Why a setting is easily taken for one that hides the bug.
REVEALING = {
    "wide-window": Diagnosis(
        "wide-window-does-not-hide",
        "a wide window does not hide the bug",
        "It makes the curve look smooth, and the bug worse: for a hundred steps each point holds accuracy from before "
        "the switch.",
    ),
    "switch-at-the-end": Diagnosis(
        "switch-at-the-end-does-not-hide",
        "a single measurement after the switch does not hide the bug",
        "There is one point after the switch, and as found it is a mean over 24 measurements of the old rate and one "
        "of the new.",
    ),
    "validation": Diagnosis(
        "validation-does-not-hide",
        "validation accuracy does not hide the bug",
        "It does not crash. But it rises, and each point after the switch still holds the low accuracy from before it: "
        "as found it seems to rise later.",
    ),
    "dead": Diagnosis(
        "dead-does-not-hide",
        "a network that stays dead does not hide the bug",
        "In the end both curves are at chance. Right after the switch one is there at once, and the other only when "
        "the window has passed.",
    ),
    "many-seeds": Diagnosis(
        "many-seeds-does-not-hide",
        "a mean over many runs does not hide the bug",
        "It takes out noise. The bug is none: it does the same to each run.",
    ),
    "double-precision": Diagnosis(
        "double-precision-does-not-hide",
        "double precision does not hide the bug",
        "It is no matter of rounding: every point is a true mean, of measurements that do not belong together.",
    ),
}


def _apart(setting: str) -> float:
    """How far the two curves are apart at most, where the setting looks: the largest of three measurements."""
    return max(curve_difference(_right, setting, seed) for seed in range(3))


def _right(accuracy: Tensor, window: int, switch_step: int) -> Tensor:
    """The curve in two pieces, each smoothed as found and for itself."""
    old, new = accuracy[: switch_step + 1], accuracy[switch_step + 1 :]
    pieces = [buggy_curve(piece, window, switch_step) for piece in (old, new) if len(piece)]
    return torch.cat(pieces)


check = menu_check(
    solution="chisel.lr_mode_shift.silent_bug:hidden_by",
    example="if nothing on the menu but double precision and a mean over many runs hid the bug  ->  "
    '{"double-precision", "many-seeds"}',
    read="the section 'The silent bug' of the chapter",
    menu=Menu(
        settings=tuple(SETTINGS),
        difference=_apart,
        shows=lambda size: size > 1e-6,
        compared="the smoothed curve as found and a right one",
        says=lambda size: f"at some point they are {size:.2g} apart",
        everything="Under some of them both functions were called, and their curves differ.",
        opposite="Asked for are those under which it does not: both functions then return the same curve.",
        nothing="At least one setting on the menu makes the two functions return the same curve.",
        missing="The bug takes means over measurements of both rates. Ask of every setting whether there is such a "
        "mean, whether it is another number then, and whether anybody looks at it.",
        revealing=REVEALING,
    ),
)
