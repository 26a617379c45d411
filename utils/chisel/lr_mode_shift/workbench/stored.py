"""Stored runs, read with the reader's functions."""

import math
from collections.abc import Callable
from typing import Any

import torch

from chisel.core.estimates import Estimate
from chisel.core.results import Result, load_result
from chisel.core.tables import as_rows
from chisel.lr_mode_shift.claims import RATE_OR_DECAY
from chisel.lr_mode_shift.experiments.rate_or_decay import ARMS
from chisel.lr_mode_shift.records import TwoByTwo

NETWORKS = {"T": "transformer", "Q": "quadratic"}


def attribution_table(attribute: Callable[[TwoByTwo], Any], result: Result | None = None) -> list[tuple[str, str]]:
    """Say what the reader's `attribute` makes of the stored runs, network by network.

    Args:
        result: that of the claim `rate-or-decay`; by default the stored one.

    Returns:
        rows (network, what was found).
    """
    stored = load_result(RATE_OR_DECAY) if result is None else result
    rows = []
    for group, made in stored.provenance["settings"]["groups"].items():
        found = attribute(two_by_two(stored, group, made["after"]))
        name = NETWORKS.get(group, group)
        for words, effect in (("rate", found.rate), ("decay", found.decay), ("interaction", found.interaction)):
            rows.append((name, f"{words:12} {_shown(effect)}"))
        never = int(torch.as_tensor(found.censored).sum())
        rows.append((name, f"{'censored':12} {never} of {stored.measurements[f'{group}_x1_fall'].n * 4} runs"))
    return rows


def two_by_two(result: Result, group: str, horizon: int) -> TwoByTwo:
    """Return the steps that each stored run of a group took to generalise; inf for one that never did."""
    runs = result.tables["runs"]
    taken = {arm: [row["steps"] for row in as_rows(runs, group=group, arm=arm)] for pair in ARMS for arm in pair}
    steps = [[[math.inf if count is None else count for count in taken[arm]] for arm in pair] for pair in ARMS]
    return TwoByTwo(torch.tensor(steps, dtype=torch.float64), horizon)


def _shown(effect: Estimate) -> str:
    return f"{effect.value:+.1f} halvings ({effect.low:+.1f} to {effect.high:+.1f})"
