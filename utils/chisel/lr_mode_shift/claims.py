"""The chapter's claims, each with the criteria it was given before the run. Pure declarations: a listing is instant."""

from chisel.core.claims import Claim
from chisel.lr_mode_shift.claims_causes import RATE_OR_DECAY, VAL_COLLAPSE
from chisel.lr_mode_shift.claims_classic import CLASSIC_SIZE
from chisel.lr_mode_shift.claims_curves import BASE_UNCORRELATED, TANDEM, TRAIN_DROP
from chisel.lr_mode_shift.claims_phase import FRESH_START
from chisel.lr_mode_shift.claims_reported import FIFTY_FASTER, TEN_NEVER, TWO_TRANSITIONS
from chisel.lr_mode_shift.claims_search import REPORTED_ORDER

NUMBER = 4
CHAPTER = "Learning-rate mode shifts"
CLAIMS: tuple[Claim, ...] = (
    TRAIN_DROP,
    TANDEM,
    BASE_UNCORRELATED,
    FIFTY_FASTER,
    TEN_NEVER,
    TWO_TRANSITIONS,
    RATE_OR_DECAY,
    FRESH_START,
    VAL_COLLAPSE,
    REPORTED_ORDER,
    CLASSIC_SIZE,
)
