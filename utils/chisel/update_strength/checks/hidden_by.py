"""The check of `hidden_by`: what was named hides the bug, and what hides it was named. Both are measured.

Nothing here knows the answer: every setting is tried out in the corridor, with the bug and with the bug undone.
"""

from torch import Tensor

from chisel.checking import Diagnosis, Menu, menu_check
from chisel.update_strength.corridor import HIDDEN_BELOW, SETTINGS, buggy_loss, update_difference

# Why a setting is easily taken for one that hides the bug.
REVEALING = {
    "one-episode": Diagnosis(
        "one-episode-does-not-hide",
        "a single episode an update does not hide the bug",
        "Within one update the divisor is a constant; but the next update has an episode of another length. No one "
        "learning rate makes up for that.",
    ),
    "adam": Diagnosis(
        "adam-does-not-hide",
        "Adam does not hide the bug",
        "Adam forgives a factor that is the same for every gradient. Here the factor differs from episode to episode, "
        "so the gradient points somewhere else.",
    ),
    "large-batch": Diagnosis(
        "large-batch-does-not-hide",
        "a large batch does not hide the bug",
        "More episodes take away noise. The bug is no noise: the average itself is another one.",
    ),
    "baseline": Diagnosis(
        "baseline-does-not-hide",
        "a baseline does not hide the bug",
        "It changes the returns, and the divisor stands where it stood.",
    ),
    "discounting": Diagnosis(
        "discounting-does-not-hide",
        "discounting does not hide the bug",
        "The returns then hardly depend on the length of the episode. The divisor does.",
    ),
}


def _apart(setting: str) -> float:
    """How far the updates with and without the bug are apart: the largest of three measurements."""
    return max(update_difference(_undone, setting, seed) for seed in range(3))


def _undone(logits: Tensor, actions: Tensor, returns: Tensor, mask: Tensor) -> Tensor:
    """The buggy loss, with the bug cancelled from outside."""
    return buggy_loss(logits, actions, returns * mask.sum(dim=1, keepdim=True), mask)


check = menu_check(
    solution="chisel.update_strength.silent_bug:hidden_by",
    example='if nothing on the menu but Adam and large batches hid the bug  ->  {"adam", "large-batch"}',
    read="the section 'The silent bug' of the chapter",
    menu=Menu(
        settings=tuple(SETTINGS),
        difference=_apart,
        shows=lambda size: size >= HIDDEN_BELOW,
        compared="updates with and without the bug, after the best learning rate for each",
        says=lambda size: f"they differ by {size:.0%} of their size",
        everything="Under some of them the two losses were tried and do different things, as they do in the trainer as "
        "it is.",
        opposite="Asked for are those under which it does not: both losses then propose the same updates, up to one "
        "factor.",
        nothing="At least one setting on the menu makes the two losses propose the same updates, up to one factor.",
        missing="The bug divides by something. Ask of every setting what that is then, whether it can differ from one "
        "episode or update to the next, and whether the difference survives until the parameters change.",
        revealing=REVEALING,
    ),
)
