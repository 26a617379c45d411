"""A scorer that gives each name its log-probability, and loses which column is whose.

Selecting columns with a Boolean mask returns them in the order of the vocabulary, not in that of the names. Every entry
is a true log-probability, every row sums to what it should, and nothing crashes. But the diagonal no longer holds the
right names, so a model that knows everything looks as if it knew nothing. A null result asks for a positive control.
"""

import torch
from torch import Tensor

from chisel.reversal_curse.candidates import SETTINGS, buggy_scores, score_difference

__all__ = ["SETTINGS", "buggy_scores", "fixed_scores", "hidden_by", "score_difference"]


def fixed_scores(logits: Tensor, names: Tensor) -> Tensor:
    """The same scores with the fault removed.

    Entry (i, j) is the natural logarithm of the probability that the token names[j] has after prompt i, among all
    tokens of the vocabulary.

    Args:
        logits: [N, V] what the model says after each of N prompts.
        names: [N] int, the tokens of the N names, all different; name i is the right one after prompt i.

    Returns:
        [N, N], with the dtype and on the device of `logits`.
    """
    return torch.log_softmax(logits, dim=-1)[:, names]


def hidden_by() -> set[str]:
    """Name the settings that would have hidden the bug.

    A setting hides it when, with that one setting on and all else as the menu has it, both functions return the same
    matrix, entry by entry: then no statistic at all can tell them apart. Unless the setting says otherwise there are
    eight prompts, asked in an order that has nothing to do with the numbers of the names' tokens, and a model that
    knows the right name.

    Returns:
        a subset of the keys of `chisel.reversal_curse.candidates.SETTINGS`, which says what each one means.
    """
    return {"one-pair", "sorted-pairs", "numbered-as-asked", "no-idea"}
