"""The chapter's claims, each with the criteria it was given before the run. Pure declarations: a listing is instant."""

from chisel.core.claims import Claim
from chisel.update_strength.claims_gradients import (
    LEARNING_RATE_IDENTITY,
    REWARD_INFORMATION,
    TOKEN_WEIGHTS,
    TOKEN_ZERO,
    UPDATE_SPAN,
)
from chisel.update_strength.claims_policies import BASELINE_COMMITMENT, NEVER_SAMPLED, SURVIVAL_INSTINCT

NUMBER = 2
CHAPTER = "Reward is update strength"
CLAIMS: tuple[Claim, ...] = (
    LEARNING_RATE_IDENTITY,
    UPDATE_SPAN,
    REWARD_INFORMATION,
    BASELINE_COMMITMENT,
    NEVER_SAMPLED,
    SURVIVAL_INSTINCT,
    TOKEN_WEIGHTS,
    TOKEN_ZERO,
)
