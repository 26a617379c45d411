"""The checks of this chapter's exercises, one a function that a learner writes: `checks.lm_loss(lm_loss)`."""

from chisel.reversal_curse.checks.augment import check as augment
from chisel.reversal_curse.checks.bilinear_scores import check as bilinear_scores
from chisel.reversal_curse.checks.completion_logprob import check as completion_logprob
from chisel.reversal_curse.checks.difference_in_differences import check as difference_in_differences
from chisel.reversal_curse.checks.fixed_scores import check as fixed_scores
from chisel.reversal_curse.checks.hidden_by import check as hidden_by
from chisel.reversal_curse.checks.lm_loss import check as lm_loss
from chisel.reversal_curse.checks.make_facts import check as make_facts
from chisel.reversal_curse.checks.one_step_transfer import check as one_step_transfer
from chisel.reversal_curse.checks.reversal_statistic import check as reversal_statistic

__all__ = [
    "augment",
    "bilinear_scores",
    "completion_logprob",
    "difference_in_differences",
    "fixed_scores",
    "hidden_by",
    "lm_loss",
    "make_facts",
    "one_step_transfer",
    "reversal_statistic",
]
