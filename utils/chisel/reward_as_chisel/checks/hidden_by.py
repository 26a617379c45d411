"""The check of `hidden_by`: what was named hides the bug, and what hides it was named. Both are measured.

Nothing here knows the answer: every setting is tried out, with the pictures as found and with right ones.
"""

from collections.abc import Mapping
from functools import cache

from torch import Tensor

from chisel.checking import Attempt, Check, Diagnosis, Draw, StringSet
from chisel.reward_as_chisel.mazes import Mazes
from chisel.reward_as_chisel.pictures import SETTINGS, picture_difference

check = Check(
    exercise="hidden_by",
    solution="chisel.reward_as_chisel.silent_bug:hidden_by",
    arguments=(),
    returns=StringSet(tuple(SETTINGS)),
    example='if nothing on the menu but the diagonal and large batches hid the bug  ->  {"diagonal", "large-batch"}',
    read="the section 'The silent bug' of the chapter",
    single_precision=False,
)

EVERYTHING = Diagnosis(
    "names-everything",
    "every setting is named",
    "Under some of them the pictures were compared and differ, as they do in the trainer as it is.",
)
OPPOSITE = Diagnosis(
    "answers-the-opposite",
    "just the settings under which the bug shows are named",
    "Asked for are those under which it does not: both functions then show every maze alike.",
)
# Why a setting is easily taken for one that hides the bug.
REVEALING = {
    "region-3": Diagnosis(
        "region-3-does-not-hide",
        "a cheese in the top-right 3 x 3 does not hide the bug",
        "Nine cells are fewer than all, but two mazes of a batch still differ in where their cheese is.",
    ),
    "diagonal": Diagnosis(
        "diagonal-does-not-hide",
        "a cheese on the diagonal does not hide the bug",
        "That would hide an exchange of rows and columns. Here the cell is the right one of the wrong maze.",
    ),
    "large-batch": Diagnosis(
        "large-batch-does-not-hide",
        "a large batch does not hide the bug",
        "It takes away noise, or what goes wrong at the ends of a batch only. Here nearly every maze is concerned.",
    ),
    "same-walls": Diagnosis(
        "same-walls-does-not-hide",
        "mazes with the same walls do not hide the bug",
        "The batch then holds the same pictures, in another order. But rewards are paid maze by maze: the cheese that "
        "is seen is not the one that pays.",
    ),
    "sorted": Diagnosis(
        "sorted-does-not-hide",
        "a sorted batch does not hide the bug",
        "Neighbours often agree then. Where the cell changes from one maze to the next, they do not.",
    ),
}
NOTHING = Diagnosis(
    "names-nothing",
    "no setting is named",
    "At least one setting on the menu makes the two functions show every maze alike.",
)
MISSING = Diagnosis(
    "misses-a-hiding-setting",
    "a setting that hides the bug is not named",
    "The bug takes something from another maze of the batch. Ask of every setting which maze that is then, and whether "
    "the two can differ in what is taken.",
)


@check.property("revealing", "every setting that is named hides the bug", EVERYTHING, OPPOSITE, *REVEALING.values())
def revealing(attempt: Attempt, draw: Draw) -> None:
    named, differences = set(attempt()), _differences()
    shown = [setting for setting in SETTINGS if differences[setting] > 0]
    wrong = [setting for setting in shown if setting in named]
    if not wrong:
        return
    tried = _tried({setting: differences[setting] for setting in wrong})
    if named == set(SETTINGS):
        attempt.fail("names-everything", tried, _listed(named))
    if named == set(shown):
        attempt.fail("answers-the-opposite", tried, _listed(named))
    attempt.fail(REVEALING[wrong[0]].id, tried, _listed(named))


@check.property("hiding", "every setting that hides the bug is named", NOTHING, MISSING)
def hiding(attempt: Attempt, draw: Draw) -> None:
    named, differences = set(attempt(remember=False)), _differences()
    missed = [setting for setting in SETTINGS if differences[setting] == 0 and setting not in named]
    if missed:
        count = f"{len(missed)} more setting{'s' if len(missed) > 1 else ''} on the menu"
        tried = f"pictures as found and right ones, under every setting: they agree under {count}"
        attempt.fail("misses-a-hiding-setting" if named else "names-nothing", tried, _listed(named))


@cache
def _differences() -> Mapping[str, float]:
    """The share of mazes that are shown wrongly under each setting.

    Measured once in a process: nothing about it depends on what was named, or on the seed of the check.
    """
    return {setting: picture_difference(_right, setting, seed=0) for setting in SETTINGS}


def _right(opened: Tensor, cheese: Tensor) -> Tensor:
    return Mazes(opened, cheese).observations


def _tried(differences: Mapping[str, float]) -> str:
    lines = [f"{setting}: {share:.0%} of the mazes are shown differently" for setting, share in differences.items()]
    return "pictures as found and right ones:\n" + "\n".join(lines)


def _listed(named: set[str]) -> str:
    return "{" + ", ".join(repr(setting) for setting in SETTINGS if setting in named) + "}"
