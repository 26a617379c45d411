"""Which rows of the training set each step sees."""

import torch
from torch import Tensor

from chisel.core.seeding import generator


def batch_order(seed: int, count: int, batch: int, steps: int) -> Tensor | None:
    """Return the rows of each step, [steps, batch] int, or None if every step sees all rows.

    All rows come once, in an order drawn from the seed, before any comes again; then in a new order. A batch may hold
    the end of one order and the beginning of the next, so that all batches are equally large.

    Args:
        count: rows in the training set.
        batch: rows a step; 0 for all.

    Raises:
        ValueError: the batch is larger than the training set.
    """
    if not 0 <= batch <= count:
        raise ValueError(f"a batch holds 0 (for all) to {count} rows, not {batch}")
    if batch == 0:
        return None
    random = generator(seed, "batches", count)
    epochs = -(-steps * batch // count)
    drawn = [torch.randperm(count, generator=random) for _ in range(epochs)]
    return torch.cat([*drawn, torch.zeros(0, dtype=torch.int64)])[: steps * batch].view(steps, batch)
