"""The chapter's claims, each with the criteria it was given before the run. Pure declarations: a listing is instant."""

from chisel.core.claims import Claim
from chisel.lr_mode_shift.claims_classic import CLASSIC_SIZE

CHAPTER = "Learning-rate mode shifts"
CLAIMS: tuple[Claim, ...] = (CLASSIC_SIZE,)
