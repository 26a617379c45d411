"""The chapter's figures; each draws from a stored result."""

from chisel.lr_mode_shift.figures import collapse, curves, phase, quantities, times

__all__ = ["collapse", "curves", "phase", "quantities", "times"]
