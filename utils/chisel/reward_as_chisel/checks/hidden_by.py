"""The check of `hidden_by`: what was named hides the bug, and what hides it was named. Both are measured.

Nothing here knows the answer: every setting is tried out, with the pictures as found and with right ones.
"""

from torch import Tensor

from chisel.checking import Diagnosis, Menu, menu_check
from chisel.reward_as_chisel.mazes import Mazes
from chisel.reward_as_chisel.pictures import SETTINGS, picture_difference

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


def _apart(setting: str) -> float:
    """The share of mazes that are shown wrongly."""
    return picture_difference(_right, setting, seed=0)


def _right(opened: Tensor, cheese: Tensor) -> Tensor:
    return Mazes(opened, cheese).observations


check = menu_check(
    solution="chisel.reward_as_chisel.silent_bug:hidden_by",
    example='if nothing on the menu but the diagonal and large batches hid the bug  ->  {"diagonal", "large-batch"}',
    read="the section 'The silent bug' of the chapter",
    menu=Menu(
        settings=tuple(SETTINGS),
        difference=_apart,
        shows=lambda share: share > 0,
        compared="pictures as found and right ones",
        says=lambda share: f"{share:.0%} of the mazes are shown differently",
        everything="Under some of them the pictures were compared and differ, as they do in the trainer as it is.",
        opposite="Asked for are those under which it does not: both functions then show every maze alike.",
        nothing="At least one setting on the menu makes the two functions show every maze alike.",
        missing="The bug takes something from another maze of the batch. Ask of every setting which maze that is then, "
        "and whether the two can differ in what is taken.",
        revealing=REVEALING,
    ),
)
