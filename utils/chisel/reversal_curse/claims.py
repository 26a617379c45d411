"""The chapter's claims, each with the criteria it was given before the run. Pure declarations: a listing is instant."""

from chisel.core.claims import Claim

CHAPTER = "The reversal curse"
CLAIMS: tuple[Claim, ...] = ()
