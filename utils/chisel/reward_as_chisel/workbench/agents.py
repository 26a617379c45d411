"""Live versions of the first experiments: mazes, rollouts against exact chances, training, and what agents pursue."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from chisel.core.checkpoints import code_fingerprint
from chisel.core.kept_jobs import cache_folder
from chisel.core.plotting import (
    NEUTRAL,
    PALETTE,
    SYMBOLS,
    add_points_with_interval,
    add_reference,
    add_seed_band,
    new_figure,
)
from chisel.core.scale import LAPTOP, Scale
from chisel.core.seeding import generator
from chisel.core.statistics import proportion_interval
from chisel.reward_as_chisel import measurements as measured
from chisel.reward_as_chisel.agents import cheese_bank, new_agents
from chisel.reward_as_chisel.figures.mazes import Panel, mazes_figure
from chisel.reward_as_chisel.presets import EVALUATION, FIELD
from chisel.reward_as_chisel.training import A2C, Trainer
from chisel.reward_as_chisel.world import Mazes, draw_mazes

Function = Callable[..., Any]
SIZE, STEPS = FIELD["size"], EVALUATION["steps"]


def drawn_mazes_figure(generate_mazes: Function, size: int = 7) -> Any:
    """Draw four mazes of the reader's function."""
    opened = generate_mazes(4, size, generator(0, "workbench", "mazes"))
    return mazes_figure([Panel(f"maze {number}", maze.tolist()) for number, maze in enumerate(opened)])


def sampled_against_exact(rollout: Function, hit_probability: Function, scale: Scale = LAPTOP) -> Any:
    """Sample walks with the reader's rollout and hold the shares that arrive against the reader's exact chances.

    The policies are random networks, one cheese a maze.

    Returns:
        a figure with the 95 % interval of each sampled share; the diagonal is where sample and exact number agree.
    """
    mazes, agents, device = 24, scale.pick(400, 20_000), scale.device
    random = generator(0, "workbench", "walks", device=device)
    places = measured.cells_but_start(SIZE)
    drawn = draw_mazes(mazes, SIZE, places, random)
    logits = torch.randn(*drawn.next_table.shape, generator=random, device=device)
    start = measured.bottom_left(drawn)
    exact = hit_probability(logits, drawn.next_table, drawn.targets, start, STEPS)
    crowd = start[:, None].expand(-1, agents)
    states, _, _ = rollout(logits, drawn.next_table, crowd, drawn.targets, STEPS, random)
    arrived = (states[..., -1] == drawn.cheese[:, None]).sum(1)
    shares = [proportion_interval(int(count), agents, "walks") for count in arrived]
    figure = new_figure("exact P(cheese)", f"share of {agents} walks that arrive")
    line = {"color": NEUTRAL, "dash": "dash"}
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", name="sample = exact", line=line)
    add_points_with_interval(figure, exact.tolist(), shares, "a maze", PALETTE[0])
    return figure


def train_live(gae: Function, regions: tuple[int, ...] = (1, 2, 3), scale: Scale = LAPTOP) -> dict[int, nn.Module]:
    """Train one agent for each region with the reader's `gae`, all in one stack; about fifteen CPU-seconds.

    An interrupted training goes on where it was when the cell is run again.

    Returns:
        region -> trained network.
    """
    device = scale.device
    tasks = [cheese_bank(FIELD, region, 0, 0, device) for region in regions]
    method = A2C(**FIELD["method"])
    random = generator(0, "workbench", "train", *regions, device=device)
    trainer = Trainer(new_agents(FIELD, 0, len(regions)), tasks, method, random, advantages=gae)
    trainer.run(method.updates, "training three agents", checkpoint=_checkpoint(gae, regions, scale))
    return dict(zip(regions, trainer.nets(), strict=True))


def success_table(hit_probability: Function, agents: Mapping[int, nn.Module]) -> list[tuple[int, str, str]]:
    """Say of each agent how often it finds the cheese where it was trained, and elsewhere off the way to the corner.

    Returns:
        rows (k, P(cheese) in its region, P(cheese) elsewhere), in words that do not hang on the last digit.
    """
    rows = []
    for k, net in agents.items():
        mazes = _unseen(net, 1000)
        chance = hit_probability(
            measured.logits_of(net, mazes), mazes.next_table, mazes.targets, measured.bottom_left(mazes), STEPS
        )
        inside = measured.cheese_in_region(mazes, k)
        off_path = measured.corner_choice(mazes)["to_cheese"] > 0
        rows.append((k, _word(chance[inside].mean()), _word(chance[~inside & off_path].mean())))
    return rows


def influences_figure(decision_features: Function, agents: Mapping[int, nn.Module]) -> Any:
    """Fit what decides between cheese and corner, on the reader's features, for agents and for a random walk.

    Returns:
        a figure of the standardised coefficients.
    """
    figure = new_figure("feature", "standardised coefficient")
    walkers: dict[str, nn.Module | None] = {f"k = {k}": net for k, net in agents.items() if k > 1}
    names = {"to_cheese": "way to the cheese", "to_corner": "way to the corner", "euclid": "straight line between"}
    for (name, net), color, symbol in zip({**walkers, "random walk": None}.items(), PALETTE, SYMBOLS, strict=False):
        mazes = _unseen(next(iter(agents.values())), 3000)
        corner = torch.full_like(mazes.cheese, SIZE - 1)
        found = decision_features(mazes.next_table, mazes.cheese, corner, measured.bottom_left(mazes))
        undecided = ~found["forced"]
        cheese, other = measured.first_of(measured.logits_of(net, mazes), mazes, STEPS)
        features = torch.stack([found[key].double() for key in names], dim=1)[undecided]
        features = (features - features.mean(0)) / features.std(0)
        cheese, other = cheese[undecided].double(), other[undecided].double()
        met = (cheese + other).clamp(min=1e-12)
        weights = measured.logistic_fit(features, cheese / met, met)
        figure.add_scatter(
            x=list(names.values()),
            y=weights[-len(names) :].tolist(),
            mode="markers",
            name=name,
            marker={"color": color, "symbol": symbol, "size": 12},
        )
    figure.update_layout(scattermode="group", scattergap=0.5)
    return figure


def learning_figure(gae: Function, scale: Scale = LAPTOP, updates: int = 150) -> Any:
    """Train small agents (3x3 mazes, the cheese anywhere) with the reader's `gae` and follow their exact success."""
    members, device = scale.pick(5, 40), scale.device
    small = {**FIELD, "size": 3, "channels": 16, "blocks": 2, "bank": 500}
    tasks = [cheese_bank(small, 3, 1, member, device) for member in range(members)]
    method = A2C(updates=updates, mazes=32, agents=8, horizon=10)
    random = generator(1, "workbench", "small", device=device)
    trainer = Trainer(new_agents(small, 1, members), tasks, method, random, advantages=gae)
    mazes = draw_mazes(300, 3, measured.cells_but_start(3), generator(1, "workbench", "small test", device=device))
    figure = new_figure("updates", "P(cheese) within 10 steps")
    at, rows = list(range(0, updates + 1, 25)), []
    for update in at:
        trainer.run(update, "training small agents")
        rows.append(
            [float(measured.reach_cheese(measured.logits_of(n, mazes), mazes, 10).mean()) for n in trainer.nets()]
        )
    add_seed_band(figure, at, rows, f"{members} agents", PALETTE[0])
    walk = float(measured.reach_cheese(measured.logits_of(None, mazes), mazes, 10).mean())
    return add_reference(figure, walk, "random walk")


def _unseen(net: nn.Module, count: int) -> Mazes:
    device = next(net.parameters()).device
    return draw_mazes(count, SIZE, measured.cells_but_start(SIZE), generator(0, "workbench", "unseen", device=device))


def _word(chance: Tensor) -> str:
    """Return a probability as a word that a rounding error on another machine does not change."""
    names = ((0.1, "hardly ever"), (0.3, "seldom"), (0.7, "about as often as not"), (0.9, "mostly"))
    return next((name for limit, name in names if float(chance) < limit), "nearly always")


def _checkpoint(gae: Function, regions: tuple[int, ...], scale: Scale) -> Path:
    """Return a file for this training and no other: a reader who edits `gae` starts anew."""
    depends_on = f"{FIELD} {regions} {scale.name} {torch.__version__} {code_fingerprint(gae)}"
    key = hashlib.sha256(depends_on.encode()).hexdigest()[:12]
    return cache_folder() / "training" / f"reward_as_chisel-{key}.pt"
