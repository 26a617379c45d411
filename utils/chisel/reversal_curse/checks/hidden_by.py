"""The check of `hidden_by`: what was named hides the bug, and what hides it was named. Both are measured.

Nothing here knows the answer: every setting is tried out, with the scores as found and with right ones.
"""

from collections.abc import Mapping
from functools import cache

import torch
from torch import Tensor

from chisel.checking import Attempt, Check, Diagnosis, Draw, StringSet
from chisel.reversal_curse.candidates import SETTINGS, score_difference

check = Check(
    exercise="hidden_by",
    solution="chisel.reversal_curse.silent_bug:hidden_by",
    arguments=(),
    returns=StringSet(tuple(SETTINGS)),
    example="if nothing on the menu but double precision and a large vocabulary hid the bug  ->  "
    '{"double-precision", "large-vocabulary"}',
    read="the section 'The silent bug' of the chapter",
    single_precision=False,
)

EVERYTHING = Diagnosis(
    "names-everything",
    "every setting is named",
    "Under some of them both functions were called, and their matrices differ.",
)
OPPOSITE = Diagnosis(
    "answers-the-opposite",
    "just the settings under which the bug shows are named",
    "Asked for are those under which it does not: both functions then return the same matrix.",
)
# Why a setting is easily taken for one that hides the bug.
REVEALING = {
    "both-ways": Diagnosis(
        "both-ways-does-not-hide",
        "a model that knows everything does not hide the bug",
        "It shows it best: all right names are likely, and the diagonal says that they are not. This is the positive "
        "control that a null result asks for.",
    ),
    "backward-sorted": Diagnosis(
        "backward-sorted-does-not-hide",
        "pairs in descending order do not hide the bug",
        "In an order it is, but not in the one in which the columns come back.",
    ),
    "large-vocabulary": Diagnosis(
        "large-vocabulary-does-not-hide",
        "more tokens that are no names do not hide the bug",
        "They have no column, and change nothing about the order of those that have one.",
    ),
    "prior-only": Diagnosis(
        "prior-only-does-not-hide",
        "a model that ignores the prompt does not hide the bug",
        "The statistic is 0 either way, as nothing is known. But the names have different probabilities, and these "
        "stand in other columns: the two matrices differ.",
    ),
    "double-precision": Diagnosis(
        "double-precision-does-not-hide",
        "double precision does not hide the bug",
        "It is no matter of rounding: each entry is right to the last digit, for some name.",
    ),
}
NOTHING = Diagnosis(
    "names-nothing",
    "no setting is named",
    "At least one setting on the menu makes the two functions return the same matrix.",
)
MISSING = Diagnosis(
    "misses-a-hiding-setting",
    "a setting that hides the bug is not named",
    "The bug puts columns in another order. Ask of every setting which order that is then, and whether the columns can "
    "be told apart at all.",
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
        tried = f"scores as found and right ones, under every setting: they agree under {count}"
        attempt.fail("misses-a-hiding-setting" if named else "names-nothing", tried, _listed(named))


@cache
def _differences() -> Mapping[str, float]:
    """How far the two matrices are apart under each setting.

    Measured once in a process: nothing about it depends on what was named, or on the seed of the check.
    """
    return {setting: max(score_difference(_right, setting, seed) for seed in range(3)) for setting in SETTINGS}


def _right(logits: Tensor, names: Tensor) -> Tensor:
    """Each name's column, taken one by one."""
    log_probs = torch.log_softmax(logits, dim=-1)
    return torch.stack([log_probs[:, name] for name in names.tolist()], dim=1)


def _tried(differences: Mapping[str, float]) -> str:
    lines = [f"{setting}: entries differ by {size:.2g} nats on average" for setting, size in differences.items()]
    return "scores as found and right ones:\n" + "\n".join(lines)


def _listed(named: set[str]) -> str:
    return "{" + ", ".join(repr(setting) for setting in SETTINGS if setting in named) + "}"
