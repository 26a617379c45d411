"""Score matrices with a planted lead, and the shares of matchings that do as well: by going through all of them."""

import itertools
from functools import cache

import torch
from torch import Tensor

from chisel.checking import Draw


def planted(draw: Draw, count: int, lead: float, noise: float = 1.0, row: float = 2.0, column: float = 2.0) -> Tensor:
    """Draw scores [N, N] in which right names are ahead by `lead`, up to noise.

    Args:
        row: standard deviation of what a prompt adds to all names.
        column: that of what a name adds after all prompts.
    """
    scores = noise * draw.normal(count, count) + row * draw.normal(count, 1) + column * draw.normal(1, count) - 8
    return scores + lead * torch.eye(count, dtype=scores.dtype)


def leads(scores: Tensor) -> Tensor:
    """Return [N]: by how much each right name is ahead of the mean of the others."""
    rows = scores.tolist()
    each = [row[i] - sum(row[:i] + row[i + 1 :]) / (len(row) - 1) for i, row in enumerate(rows)]
    return torch.tensor(each, dtype=scores.dtype)


@cache
def _choices(count: int) -> dict[str, Tensor]:
    """Ways to give a name to each of N prompts, one a row."""
    true = tuple(range(count))
    matchings = torch.tensor(list(itertools.permutations(true)))
    moved = matchings[(matchings != torch.tensor(true)).all(1)]
    return {
        "all": matchings,
        "repeated": torch.tensor(list(itertools.product(true, repeat=count))),
        "moved": moved,
        "moved and true": torch.cat([torch.tensor([true]), moved]),
        "turned": torch.tensor([true[k:] + true[:k] for k in true]),
    }


def shares(scores: Tensor) -> dict[str, list[float]]:
    """Return the p value under its own name, and what it would be by mistake under those of diagnoses."""
    right = (scores - scores.mean()).diagonal().mean()
    means = {which: _means(scores, which) for which in _choices(len(scores))}
    every = means["all"]
    p = _share(every >= right - 1e-9)
    return {
        "p": [p],
        "p-upside-down": [_share(every <= right + 1e-9), 1 - p],
        "p-two-sided": [_share(every.abs() >= right.abs() - 1e-9), 2 * min(p, 1 - p), min(1.0, 2 * p)],
        "names-repeated": [_share(means["repeated"] >= right - 1e-9)],
        "matchings-left-out": [_share(means[part] >= right - 1e-9) for part in ("moved", "moved and true", "turned")],
    }


def _means(scores: Tensor, which: str) -> Tensor:
    """Return the mean of the chosen scores, less that of all, for each way to choose."""
    return (scores - scores.mean())[torch.arange(len(scores)), _choices(len(scores))[which]].mean(1)


def _share(true: Tensor) -> float:
    return float(true.double().mean())


def between(draw: Draw, low: float, high: float) -> Tensor:
    """Draw scores [4, 4] whose p value lies in a range, and at least .2 from what it would be by most mistakes."""
    while True:
        scores = planted(draw, 4, draw.number(-1.5, 1.5), column=3.0)
        means = _means(scores, "all")
        if not low <= _share(means >= scores.diagonal().mean() - scores.mean() - 1e-9) <= high:
            continue
        known = shares(scores)
        wrong = [known[id][0] for id in ("p-upside-down", "p-two-sided", "names-repeated")]
        if all(abs(known["p"][0] - other) >= 0.2 for other in wrong):
            return scores
