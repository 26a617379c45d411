"""A trainer whose agents learn, and that shows each maze with the cheese of another one.

Cells are numbered through a whole batch, and a count that begins at 0 is taken for one that begins at 1. The index of
the first maze becomes negative, which torch takes for a place at the end: nothing crashes. Where all cheeses of a batch
are in one cell, as in the corner, every picture is right. Where they are not, the cheese that is seen says nothing, and
reward can only teach the agent to look elsewhere.
"""

import torch
from torch import Tensor

from chisel.reward_as_chisel.pictures import SETTINGS, buggy_observations, picture_difference

__all__ = ["SETTINGS", "buggy_observations", "fixed_observations", "hidden_by", "picture_difference"]


def fixed_observations(opened: Tensor, cheese: Tensor) -> Tensor:
    """The same pictures with the fault removed: each maze with its own walls and its own cheese.

    Channel 0 is 1 in the cells from which one can walk up, channels 1, 2 and 3 the same for down, left and right, and
    channel 4 is 1 in the cell of the cheese, if there is one. All the rest is 0. Cell number c is in row c // n and
    column c % n. What a maze looks like does not depend on the others of its batch.

    Args:
        opened: [B, S, 4] bool, where one can walk up, down, left and right; S = n * n cells, n at least 2.
        cheese: [B] int, the cell of the cheese; -1 for none.

    Returns:
        [B, 5, n, n] float32, on the device of `opened`.
    """
    batch, cells, _ = opened.shape
    size = round(cells**0.5)
    shown = torch.arange(cells, device=opened.device) == cheese[:, None]  # [B, S]; -1 is no cell, so it shows nothing
    channels = torch.cat([opened, shown.unsqueeze(-1)], dim=-1).float()  # [B, S, 5]
    return channels.transpose(1, 2).reshape(batch, 5, size, size)


def hidden_by() -> set[str]:
    """Name the settings that would have hidden the bug.

    A setting hides it when, with that one setting on, both functions show every maze alike: then no training, no test
    and no look at the pictures can tell them apart.

    Returns:
        a subset of the keys of `chisel.reward_as_chisel.pictures.SETTINGS`, which says what each one means.
    """
    return {"region-1", "no-cheese", "one-at-a-time", "one-cell-a-batch"}
