"""The chapter's claims, each with the criteria it was given before the run. Pure declarations: a listing is instant."""

from chisel.core.claims import Claim
from chisel.reward_as_chisel.claims_disreward import DIS_REWARD, DIS_REWARD_CAUSE, DIS_REWARD_PLACE
from chisel.reward_as_chisel.claims_goals import REGION_SIZE, WHICH_INFLUENCE
from chisel.reward_as_chisel.claims_rewards import APPETITES, REWARD_NEVER_MET
from chisel.reward_as_chisel.claims_steering import CHEESE_VECTOR, CHEESE_VECTOR_PLACE, FEW_CHANNELS

NUMBER = 1
CHAPTER = "Reward is a chisel"
CLAIMS: tuple[Claim, ...] = (
    REGION_SIZE,
    WHICH_INFLUENCE,
    CHEESE_VECTOR,
    CHEESE_VECTOR_PLACE,
    FEW_CHANNELS,
    DIS_REWARD,
    DIS_REWARD_CAUSE,
    DIS_REWARD_PLACE,
    REWARD_NEVER_MET,
    APPETITES,
)
