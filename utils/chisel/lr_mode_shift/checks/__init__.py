"""The checks of this chapter's exercises, one a function that a learner writes: `checks.make_split(make_split)`."""

from chisel.lr_mode_shift.checks.make_split import check as make_split
from chisel.lr_mode_shift.checks.shift_metrics import check as shift_metrics

__all__ = [
    "make_split",
    "shift_metrics",
]
