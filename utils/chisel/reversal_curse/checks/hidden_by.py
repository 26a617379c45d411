"""The check of `hidden_by`: what was named hides the bug, and what hides it was named. Both are measured.

Nothing here knows the answer: every setting is tried out, with the scores as found and with right ones.
"""

import torch
from torch import Tensor

from chisel.checking import Diagnosis, Menu, menu_check
from chisel.reversal_curse.candidates import SETTINGS, score_difference

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


def _apart(setting: str) -> float:
    """How far the two matrices are apart, in nats: the largest of three measurements."""
    return max(score_difference(_right, setting, seed) for seed in range(3))


def _right(logits: Tensor, names: Tensor) -> Tensor:
    """Each name's column, taken one by one."""
    log_probs = torch.log_softmax(logits, dim=-1)
    return torch.stack([log_probs[:, name] for name in names.tolist()], dim=1)


check = menu_check(
    solution="chisel.reversal_curse.silent_bug:hidden_by",
    example="if nothing on the menu but double precision and a large vocabulary hid the bug  ->  "
    '{"double-precision", "large-vocabulary"}',
    read="the section 'The silent bug' of the chapter",
    menu=Menu(
        settings=tuple(SETTINGS),
        difference=_apart,
        shows=lambda size: size > 0,
        compared="scores as found and right ones",
        says=lambda size: f"entries differ by {size:.2g} nats on average",
        everything="Under some of them both functions were called, and their matrices differ.",
        opposite="Asked for are those under which it does not: both functions then return the same matrix.",
        nothing="At least one setting on the menu makes the two functions return the same matrix.",
        missing="The bug puts columns in another order. Ask of every setting which order that is then, and whether the "
        "columns can be told apart at all.",
        revealing=REVEALING,
    ),
)
