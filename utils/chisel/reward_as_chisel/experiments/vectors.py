"""Experiment: take a cheese away, or put one there, by adding a vector to one layer of a trained agent.

The vector of a cell comes from other mazes than those it is tried on. The cheese is where it never was in training and
off the way from start to corner, so that an agent has to want it to get there.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from chisel.core.running import Experiment, Job, Output, Settings, Summary
from chisel.core.seeding import generator
from chisel.core.statistics import mean_interval
from chisel.core.tables import as_columns
from chisel.reward_as_chisel.agents import train_agents
from chisel.reward_as_chisel.measurements import logits_of, reach_cheese
from chisel.reward_as_chisel.steering import (
    cells_outside,
    cheese_vector,
    mazes_off_the_path,
    shared_part,
    steer_each,
    wrong_cells,
)
from chisel.reward_as_chisel.world import Mazes, generate_mazes

SHOWN, NONE = "shown", "none"  # whether the observation has a cheese
CONTROLS = ("wrong", "random", "shuffled")  # vector of another cell; Gaussian noise; the vector, channels exchanged
UNIT = "agents"


def jobs(settings: Settings) -> list[Job]:
    """One job a stack of agents."""
    return [{"seed": seed, "members": settings["members"]} for seed in range(settings["stacks"])]


def run(job: Job, settings: Settings, device: torch.device) -> Output:
    """Return P(cheese) by cell for each agent and each way of asking it."""
    nets = train_agents(settings, settings["region"], job["seed"], job["members"], device)
    return {"agents": [steered(net, job["seed"], member, settings, device) for member, net in enumerate(nets)]}


def steered(net: nn.Module, seed: int, member: int, settings: Settings, device: torch.device) -> Output:
    """Return what one agent does: "p", P(cheese) by cell [N] for each arm; and what its vectors are like, by layer."""
    size, layers = settings["size"], settings["layers"]

    def random(name: str) -> torch.Generator:
        return generator(seed, name, member, device=device)

    cells = cells_outside(size, settings["region"]).to(device)
    other = wrong_cells(cells, size, random("wrong cells"))
    partner = (other[:, None] == cells).int().argmax(1)  # [N] its index
    bare = torch.full((settings["vector_mazes"],), -1, device=device)
    read = Mazes(generate_mazes(settings["vector_mazes"], size, random("vector mazes")), bare)
    pool = generate_mazes(settings["pool"], size, random("held-out mazes"))
    shown, which = mazes_off_the_path(pool, cells, settings["mazes_per_cell"])
    asked = {SHOWN: shown, NONE: shown.without_cheese()}

    def by_cell(logits: Tensor) -> list[float]:
        return reach_cheese(logits, shown, settings["steps"]).view(len(cells), -1).double().mean(1).tolist()

    p = {arm(observation, "", "vector", 0): by_cell(logits_of(net, mazes)) for observation, mazes in asked.items()}
    shared, alike = {}, {}
    for layer in layers:
        vectors = torch.stack([cheese_vector(net, read, cell, layer) for cell in cells.tolist()])
        controls = {"wrong": vectors[partner], **_noise(vectors, random(f"noise {layer}"))}
        for observation, mazes in asked.items():
            for coefficient in settings["coefficients"]:
                if coefficient:
                    logits = steer_each(net, mazes, vectors[which], coefficient, layer)
                    p[arm(observation, layer, "vector", coefficient)] = by_cell(logits)
            sign = -1 if observation == SHOWN else 1
            for name, control in controls.items():
                logits = steer_each(net, mazes, control[which], sign, layer)
                p[arm(observation, layer, name, sign)] = by_cell(logits)
        shared[layer] = [shared_part(net, read, cell, layer) for cell in cells.tolist()]
        unit = vectors.flatten(1) / vectors.flatten(1).norm(dim=1, keepdim=True)
        alike[layer] = (unit * unit[partner]).sum(1).tolist()
    return {"p": p, "shared": shared, "cosine_wrong": alike, "cells": cells.tolist(), "wrong": other.tolist()}


def arm(observation: str, layer: str, kind: str, coefficient: float) -> str:
    """Return the name of a way of asking; with coefficient 0 the layer does not matter."""
    return f"{observation} {layer} {kind} {coefficient:+g}" if coefficient else f"{observation} +0"


def _noise(vectors: Tensor, random: torch.Generator) -> dict[str, Tensor]:
    """Return random vectors as long as each of `vectors: [N, C, n, n]`, and the vectors with channels exchanged."""
    drawn = torch.randn(vectors.shape, generator=random, device=vectors.device)
    lengths = vectors.flatten(1).norm(dim=1) / drawn.flatten(1).norm(dim=1)
    order = torch.randperm(vectors.shape[1], generator=random, device=vectors.device)
    return {"random": drawn * lengths[:, None, None, None], "shuffled": vectors[:, order]}


def block(layer: str) -> str:
    """Return "block1" for "blocks.0" and so on: readers count from one."""
    return f"block{int(layer.split('.')[1]) + 1}"


def summarise(outputs: Sequence[Output], settings: Settings) -> Summary:
    """Average over agents, with intervals; compare ways of asking agent by agent."""
    agents = [agent for output in outputs for agent in output["agents"]]
    by_cell = {name: torch.tensor([a["p"][name] for a in agents], dtype=torch.float64) for name in agents[0]["p"]}
    means = {name: values.mean(1) for name, values in by_cell.items()}  # [agents]
    base, none = means[arm(SHOWN, "", "", 0)], means[arm(NONE, "", "", 0)]
    found = {"base": base, "none": none, "base_minus_none": base - none}
    for layer in settings["layers"]:
        name = block(layer)
        subtract, add = means[arm(SHOWN, layer, "vector", -1)], means[arm(NONE, layer, "vector", 1)]
        found |= {f"subtract_{name}": subtract, f"add_{name}": add, f"add_minus_none_{name}": add - none}
        found[f"base_minus_subtract_{name}"] = base - subtract
        for control in CONTROLS:
            kept, put = means[arm(SHOWN, layer, control, -1)], means[arm(NONE, layer, control, 1)]
            found |= {f"subtract_{control}_{name}": kept, f"{control}_minus_subtract_{name}": kept - subtract}
            found |= {f"add_{control}_{name}": put, f"add_minus_{control}_{name}": add - put}
        found[f"base_minus_random_{name}"] = base - means[arm(SHOWN, layer, "random", -1)]
        for key in ("shared", "cosine_wrong"):
            found[f"{key}_{name}"] = torch.tensor([a[key][layer] for a in agents], dtype=torch.float64).mean(1)
    first, last = block(settings["layers"][0]), block(settings["layers"][-1])
    found["subtract_last_minus_first"] = found[f"subtract_{last}"] - found[f"subtract_{first}"]
    found["add_first_minus_last"] = found[f"add_{first}"] - found[f"add_{last}"]
    found["shared_first_minus_last"] = found[f"shared_{first}"] - found[f"shared_{last}"]
    measurements = {name: mean_interval(values, UNIT) for name, values in found.items()}
    tables = {
        "layers": _layers_table(found, settings),
        "sweep": _sweep_table(means, settings),
        "cells": _cells_table(by_cell, agents[0]["cells"], settings),
    }
    return Summary(measurements, tables)


def _spread(values: Tensor) -> tuple[float, float, float]:
    found = mean_interval(values)
    return round(found.value, 5), round(found.low, 5), round(found.high, 5)


def _layers_table(found: Mapping[str, Tensor], settings: Settings) -> dict[str, list]:
    """P(cheese) by layer: the vector subtracted and added, and each control."""
    rows = []
    for direction in ("subtract", "add"):
        for layer in settings["layers"]:
            name = block(layer)
            rows.append((direction, name, "vector", *_spread(found[f"{direction}_{name}"])))
            rows += [(direction, name, kind, *_spread(found[f"{direction}_{kind}_{name}"])) for kind in CONTROLS]
    return as_columns(("direction", "layer", "vector", "p", "p_low", "p_high"), rows)


def _sweep_table(means: Mapping[str, Tensor], settings: Settings) -> dict[str, list]:
    rows = [
        (block(layer), observation, coefficient, *_spread(means[arm(observation, layer, "vector", coefficient)]))
        for layer in settings["layers"]
        for observation in (SHOWN, NONE)
        for coefficient in settings["coefficients"]
    ]
    return as_columns(("layer", "cheese", "coefficient", "p", "p_low", "p_high"), rows)


def _cells_table(by_cell: Mapping[str, Tensor], cells: Sequence[int], settings: Settings) -> dict[str, list]:
    """P(cheese) in each cell, at the first layer, mean over agents."""
    first, size = settings["layers"][0], settings["size"]
    arms = [arm(SHOWN, "", "", 0), arm(SHOWN, first, "vector", -1), arm(NONE, "", "", 0), arm(NONE, first, "vector", 1)]
    columns = [[round(value, 5) for value in by_cell[name].mean(0).tolist()] for name in arms]
    rows = [(cell // size, cell % size, *values) for cell, *values in zip(cells, *columns, strict=True)]
    return as_columns(("row", "column", "base", "subtract", "none", "add"), rows)


EXPERIMENT = Experiment(jobs, run, summarise)
