"""The checks of this chapter's exercises, one a function that a learner writes: `checks.make_split(make_split)`."""

from chisel.lr_mode_shift.checks.adamw_step import check as adamw_step
from chisel.lr_mode_shift.checks.attribute import check as attribute
from chisel.lr_mode_shift.checks.fixed_curve import check as fixed_curve
from chisel.lr_mode_shift.checks.hidden_by import check as hidden_by
from chisel.lr_mode_shift.checks.lr_at import check as lr_at
from chisel.lr_mode_shift.checks.make_split import check as make_split
from chisel.lr_mode_shift.checks.set_lr import check as set_lr
from chisel.lr_mode_shift.checks.shift_metrics import check as shift_metrics
from chisel.lr_mode_shift.checks.stacked_forward import check as stacked_forward
from chisel.lr_mode_shift.checks.symmetrised_logits import check as symmetrised_logits
from chisel.lr_mode_shift.checks.train import check as train

__all__ = [
    "adamw_step",
    "attribute",
    "fixed_curve",
    "hidden_by",
    "lr_at",
    "make_split",
    "set_lr",
    "shift_metrics",
    "stacked_forward",
    "symmetrised_logits",
    "train",
]
