"""The checks of this chapter's exercises, one a function that a learner writes: `checks.gae(gae)`."""

from chisel.reward_as_chisel.checks.cheese_vector import check as cheese_vector
from chisel.reward_as_chisel.checks.decision_features import check as decision_features
from chisel.reward_as_chisel.checks.gae import check as gae
from chisel.reward_as_chisel.checks.hit_probability import check as hit_probability
from chisel.reward_as_chisel.checks.rollout import check as rollout
from chisel.reward_as_chisel.checks.steer import check as steer

__all__ = [
    "cheese_vector",
    "decision_features",
    "gae",
    "hit_probability",
    "rollout",
    "steer",
]
