"""How a check tries a learner's function, and how it says what is wrong. It knows no chapter and no solution."""

from chisel.checking.attempt import Attempt, close
from chisel.checking.check import Check, Property
from chisel.checking.contract import FloatDict, Number, StringSet, TensorDict, TensorLike
from chisel.checking.draw import Draw
from chisel.checking.menu import Menu, menu_check
from chisel.checking.report import CheckFailed, Diagnosis, Report

__all__ = [
    "Attempt",
    "Check",
    "CheckFailed",
    "Diagnosis",
    "Draw",
    "FloatDict",
    "Menu",
    "Number",
    "Property",
    "Report",
    "StringSet",
    "TensorDict",
    "TensorLike",
    "close",
    "menu_check",
]
