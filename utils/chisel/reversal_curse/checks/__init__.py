"""The checks of this chapter's exercises, one a function that a learner writes: `checks.lm_loss(lm_loss)`."""

from chisel.reversal_curse.checks.bilinear_scores import check as bilinear_scores
from chisel.reversal_curse.checks.difference_in_differences import check as difference_in_differences
from chisel.reversal_curse.checks.make_facts import check as make_facts

__all__ = [
    "bilinear_scores",
    "difference_in_differences",
    "make_facts",
]
