"""Experiment: one agent with two appetites. What the state switches, what unseen states do, and whether it is a vector.

All tests are in held-out mazes in which neither tile lies on the way to the other, so that the first one that an agent
meets is a choice. Control agents were trained with a state that says nothing about what pays.
"""

from collections.abc import Sequence
from itertools import product

import torch
from torch import Tensor, nn

from chisel.core.estimates import Estimate
from chisel.core.running import Experiment, Job, Output, Settings, Summary
from chisel.core.seeding import generator
from chisel.core.statistics import mean_interval
from chisel.core.tables import as_columns
from chisel.reward_as_chisel.agents import new_agents
from chisel.reward_as_chisel.appetites import (
    HUNGRY,
    INPUTS,
    THIRSTY,
    Appetites,
    appetite_task,
    as_long_as,
    draw_appetites,
    draw_states,
    state_vector,
    vectors_by_tiles,
)
from chisel.reward_as_chisel.measurements import bottom_left, cells_but_start, logistic_fit, logits_of, reach_before
from chisel.reward_as_chisel.paths import decision_features
from chisel.reward_as_chisel.steering import steer_each
from chisel.reward_as_chisel.tasks import Task
from chisel.reward_as_chisel.training import A2C, Trainer
from chisel.reward_as_chisel.world import generate_mazes

UNIT = "agents"
ARMS = ("informed", "control")
# Inner states by name. In training an agent has only ever been the first or the second.
STATES = {"hungry": HUNGRY, "thirsty": THIRSTY, "both": (1.0, 1.0), "neither": (0.0, 0.0), "half": (0.5, 0.5)}
UNSEEN = ("both", "neither", "half")
ASKED = ("cheese", "water", "none", "nearest", "decided", "pull_cheese", "pull_water", "lean")
# What is added to one layer. "general": the mean over all other mazes; "same_tiles": over other mazes with cheese and
# water in the same cells; the rest are controls as long as the latter.
EDITS = ("general", "same_tiles", "wrong_tiles", "tiles", "random")


def jobs(settings: Settings) -> list[Job]:
    """One job a stack of agents, informed by their state or not."""
    return [
        {"seed": seed, "members": settings["members"], "arm": arm} for seed in range(settings["stacks"]) for arm in ARMS
    ]


def run(job: Job, settings: Settings, device: torch.device) -> Output:
    """Return what each agent meets first in each state, and, if it is informed, under each edit."""
    seed, members, arm = job["seed"], job["members"], job["arm"]
    tasks = [bank(settings, arm, seed, member, device) for member in range(members)]
    random = generator(seed, "train", arm, device=device)
    trainer = Trainer(new_agents(settings, seed, members, INPUTS), tasks, A2C(**settings["method"]), random)
    trainer.run(trainer.method.updates)
    agents = []
    for member, net in enumerate(trainer.nets()):
        world, steps_to = held_out(settings, seed, member, device)
        agent: Output = {"states": {}, "levels": [], "edits": []}
        for name, state in STATES.items():
            agent["states"][name] = judge(logits_of(net, world.feeling(*state)), world, steps_to, settings)
        if arm == "informed":
            agent["random"] = judge(logits_of(None, world), world, steps_to, settings)
            agent["levels"] = by_level(net, world, settings)
            agent["edits"] = by_edit(net, world, seed, member, settings, device)
        agents.append(agent)
    return {"agents": agents}


def bank(settings: Settings, arm: str, seed: int, member: int, device: torch.device) -> Task:
    """Return the bank that a member trains in; in the control arm the tile that pays is drawn apart from the state."""
    random = generator(seed, "bank", member, device=device)
    world = draw_appetites(settings["bank"], settings["size"], cells_but_start(settings["size"]), random)
    return appetite_task(world, draw_states(len(world), random) if arm == "control" else None)


def held_out(settings: Settings, seed: int, member: int, device: torch.device) -> tuple[Appetites, Tensor]:
    """Draw the mazes that a member is tested in, and the steps from decision cell to cheese and to water [B, 2] float.

    Of "mazes" drawn those stay in which neither tile lies on the way to the other, about half.
    """
    random = generator(seed, "held out", member, device=device)
    world = draw_appetites(settings["mazes"], settings["size"], cells_but_start(settings["size"]), random)
    choice = decision_features(world.next_table, world.cheese, world.water, bottom_left(world))
    rows = (~choice["forced"]).nonzero()[:, 0]
    return world[rows], torch.stack([choice["to_cheese"], choice["to_corner"]], dim=1)[rows].float()


def first_tile(logits: Tensor, world: Appetites, steps: int) -> tuple[Tensor, Tensor]:
    """Return P(cheese first) and P(water first), each [B]; the rest meet neither."""
    cheese, water = world.targets, world.water_targets
    return reach_before(logits, world, cheese, water, steps), reach_before(logits, world, water, cheese, steps)


def judge(logits: Tensor, world: Appetites, steps_to: Tensor, settings: Settings) -> dict[str, float]:
    """Say what is met first, and what that depends on.

    Returns:
        P("cheese"), P("water") and P("none") first; of those who meet a tile: the share that meets the "nearest" one
        (mazes in which one is nearer), how "decided" mazes are (0: either as likely, 1: always the same one) and the
        "lean", by how much one tile is preferred over all mazes (0 to 1); and "pull_cheese", "pull_water", the
        coefficients of a logistic regression of "cheese first" on the steps to each tile.
    """
    cheese, water = (part.double() for part in first_tile(logits, world, settings["steps"]))
    either = (cheese + water).clamp(min=1e-12)
    nearer = torch.sign(steps_to[:, 1] - steps_to[:, 0])  # 1 where the cheese is nearer, -1 where the water is
    near = torch.where(nearer > 0, cheese, water)[nearer != 0].sum() / either[nearer != 0].sum()
    # A weak penalty: in training's own states the steps hardly matter and a few rows can be told apart exactly.
    fit = logistic_fit(steps_to, cheese / either, either, ridge=1e-3)
    return {
        "cheese": float(cheese.mean()),
        "water": float(water.mean()),
        "none": float(1 - (cheese + water).mean()),
        "nearest": float(near),
        "decided": float((cheese - water).abs().sum() / either.sum()),
        "lean": abs(float((cheese - water).sum() / either.sum())),
        "pull_cheese": float(fit[1]),
        "pull_water": float(fit[2]),
    }


def by_level(net: nn.Module, world: Appetites, settings: Settings) -> list[list[float]]:
    """Return [hungry, thirsty, P(cheese first), P(water first)] for all pairs of levels of the two state channels."""
    rows = []
    for hungry, thirsty in product(settings["levels"], repeat=2):
        cheese, water = first_tile(logits_of(net, world.feeling(hungry, thirsty)), world, settings["steps"])
        rows.append([hungry, thirsty, float(cheese.mean()), float(water.mean())])
    return rows


def by_edit(net: nn.Module, world: Appetites, seed: int, member: int, settings: Settings, device: torch.device) -> list:
    """Try to make a thirsty agent act hungry, and a hungry one thirsty, by adding a vector to one layer.

    Returns:
        rows [layer, edit, dose, P(the tile that the edit asks for first), P(the one of the agent's state first)], means
        over both directions.
    """
    random = generator(seed, "edits", member, device=device)
    drawn = draw_appetites(settings["vector_mazes"], settings["size"], cells_but_start(settings["size"]), random)
    others = generate_mazes(settings["mazes_per_pair"], settings["size"], random)
    rows = []
    for layer in settings["layers"]:
        same = vectors_by_tiles(net, world, others, layer)
        vectors = {
            "general": state_vector(net, drawn, layer).expand_as(same),
            "same_tiles": same,
            "wrong_tiles": as_long_as(same.roll(1, dims=0), same),
            "tiles": as_long_as(vectors_by_tiles(net, world, others, layer, "tiles"), same),
            "random": as_long_as(torch.randn(same.shape, generator=random, device=device), same),
        }
        doses = [(name, 1.0) for name in EDITS] + [
            (name, dose) for name in EDITS[:2] for dose in settings["doses"] if dose != 1
        ]
        for name, dose in doses:
            asked, own = _both_ways(net, world, vectors[name], dose, layer, settings["steps"])
            rows.append([layer, name, dose, asked, own])
    return rows


def _both_ways(
    net: nn.Module, world: Appetites, vectors: Tensor, dose: float, layer: str, steps: int
) -> tuple[float, float]:
    """Return P(asked-for tile first) and P(the state's own tile first), means of thirsty + vector, hungry - vector."""
    to_cheese = first_tile(steer_each(net, world.feeling(*THIRSTY), vectors, dose, layer), world, steps)
    to_water = first_tile(steer_each(net, world.feeling(*HUNGRY), vectors, -dose, layer), world, steps)
    asked, own = to_cheese[0] + to_water[1], to_cheese[1] + to_water[0]
    return float(asked.double().mean() / 2), float(own.double().mean() / 2)


def summarise(outputs: Sequence[Output], settings: Settings) -> Summary:
    """Average over agents, with intervals; compare states, edits and kinds of training agent by agent."""
    agents: dict[str, list[Output]] = {arm: [] for arm in ARMS}
    for job, output in zip(jobs(settings), outputs, strict=True):
        agents[job["arm"]] += output["agents"]
    found = {
        (arm, state, key): _column([agent["states"][state] for agent in agents[arm]], key)
        for arm in ARMS
        for state in STATES
        for key in ASKED
    }
    walks = [agent["random"] for agent in agents["informed"]]
    measurements = _of_states(found) | {f"{key}_random_walk": _column(walks, key) for key in ASKED}
    edits = {
        (layer, name, dose): torch.tensor([agent["edits"][row][3] for agent in agents["informed"]], dtype=torch.float64)
        for row, (layer, name, dose, *_) in enumerate(agents["informed"][0]["edits"])
    }
    measurements |= _of_edits(edits, settings)
    intervals = {name: mean_interval(values, UNIT) for name, values in measurements.items()}
    return Summary(intervals, _tables(agents, intervals, settings))


def _of_states(found: dict[tuple[str, str, str], Tensor]) -> dict[str, Tensor]:
    values = {f"{key}_{state}_{arm}": column for (arm, state, key), column in found.items()}
    for arm in ARMS:
        hungry, thirsty = ({key: found[arm, state, key] for key in ASKED} for state in ("hungry", "thirsty"))
        values[f"switch_{arm}"] = hungry["cheese"] - thirsty["cheese"]
        values[f"right_first_{arm}"] = (hungry["cheese"] + thirsty["water"]) / 2
        trained = {key: (hungry[key] + thirsty[key]) / 2 for key in ("nearest", "none", "decided")}
        values |= {f"{key}_trained_{arm}": column for key, column in trained.items()}
        for state in UNSEEN:
            for key, column in trained.items():
                values[f"{key}_{state}_minus_trained_{arm}"] = found[arm, state, key] - column
    values["switch_informed_minus_control"] = values["switch_informed"] - values["switch_control"]
    values["none_neither_minus_both"] = found["informed", "neither", "none"] - found["informed", "both", "none"]
    return values


def _of_edits(edits: dict[tuple[str, str, float], Tensor], settings: Settings) -> dict[str, Tensor]:
    values, layers = {}, settings["layers"]
    for (layer, name, dose), column in edits.items():
        values[f"{name}_{_block(layer)}" + ("" if dose == 1 else f"_times_{dose:g}")] = column
    for layer in layers:
        here = {name: edits[layer, name, 1.0] for name in EDITS}
        for control in ("wrong_tiles", "tiles", "random", "general"):
            values[f"same_tiles_minus_{control}_{_block(layer)}"] = here["same_tiles"] - here[control]
        every = [column for (place, name, _), column in edits.items() if (place, name) == (layer, "general")]
        values[f"general_best_{_block(layer)}"] = torch.stack(every).amax(0)
    first, last = edits[layers[0], "same_tiles", 1.0], edits[layers[-1], "same_tiles", 1.0]
    return values | {"same_tiles_first_minus_last": first - last}


def _tables(
    agents: dict[str, list[Output]], intervals: dict[str, Estimate], settings: Settings
) -> dict[str, dict[str, list]]:
    states = [
        (arm, state, key, *_ends(intervals[f"{key}_{state}_{arm}"]))
        for arm in ARMS
        for state in STATES
        for key in ASKED
    ]
    grids = torch.tensor([agent["levels"] for agent in agents["informed"]], dtype=torch.float64)  # [N, levels, 4]
    levels = [
        (row[0, 0].item(), row[0, 1].item(), *_ends(mean_interval(row[:, 2])), *_ends(mean_interval(row[:, 3])))
        for row in grids.unbind(1)
    ]
    edits = []
    for index, (layer, name, dose, *_) in enumerate(agents["informed"][0]["edits"]):
        rows = [agent["edits"][index] for agent in agents["informed"]]
        asked, own = (mean_interval([row[column] for row in rows]) for column in (3, 4))
        edits.append((layer, name, dose, *_ends(asked), *_ends(own)))
    each = [
        (arm, index, *(round(agent["states"][state]["cheese"], 4) for state in STATES))
        for arm in ARMS
        for index, agent in enumerate(agents[arm])
    ]
    spread = ("value", "low", "high")
    first = [f"{tile}{end}" for tile in ("cheese", "water") for end in ("", "_low", "_high")]
    asked = [f"{tile}{end}" for tile in ("asked", "own") for end in ("", "_low", "_high")]
    return {
        "states": as_columns(("arm", "state", "what", *spread), states),
        "levels": as_columns(("hungry", "thirsty", *first), levels),
        "edits": as_columns(("layer", "edit", "dose", *asked), edits),
        "agents": as_columns(("arm", "agent", *STATES), each),
    }


def _block(layer: str) -> str:
    """Return "block1" for "blocks.0": what readers count."""
    return f"block{int(layer.split('.')[1]) + 1}"


def _ends(estimate: Estimate) -> tuple[float, float, float]:
    return round(estimate.value, 4), round(estimate.low, 4), round(estimate.high, 4)


def _column(rows: Sequence[dict], key: str) -> Tensor:
    return torch.tensor([row[key] for row in rows], dtype=torch.float64)


EXPERIMENT = Experiment(jobs, run, summarise)
