"""The pictures of the silent bug: what a trainer shows its agent, as found, and the settings that may hide the fault.

Nothing here knows the remedy: whoever measures brings a function to compare with.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from chisel.core.seeding import generator
from chisel.reward_as_chisel.mazes import NO_CHEESE, region_cells

SETTINGS: dict[str, str] = {
    "region-1": "the cheese is always in the top-right corner",
    "region-3": "the cheese is somewhere in the top-right 3 x 3",
    "diagonal": "the cheese is somewhere on the diagonal from top-left to bottom-right",
    "no-cheese": "no maze shows a cheese",
    "one-at-a-time": "the picture of each maze is made by a call of its own",
    "large-batch": "each batch has 16 times as many mazes",
    "same-walls": "all mazes of a batch have the same walls, and their cheeses are anywhere",
    "sorted": "the mazes of a batch are listed by the cell of their cheese",
    "one-cell-a-batch": "a cell is drawn anywhere for each batch, and all of its mazes have their cheese there",
}

SIZE, MAZES, BATCHES = 5, 8, 24

Observe = Callable[[Tensor, Tensor], Tensor]


def buggy_observations(opened: Tensor, cheese: Tensor) -> Tensor:
    """What the trainer shows its agent, as found: agents learn with it, and one thing about it is wrong.

    Args:
        opened: [B, S, 4] bool, where one can walk up, down, left and right.
        cheese: [B] int, the cell of the cheese; -1 for none.

    Returns:
        [B, 5, n, n] float32: the four kinds of passage, and the cheese.
    """
    batch, cells, _ = opened.shape
    size = round(cells**0.5)
    ends = cells * torch.arange(batch, device=opened.device)  # where each maze ends in the flat picture
    shown = cheese >= 0
    flat = torch.zeros(batch * cells, device=opened.device)
    flat[(ends - cells + cheese)[shown]] = 1
    channels = torch.cat([opened.float().transpose(1, 2), flat.view(batch, 1, cells)], dim=1)  # [B, 5, S]
    return channels.view(batch, 5, size, size)


def picture_difference(fixed: Observe, setting: str | None, seed: int) -> float:
    """Measure how many mazes are shown differently by `fixed` and by `buggy_observations`.

    Args:
        fixed: the function to compare `buggy_observations` with, of the same arguments.
        setting: a key of `SETTINGS`, or None for 5 x 5 mazes in batches of 8 with the cheese anywhere.
        seed: of the mazes. They are drawn wall by wall; that they need not be perfect matters to no picture.

    Returns:
        a share: 0 where the setting hides the bug, 1 where no maze is shown alike.

    Raises:
        KeyError: an unknown setting.
    """
    if setting is not None and setting not in SETTINGS:
        raise KeyError(f"unknown setting {setting!r}: use one of {', '.join(SETTINGS)}")
    random = generator(seed, "pictures")
    differs = [_compared(fixed, *_batch(setting, random), alone=setting == "one-at-a-time") for _ in range(BATCHES)]
    return float(torch.cat(differs).double().mean())


def _batch(setting: str | None, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draw walls [B, S, 4] and the cells of the cheeses [B]."""
    mazes = 16 * MAZES if setting == "large-batch" else MAZES
    cells = {
        "region-1": region_cells(SIZE, 1),
        "region-3": region_cells(SIZE, 3),
        "diagonal": (SIZE + 1) * torch.arange(SIZE),
        "no-cheese": torch.tensor([NO_CHEESE]),
    }.get(setting or "", torch.arange(SIZE * SIZE))
    cheese = cells[torch.randint(len(cells), (mazes,), generator=random)]
    opened = torch.rand(mazes, SIZE * SIZE, 4, generator=random) < 0.5
    if setting == "same-walls":
        opened = opened[:1].expand_as(opened)
    if setting == "sorted":
        cheese = cheese.sort().values
    if setting == "one-cell-a-batch":
        cheese = cheese[:1].expand_as(cheese)
    return opened, cheese


def _compared(fixed: Observe, opened: Tensor, cheese: Tensor, alone: bool) -> Tensor:
    """Return [B] bool, True for a maze that the two functions show differently."""
    rows = [slice(b, b + 1) for b in range(len(opened))] if alone else [slice(None)]
    pairs = [(observe(opened[r], cheese[r]) for observe in (buggy_observations, fixed)) for r in rows]
    return torch.cat([(found != mended).flatten(1).any(1) for found, mended in pairs])
