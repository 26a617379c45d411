"""The chapter's figures, one module an experiment; each draws from a stored result."""

from chisel.reversal_curse.figures import (
    finetune,
    in_context,
    matrices,
    off_switches,
    pretrained,
    scale,
    scratch,
    transfer,
    transpose,
)

__all__ = [
    "finetune",
    "in_context",
    "matrices",
    "off_switches",
    "pretrained",
    "scale",
    "scratch",
    "transfer",
    "transpose",
]
