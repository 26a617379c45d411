"""Live versions of the later experiments: steering an agent, dis-rewarding it, and hiding a reward from it."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from chisel.core.plotting import DASHES, PALETTE, add_band, add_reference, new_figure
from chisel.core.progress import progress
from chisel.core.scale import LAPTOP, Scale
from chisel.core.seeding import generator
from chisel.core.statistics import mean_interval
from chisel.reward_as_chisel import measurements as measured
from chisel.reward_as_chisel.agents import cheese_bank, new_agents
from chisel.reward_as_chisel.button import ButtonWorld, button_task, with_dead_ends
from chisel.reward_as_chisel.presets import EVALUATION, FIELD
from chisel.reward_as_chisel.training import A2C, Trainer
from chisel.reward_as_chisel.world import Mazes, draw_mazes, region_cells

Function = Callable[..., Any]
SIZE, STEPS = FIELD["size"], EVALUATION["steps"]


def steering_figure(
    cheese_vector: Function,
    steer: Function,
    net: nn.Module,
    layer: str = "blocks.0",
    coefficients: tuple[float, ...] = (-1.5, -1.0, -0.5, 0.0, 0.5, 1.0),
) -> Any:
    """Push along the reader's cheese vector, a wrong cell's and a random one of equal length, in unseen mazes.

    Returns:
        a figure of P(cheese) against the coefficient, with the 95 % interval over cheese cells.
    """
    device = next(net.parameters()).device
    random = generator(0, "workbench", "steer", device=device)
    others = draw_mazes(96, SIZE, measured.cells_but_start(SIZE), random)
    held_out = draw_mazes(300, SIZE, measured.cells_but_start(SIZE), random)
    # Cells outside the region of training, in mazes where they are not on the way to the corner: there a visit counts.
    region = set(region_cells(SIZE, 3).tolist())
    cells = [cell for cell in measured.cells_but_start(SIZE).tolist() if cell not in region][::2]
    curves: dict[str, list[list[float]]] = {"its own vector": [], "a wrong cell's": [], "a random one": []}
    for index, cell in enumerate(progress(cells, "steering")):
        mazes = held_out.with_cheese(cell)
        mazes = mazes[measured.corner_choice(mazes)["to_cheese"] > 0]
        own = cheese_vector(net, others, cell, layer)
        wrong = cheese_vector(net, others, cells[(index + 3) % len(cells)], layer)
        noise = torch.randn(own.shape, generator=random, device=device)
        pushes = own, wrong, noise * own.norm() / noise.norm()
        for rows, vector in zip(curves.values(), pushes, strict=True):
            chances = [measured.reach_cheese(steer(net, mazes, vector, c, layer), mazes, STEPS) for c in coefficients]
            rows.append([float(chance.mean()) for chance in chances])
    figure = new_figure("coefficient", "P(cheese)")
    for (name, rows), color, dash in zip(curves.items(), PALETTE, DASHES, strict=False):
        spread = [mean_interval(column, "cells") for column in zip(*rows, strict=True)]
        ends = [[getattr(s, end) for s in spread] for end in ("value", "low", "high")]
        add_band(figure, coefficients, *ends, name=name, color=color, dash=dash)
    return figure


def disreward_figure(
    disreward: Function, net: nn.Module, region: int = 3, at: tuple[int, ...] = (0, 2, 4, 7, 10, 20), repeats: int = 3
) -> Any:
    """Train an agent on with the reader's function, with the sign of its reward kept and turned.

    Returns:
        a figure over updates: P(cheese) where it was trained and, with no cheese shown, P(it enters the region).
    """
    device = next(net.parameters()).device
    task = cheese_bank(FIELD, region, 0, 0, device)
    shown = draw_mazes(400, SIZE, region_cells(SIZE, region), generator(0, "workbench", "dis-reward", device=device))
    hidden = shown.without_cheese()
    figure = new_figure("updates after training", "probability")
    styles = iter(zip(PALETTE, DASHES, strict=False))
    for sign, words in ((-1.0, "reward -1"), (1.0, "reward +1")):
        found: dict[str, list[list[float]]] = {"P(cheese)": [], "P(region), no cheese": []}
        for updates in at:
            chances: dict[str, list[float]] = {name: [] for name in found}
            for repeat in range(repeats):
                random = generator(repeat, "workbench", "dis-reward", device=device)
                after = disreward(net, updates, sign, task, random)
                eaten = measured.reach_cheese(measured.logits_of(after, shown), shown, STEPS)
                entered = measured.reach_region(measured.logits_of(after, hidden), hidden, region, STEPS)
                chances["P(cheese)"].append(float(eaten.mean()))
                chances["P(region), no cheese"].append(float(entered.mean()))
            for name, rows in found.items():
                rows.append(chances[name])
        for name, rows in found.items():
            color, dash = next(styles)
            spread = [mean_interval(row, "runs") for row in rows]
            ends = [[getattr(s, end) for s in spread] for end in ("value", "low", "high")]
            add_band(figure, at, *ends, name=f"{name}, {words}", color=color, dash=dash)
    return figure


def button_figure(button_world: Function, scale: Scale = LAPTOP, chances: tuple[float, ...] = (0.0, 0.1, 1.0)) -> Any:
    """Train an agent in the reader's worlds for each share of open buttons, and open every button afterwards.

    Returns:
        a figure of P(button) and P(cheese) in unseen mazes with the button open, beside a random walk.
    """
    random = generator(0, "workbench", "button", device=scale.device)
    places = measured.cells_but_start(SIZE)
    tasks = []
    for p_open in chances:
        bank = with_dead_ends(draw_mazes(FIELD["bank"] // 2, SIZE, places, random))
        bank = bank[: FIELD["bank"] // 2 - 100]  # a few mazes have no dead end; all banks are to be equally large
        tasks.append(button_task(ButtonWorld(*button_world(bank, p_open, random)), bank.cheese))
    trainer = Trainer(new_agents(FIELD, 0, len(chances), inputs=6), tasks, A2C(**FIELD["method"]), random)
    trainer.run(trainer.method.updates, "training three agents")
    unseen = with_dead_ends(draw_mazes(1000, SIZE, places, random))
    world = ButtonWorld(*button_world(unseen, 1.0, random))
    opened, shown = button_task(world, unseen.cheese), Mazes(world.opened, unseen.cheese)
    button, cheese = Mazes(world.opened, world.button).targets, unseen.targets
    figure = new_figure("share of mazes with an open button in training", "probability")
    rows: dict[str, list[float]] = {"P(button), worth ten": [], "P(cheese), worth one": []}
    walk = 0.0
    for net in [*trainer.nets(), None]:
        with torch.no_grad():
            logits = net(opened.observations)[0] if net else measured.logits_of(None, shown)
        pairs = ((button, cheese), (cheese, button))
        first = [float(measured.reach_before(logits, shown, *pair, STEPS).mean()) for pair in pairs]
        if net is None:
            walk = first[0]
        else:
            for values, chance in zip(rows.values(), first, strict=True):
                values.append(chance)
    labels = [f"{p:g}" for p in chances]
    for (name, values), color in zip(rows.items(), PALETTE, strict=False):
        figure.add_bar(x=labels, y=values, name=name, marker={"color": color})
    figure.update_xaxes(type="category")
    return add_reference(figure, walk, "P(button) of a random walk")
