"""The checks of this chapter's exercises, one a function that a learner writes: `checks.gae(gae)`."""

from chisel.reward_as_chisel.checks.button_world import check as button_world
from chisel.reward_as_chisel.checks.cheese_vector import check as cheese_vector
from chisel.reward_as_chisel.checks.decision_features import check as decision_features
from chisel.reward_as_chisel.checks.disreward import check as disreward
from chisel.reward_as_chisel.checks.fixed_observations import check as fixed_observations
from chisel.reward_as_chisel.checks.gae import check as gae
from chisel.reward_as_chisel.checks.generate_mazes import check as generate_mazes
from chisel.reward_as_chisel.checks.hidden_by import check as hidden_by
from chisel.reward_as_chisel.checks.hit_probability import check as hit_probability
from chisel.reward_as_chisel.checks.rollout import check as rollout
from chisel.reward_as_chisel.checks.steer import check as steer

__all__ = [
    "button_world",
    "cheese_vector",
    "decision_features",
    "disreward",
    "fixed_observations",
    "gae",
    "generate_mazes",
    "hidden_by",
    "hit_probability",
    "rollout",
    "steer",
]
