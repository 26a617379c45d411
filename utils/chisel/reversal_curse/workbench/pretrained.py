"""The pretrained model in the notebook: stored score matrices, and the fine-tune itself where there is a GPU or a wish.

Without the extra `lm`, or without the model on this machine, each says in a line what is left out and the notebook
goes on.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from chisel.core.results import load_result
from chisel.core.scale import LAPTOP, Scale
from chisel.reversal_curse.claims_pretrained import FINETUNE_CURSE
from chisel.reversal_curse.experiments.finetune import ARMS, tuned
from chisel.reversal_curse.figures.finetune import matrices
from chisel.reversal_curse.measurements import difference_in_differences
from chisel.reversal_curse.pretrained.errors import ModelError
from chisel.reversal_curse.pretrained.loading import load

Function = Callable[..., Any]
SWITCH = "CHISEL_FINETUNE"
ORDERS = {"forward": "as it was told", "reverse": "the other way round"}


@dataclass(frozen=True)
class Stored:
    """What a pretrained model said of the same people before and after fine-tuning, one matrix a seed.

    Attributes:
        before, after: order ("forward", "reverse") -> one matrix [N, N] a seed, in nats.
    """

    before: Mapping[str, list[Tensor]]
    after: Mapping[str, list[Tensor]]


def stored_scores(told: str = "to_description") -> Stored:
    """Return the stored score matrices of the claim `finetune-curse`.

    Args:
        told: "to_description" for the people told name first, "to_name" for those told description first.
    """
    result = load_result(FINETUNE_CURSE)
    seeds = [matrices(result, seed, told) for seed in sorted(set(result.tables["scores"]["seed"]))]
    before, after = (
        {order: [torch.tensor(seed[when][order]) for seed in seeds] for order in ORDERS} for when in ("before", "after")
    )
    return Stored(before, after)


def gains(difference_in_differences: Function, stored: Stored) -> list[tuple[str, str]]:
    """Say with the reader's `difference_in_differences` what each order gained.

    Returns:
        rows (order, in how many seeds the right answer gained more than 3 nats on the others), in words.
    """
    rows = []
    for order, words in ORDERS.items():
        pairs = zip(stored.before[order], stored.after[order], strict=True)
        found = [float(difference_in_differences(before, after)) for before, after in pairs]
        rows.append((f"asked {words}", f"over 3 nats gained in {sum(x > 3 for x in found)} of {len(found)} seeds"))
    return rows


def finetune_live(
    scale: Scale = LAPTOP, run: bool = False, model: str = "smollm2", seed: int = 0
) -> list[tuple[str, str]]:
    """Fine-tune a pretrained model on the invented people of one seed and return what each order gained.

    On a GPU it runs by itself; on a CPU, where it takes about a minute, only with `run=True` or CHISEL_FINETUNE=1.

    Args:
        model: as `chisel.reversal_curse.pretrained.loading.load` takes it.

    Returns:
        rows (what was asked, gain of the right answer on the others); [] if nothing was run, with a printed line why.
    """
    wanted = run or os.environ.get(SWITCH, "") not in ("", "0")
    if not wanted and scale.device.type == "cpu":
        print(f"Left out: the fine-tune takes about a minute on a CPU. finetune_live(run=True) or {SWITCH}=1 runs it.")
        return []
    try:
        output = tuned(load(model, scale.device), seed, {**FINETUNE_CURSE.presets["laptop"], "new_words": False})
    except ModelError as error:
        print(f"Left out: {error}")
        return []
    found = {
        asked["arm"]: difference_in_differences(torch.tensor(asked["before"]), torch.tensor(asked["after"]))
        for asked in output["asked"]
    }
    return [(arm.replace("_", " "), f"{found[arm]:+.1f} nats") for arm in ARMS.values() if arm in found]
