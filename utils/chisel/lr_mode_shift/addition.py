"""The data: addition modulo p, every pair once, some for training and the rest for validation.

Source: the task is that of Power et al. (2022), arXiv 2201.02177, and Nanda et al. (2023), arXiv 2301.05217.
"""

import torch
from torch import Tensor


def make_split(p: int, fraction: float, seed: int) -> tuple[Tensor, Tensor]:
    """Split all additions modulo p at random into a training and a validation set.

    There are p * p pairs (a, b) with 0 <= a, b < p; (a, b) and (b, a) are two of them. Each stands in exactly one of
    the two sets. Which one is left to chance for each pair, so that a number or a label may have a larger share of the
    training set than another. The split and the order of its rows depend on the arguments alone: the global random
    state is neither read nor changed.

    Args:
        p: the modulus, an integer above 2.
        fraction: the share of pairs in the training set, above 0 and below 1. It gets int(fraction * p * p) of them.
        seed: another seed gives another split.

    Returns:
        train [n, 3] and val [m, 3], int64, n + m = p * p. A row is a, b, (a + b) mod p.

    Raises:
        ValueError: p is not an integer above 2, or the fraction is not between 0 and 1.
    """
    if not isinstance(p, int) or p <= 2:
        raise ValueError(f"p must be an integer above 2, got {p!r}")
    if not 0 < fraction < 1:
        raise ValueError(f"the fraction must lie between 0 and 1, got {fraction!r}")
    pairs = torch.cartesian_prod(torch.arange(p), torch.arange(p))
    rows = torch.cat([pairs, pairs.sum(dim=1, keepdim=True) % p], dim=1)
    order = torch.randperm(p * p, generator=torch.Generator().manual_seed(seed))
    n = int(fraction * p * p)
    return rows[order[:n]], rows[order[n:]]
