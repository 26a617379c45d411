"""The checks of this chapter's exercises, one a function that a learner writes: `checks.make_split(make_split)`."""

from chisel.lr_mode_shift.checks.lr_at import check as lr_at
from chisel.lr_mode_shift.checks.make_split import check as make_split
from chisel.lr_mode_shift.checks.shift_metrics import check as shift_metrics
from chisel.lr_mode_shift.checks.stacked_forward import check as stacked_forward
from chisel.lr_mode_shift.checks.symmetrised_logits import check as symmetrised_logits

__all__ = [
    "lr_at",
    "make_split",
    "shift_metrics",
    "stacked_forward",
    "symmetrised_logits",
]
