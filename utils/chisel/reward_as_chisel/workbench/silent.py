"""The silent bug, live: agents trained with the pictures as found and with the mended ones."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from chisel.core.plotting import DASHES, PALETTE, add_seed_band, new_figure
from chisel.core.progress import progress
from chisel.core.scale import LAPTOP, Scale
from chisel.core.seeding import generator
from chisel.reward_as_chisel.measurements import reach_cheese
from chisel.reward_as_chisel.method import A2C
from chisel.reward_as_chisel.model import new_policy
from chisel.reward_as_chisel.tasks import Task
from chisel.reward_as_chisel.training import Trainer
from chisel.reward_as_chisel.world import Mazes, draw_mazes, region_cells

Observe = Callable[[Tensor, Tensor], Tensor]

SIZE, BANK, TESTED, STEPS, EVERY = 4, 2000, 300, 32, 10


def success_curves(observe: Observe, region: int, scale: Scale = LAPTOP, updates: int = 100) -> Tensor:
    """Train small agents in 4 x 4 mazes that `observe` shows them, and test them in new mazes, shown in the same way.

    Args:
        observe: observe(opened [B, S, 4] bool, cheese [B] int) -> pictures [B, 5, n, n].
        region: the cheese is in the top-right `region` x `region`, in training and in the test.
        scale: how many agents, and where they are trained.
        updates: how long to train; tests are 10 updates apart.

    Returns:
        [T, M] the exact P(cheese) within 32 steps of each of M agents, before training and after each 10 updates.
    """
    members, device = scale.pick(3, 10), scale.device
    banks = [_mazes(BANK, region, "bank", member, device) for member in range(members)]
    tested = _mazes(TESTED, region, "test", 0, device)
    shape = {"size": SIZE, "channels": 16, "blocks": 2}
    nets = [new_policy("field", generator(0, "silent", "net", member), **shape) for member in range(members)]
    method = A2C(updates=updates, mazes=32, horizon=16, lr=1e-2)
    trainer = Trainer(nets, [_task(observe, mazes) for mazes in banks], method, generator(0, "silent", device=device))
    pictures, rows = observe(tested.opened, tested.cheese), []
    for update in progress(range(updates + 1), f"cheese in {region} x {region}"):
        if update % EVERY == 0:
            with torch.no_grad():
                logits = trainer.stack(pictures.expand(members, *pictures.shape))[0]  # [M, B, S, 5]
            rows.append(torch.stack([reach_cheese(own, tested, STEPS).mean() for own in logits]))
        if update < updates:
            trainer.update()
    return torch.stack(rows)


def success_figure(observers: dict[str, Observe], regions: tuple[int, ...] = (1, SIZE), scale: Scale = LAPTOP) -> Any:
    """Draw how success rises with each way of showing the mazes, for a cheese in the corner and for one anywhere.

    Args:
        observers: name -> observe(opened, cheese).
        regions: cells along the side of the region in which the cheese is.
    """
    figure = new_figure("updates", "P(cheese) in new mazes")
    where = {1: "in the corner", SIZE: "anywhere"}
    for region, color in zip(regions, PALETTE, strict=False):
        for (name, observe), dash in zip(observers.items(), DASHES, strict=False):
            curves = success_curves(observe, region, scale)
            label = f"{name}, cheese {where.get(region, f'in {region} x {region}')}"
            add_seed_band(figure, range(0, EVERY * len(curves), EVERY), list(curves), label, color, dash=dash)
    return figure


def _mazes(count: int, region: int, use: str, member: int, device: torch.device) -> Mazes:
    return draw_mazes(
        count, SIZE, region_cells(SIZE, region), generator(0, "silent", use, region, member, device=device)
    )


def _task(observe: Observe, mazes: Mazes) -> Task:
    targets = mazes.targets
    pictures = observe(mazes.opened, mazes.cheese)
    return Task(pictures, mazes.next_table, targets.to(pictures.dtype), targets, ~targets)
