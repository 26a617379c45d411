"""The chapter's claims, each with the criteria it was given before the run. Pure declarations: a listing is instant."""

from chisel.core.claims import Claim
from chisel.reversal_curse.claims_causes import OFF_SWITCHES, ONE_STEP_TRANSFER, TRANSPOSE
from chisel.reversal_curse.claims_context import IN_CONTEXT
from chisel.reversal_curse.claims_pretrained import FINETUNE_CURSE, PRETRAINED_ASYMMETRY
from chisel.reversal_curse.claims_scale import NO_LIFT_WITH_SCALE
from chisel.reversal_curse.claims_scratch import REVERSAL_CURSE, TYING_AND_IDENTITY

NUMBER = 3
CHAPTER = "The reversal curse"
CLAIMS: tuple[Claim, ...] = (
    REVERSAL_CURSE,
    TYING_AND_IDENTITY,
    NO_LIFT_WITH_SCALE,
    ONE_STEP_TRANSFER,
    TRANSPOSE,
    OFF_SWITCHES,
    IN_CONTEXT,
    PRETRAINED_ASYMMETRY,
    FINETUNE_CURSE,
)
