"""Experiment: can editing a few channels in one cell send an agent there?

Many edits are tried. Which one is best is read off one half of the agents and reported for the other half, so that the
best of many is no larger for having been picked.
"""

from collections.abc import Mapping, Sequence
from itertools import product

import torch
from torch import Tensor, nn

from chisel.core.running import Experiment, Job, Output, Settings, Summary
from chisel.core.seeding import generator
from chisel.core.statistics import mean_interval
from chisel.reward_as_chisel.agents import train_agents
from chisel.reward_as_chisel.measurements import logits_of, reach_cheese
from chisel.reward_as_chisel.retargeting import (
    MODES,
    PATCHES,
    Edit,
    other_channels,
    responses,
    retarget,
    top_share,
)
from chisel.reward_as_chisel.steering import cells_outside, mazes_off_the_path, steer_each, wrong_cells
from chisel.reward_as_chisel.world import NO_CHEESE, Mazes, generate_mazes, region_cells

HALVES = ("choose", "report")
FEW = 4
# What is asked of each edit: P(target) with no cheese shown; the same numbers in other channels; the edit in another
# cell; and with a cheese shown in the region that the agent was trained on.
ASKED = ("edit", "other_channels", "wrong_cell", "elsewhere")
UNIT = "agents"


def edits(settings: Settings) -> list[Edit]:
    """Return all the edits that are tried, in a fixed order."""
    wanted = (settings["layers"], MODES, PATCHES, settings["magnitudes"], settings["channels_edited"])
    return [Edit(*parts) for parts in product(*wanted)]


def jobs(settings: Settings) -> list[Job]:
    """One job a stack of agents; the first half of the stacks chooses."""
    halves = [half for half in HALVES for _ in range(settings["stacks"])]
    return [{"seed": seed, "members": settings["members"], "half": half} for seed, half in enumerate(halves)]


def run(job: Job, settings: Settings, device: torch.device) -> Output:
    """Return P(target) of each agent under each edit."""
    nets = train_agents(settings, settings["region"], job["seed"], job["members"], device)
    agents = [retargeted(net, job["seed"], member, settings, device) for member, net in enumerate(nets)]
    return {"half": job["half"], "agents": agents}


def retargeted(net: nn.Module, seed: int, member: int, settings: Settings, device: torch.device) -> Output:
    """Return P(target) of one agent: without an edit, and for each of `edits` as asked in ASKED."""
    size = settings["size"]

    def random(name: str) -> torch.Generator:
        return generator(seed, name, member, device=device)

    cells = cells_outside(size, settings["region"]).to(device)
    wrong = wrong_cells(cells, size, random("wrong cells"))
    bare = torch.full((settings["vector_mazes"],), NO_CHEESE, device=device)
    read = Mazes(generate_mazes(settings["vector_mazes"], size, random("vector mazes")), bare)
    pool = generate_mazes(settings["pool"], size, random("held-out mazes"))
    shown, which = mazes_off_the_path(pool, cells, settings["mazes_per_cell"])
    region = region_cells(size, settings["region"]).to(device)
    drawn = torch.randint(len(region), (len(shown),), generator=random("elsewhere"), device=device)
    none, elsewhere = shown.without_cheese(), shown.with_cheese(region[drawn])
    partner = (wrong[:, None] == cells).int().argmax(1)[which]

    def reach(logits: Tensor) -> float:
        return float(reach_cheese(logits, shown, settings["steps"]).double().mean())

    p: dict[str, list[float]] = {name: [] for name in ASKED}
    found = {layer: responses(net, read, cells, layer) for layer in settings["layers"]}
    for edit in edits(settings):
        seen = found[edit.layer]
        there, into = shown.cheese, other_channels(seen.order, edit.channels)
        p["edit"].append(reach(retarget(net, none, there, seen, which, edit)))
        p["other_channels"].append(reach(retarget(net, none, there, seen, which, edit, into)))
        p["wrong_cell"].append(reach(retarget(net, none, wrong[which], seen, partner, edit)))
        p["elsewhere"].append(reach(retarget(net, elsewhere, there, seen, which, edit)))
    return {
        "p": p,
        "none": reach(logits_of(net, none)),
        "shown": reach(logits_of(net, shown)),
        "only_elsewhere": reach(logits_of(net, elsewhere)),
        "vector": [reach(steer_each(net, none, seen.vectors[which], 1.0, layer)) for layer, seen in found.items()],
        "top_share": [top_share(seen, cells, FEW) for seen in found.values()],
    }


def summarise(outputs: Sequence[Output], settings: Settings) -> Summary:
    """Pick the best edits on one half of the agents; report them, and all the others, for the other half."""
    tried = edits(settings)
    halves = {half: [a for output in outputs if output["half"] == half for a in output["agents"]] for half in HALVES}
    scores = {half: {name: _gather(agents, name) for name in ASKED} for half, agents in halves.items()}
    chosen_by = scores["choose"]["edit"].mean(0)  # [edits]
    reported, agents = scores["report"], halves["report"]
    plain = {
        key: torch.tensor([a[key] for a in agents], dtype=torch.float64) for key in ("none", "shown", "only_elsewhere")
    }
    found = dict(plain)
    for index, layer in enumerate(settings["layers"]):
        name = f"block{int(layer.split('.')[1]) + 1}"
        for key in ("vector", "top_share"):
            found[f"{key}_{name}"] = torch.tensor([a[key][index] for a in agents], dtype=torch.float64)
    few = best(tried, chosen_by, [n for n in settings["channels_edited"] if n <= FEW])
    everything = best(tried, chosen_by, [max(settings["channels_edited"])])
    for name, index in {"few": few, "all": everything}.items():
        found |= {
            name: reported["edit"][:, index],
            f"{name}_gain": reported["edit"][:, index] - plain["none"],
            f"{name}_minus_other_channels": reported["edit"][:, index] - reported["other_channels"][:, index],
            f"{name}_minus_wrong_cell": reported["edit"][:, index] - reported["wrong_cell"][:, index],
            f"{name}_elsewhere_gain": reported["elsewhere"][:, index] - plain["only_elsewhere"],
        }
    found["shown_gain"] = plain["shown"] - plain["none"]
    measurements = {name: mean_interval(values, UNIT) for name, values in found.items()}
    picked = {n: best(tried, chosen_by, [n]) for n in settings["channels_edited"]}
    tables = {
        "best": _table([tried[index] for index in picked.values()], list(picked.values()), reported),
        "edits": _table(tried, list(range(len(tried))), reported),
        "chosen": _table([tried[few], tried[everything]], [few, everything], reported),
    }
    return Summary(measurements, tables)


def best(tried: Sequence[Edit], score: Tensor, channels: Sequence[int]) -> int:
    """Return the index of the edit with the highest score among those of so many channels."""
    allowed = torch.tensor([edit.channels in channels for edit in tried])
    return int(score.masked_fill(~allowed, -torch.inf).argmax())


def _gather(agents: Sequence[Output], name: str) -> Tensor:
    """Return [agents, edits]."""
    return torch.tensor([agent["p"][name] for agent in agents], dtype=torch.float64)


def _table(chosen: Sequence[Edit], indices: Sequence[int], p: Mapping[str, Tensor]) -> dict[str, list]:
    """One row an edit: what it is, and P(target) for the reporting half as asked in ASKED."""
    columns: dict[str, list] = {key: [getattr(edit, key) for edit in chosen] for key in Edit._fields}
    for name in ASKED:
        spread = [mean_interval(p[name][:, index]) for index in indices]
        for end, key in (("value", name), ("low", f"{name}_low"), ("high", f"{name}_high")):
            columns[key] = [round(getattr(found, end), 4) for found in spread]
    return columns


EXPERIMENT = Experiment(jobs, run, summarise)
