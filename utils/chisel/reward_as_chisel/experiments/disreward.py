"""Experiment: take the reward for the cheese back, and look what an agent that wanted it does then.

The question is the source's: does it still go to the upper right, and then do nothing? All numbers are exact
probabilities in held-out mazes. A network, with a bank and held-out mazes of its own, is one seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from chisel.core.progress import progress
from chisel.core.running import Experiment, Job, Output, Settings, Summary
from chisel.core.seeding import generator
from chisel.core.statistics import mean_interval
from chisel.core.tables import as_columns
from chisel.reward_as_chisel.agents import cheese_bank, train_agents
from chisel.reward_as_chisel.chains import hit_probability
from chisel.reward_as_chisel.measurements import (
    bottom_left,
    cheese_in_region,
    corner_choice,
    expected_visits,
    held_out_mazes,
    logits_of,
    reach_cheese,
    reach_region,
)
from chisel.reward_as_chisel.method import A2C
from chisel.reward_as_chisel.training import Trainer
from chisel.reward_as_chisel.world import STAY, Mazes, draw_mazes, region_cells, start_cell

SIGNS = {-1: "minus", 0: "zero", 1: "plus"}
UNIT = "agents"
FARTHEST = 6  # cells farther than this from the cheese are counted together


@dataclass(frozen=True)
class Probe:
    """The mazes in which an agent is looked at.

    Attributes:
        region: k, cells along a side of the top-right region; steps: T.
        inside: mazes with the cheese in the region, as in training.
        outside: mazes with the cheese neither there nor on the way from start to corner.
        distance: [B, S] int, steps from each cell to the cheese of `inside`.
    """

    region: int
    steps: int
    inside: Mazes
    outside: Mazes
    distance: Tensor


def new_probe(settings: Settings, region: int, seed: int, member: int, device: torch.device) -> Probe:
    """Draw the mazes that an agent is looked at in; settings: "size", "mazes", "steps"."""
    size = settings["size"]
    random = generator(seed, "disreward probe", member, device=device)
    inside = draw_mazes(settings["mazes"], size, region_cells(size, region), random)
    anywhere = held_out_mazes(settings, seed, member, device)
    off_path = ~cheese_in_region(anywhere, region) & (corner_choice(anywhere)["to_cheese"] > 0)
    return Probe(region, settings["steps"], inside, anywhere[off_path], steps_to(inside))


def steps_to(mazes: Mazes) -> Tensor:
    """Return [B, S] int, steps of the shortest path from each cell to the cheese."""
    cells = mazes.opened.shape[1]
    steps = torch.where(mazes.targets, 0, cells)
    for _ in range(cells):
        steps = torch.minimum(steps, 1 + steps.gather(1, mazes.next_table.flatten(1)).view(*steps.shape, -1).amin(-1))
    return steps


def look(net: nn.Module, probe: Probe) -> dict[str, float]:
    """Return what a network does, from the bottom-left.

    "cheese": P(reaches it), where it was in training; "cheese_next": in one step more. "off_path": P(reaches it) where
    it never was. "enters": P(enters the region) with no cheese shown. "idle": P(enters the region, or reaches a cell
    beside the cheese, and does not reach the cheese) with the cheese shown in the region; "idle_next": in one step
    more. With no cheese shown: "stay", the share of moves that are "stay"; "stands", that do not lead to another cell;
    "near_start", of time in the start or a cell that touches it; "entropy" (nats) of the policy where the agent is.
    "right_1" to "right_6": with the cheese shown, the mean probability of the step toward it, in cells 1 to 6 (or more)
    steps away.
    """
    inside, outside = probe.inside, probe.outside
    logits, bare = logits_of(net, inside), logits_of(net, inside.without_cheese())
    found = {
        "off_path": reach_cheese(logits_of(net, outside), outside, probe.steps),
        "enters": reach_region(bare, inside, probe.region, probe.steps),
    }
    for name, steps in (("", probe.steps), ("_next", probe.steps + 1)):
        found[f"cheese{name}"] = reach_cheese(logits, inside, steps)
        found[f"idle{name}"] = reaches(logits, probe, steps) - found[f"cheese{name}"]
    measured = {name: float(values.double().mean()) for name, values in found.items()}
    return {**measured, **pastime(bare, inside, probe.steps), **right_steps(logits, probe)}


def reaches(logits: Tensor, probe: Probe, steps: int) -> Tensor:
    """Return P(enters the region or a cell beside the cheese) [B]: whoever reaches the cheese has done so."""
    inside = probe.inside
    there = probe.distance <= 1
    there[:, region_cells(inside.size, probe.region).to(there.device)] = True
    return hit_probability(logits, inside.next_table, there, bottom_left(inside), steps)


def pastime(logits: Tensor, mazes: Mazes, steps: int) -> dict[str, float]:
    """Return what an agent spends its time with; the names are explained in `look`."""
    visits = visits_without_end(logits, mazes, steps)
    time = visits / visits.sum(1, keepdim=True)  # [B, S] shares
    probs = torch.softmax(logits, dim=-1)
    put = (mazes.next_table == torch.arange(logits.shape[1], device=logits.device)[:, None]).to(probs.dtype)
    size, start = mazes.size, start_cell(mazes.size)
    cells = torch.arange(size * size, device=logits.device)
    away = (cells // size - start // size).abs() + (cells % size - start % size).abs()
    shares = {
        "stay": (time * probs[..., STAY]).sum(1),
        "stands": (time * (probs * put).sum(-1)).sum(1),
        "near_start": time[:, away <= 1].sum(1),
        "entropy": (time * -(probs * probs.clamp(min=1e-12).log()).sum(-1)).sum(1),
    }
    return {name: float(values.double().mean()) for name, values in shares.items()}


def visits_without_end(logits: Tensor, mazes: Mazes, steps: int) -> Tensor:
    """Return expected visits [B, S] of an episode that nothing ends."""
    none = torch.zeros_like(mazes.targets)
    return expected_visits(logits, mazes.next_table, none, bottom_left(mazes), steps)


def right_steps(logits: Tensor, probe: Probe) -> dict[str, float]:
    """Return "right_1" and so on; see `look`."""
    distance = probe.distance
    after = distance.gather(1, probe.inside.next_table.flatten(1)).view(logits.shape)
    right = (torch.softmax(logits, dim=-1) * (after < distance[..., None])).sum(-1)  # one step in a maze without loops
    near = distance.clamp(max=FARTHEST)
    return {f"right_{d}": float(right[near == d].double().mean()) for d in range(1, FARTHEST + 1)}


def jobs(settings: Settings) -> list[Job]:
    """One job a region and stack of agents."""
    return [
        {"seed": seed, "members": settings["members"], "region": region}
        for region in settings["regions"]
        for seed in settings["seeds"]
    ]


def run(job: Job, settings: Settings, device: torch.device) -> Output:
    """Return what each agent does at each checkpoint, by sign of the reward; and where it spends its time."""
    seed, members, region = job["seed"], job["members"], job["region"]
    nets = train_agents(settings, region, seed, members, device)
    probes = [new_probe(settings, region, seed, member, device) for member in range(members)]
    method = A2C(**settings["after"])
    signs = {}
    for sign in settings["signs"]:
        tasks = [cheese_bank(settings, region, seed, member, device).paying(sign) for member in range(members)]
        trainer = Trainer(nets, tasks, method, generator(seed, "disreward", region, device=device))
        seen, visits = [], []
        for checkpoint in settings["checkpoints"]:
            for _ in progress(range(checkpoint - trainer.done), f"reward {sign:+d}"):
                trainer.update()
            now = trainer.nets()
            seen.append([look(net, probe) for net, probe in zip(now, probes, strict=True)])
            visits.append(torch.stack([_map(net, probe) for net, probe in zip(now, probes, strict=True)]).mean(0))
        signs[SIGNS[sign]] = {"seen": seen, "visits": [row.tolist() for row in visits]}
    return {"region": region, "signs": signs}


def _map(net: nn.Module, probe: Probe) -> Tensor:
    """Return the mean share of time [S] in each cell, no cheese shown."""
    bare = probe.inside.without_cheese()
    visits = visits_without_end(logits_of(net, bare), bare, probe.steps)
    return (visits / visits.sum(1, keepdim=True)).double().mean(0)


def summarise(outputs: Sequence[Output], settings: Settings) -> Summary:
    """Average over agents: before, at the first checkpoint at which an agent's P(cheese) is below the limit, and last.

    Measurements are named `<when>_<what>` with `_minus`, `_zero` or `_plus` for the sign of the reward and, but for the
    first region of the settings, `_k1` for the region's size.
    """
    measurements, curves, maps = {}, [], []
    for region in settings["regions"]:
        own = [output for output in outputs if output["region"] == region]
        size = "" if region == settings["regions"][0] else f"_k{region}"
        for name in own[0]["signs"]:
            # agents[i][c]: what agent i does at checkpoint c
            agents = [list(a) for output in own for a in zip(*output["signs"][name]["seen"], strict=True)]
            gone = [next((c for c in range(len(a)) if a[c]["cheese"] < settings["gone"]), None) for a in agents]
            left = [(a, c) for a, c in zip(agents, gone, strict=True) if c is not None]
            for what in agents[0][0]:
                columns = [[a[c][what] for a in agents] for c in range(len(settings["checkpoints"]))]
                measurements[f"before_{what}{size}"] = mean_interval(columns[0], UNIT)
                measurements[f"last_{what}_{name}{size}"] = mean_interval(columns[-1], UNIT)
                if len(left) > 1:
                    measurements[f"gone_{what}_{name}{size}"] = mean_interval([a[c][what] for a, c in left], UNIT)
                if what in settings["curves"]:
                    curves += [
                        (region, name, what, checkpoint, *_spread(column))
                        for checkpoint, column in zip(settings["checkpoints"], columns, strict=True)
                    ]
            if len(left) > 1:
                when = [settings["checkpoints"][c] for _, c in left]
                measurements[f"gone_updates_{name}{size}"] = mean_interval(when, UNIT)
            measurements[f"gone_share_{name}{size}"] = mean_interval([float(c is not None) for c in gone], UNIT)
            for c, checkpoint in enumerate(settings["checkpoints"]):
                shares = torch.tensor([output["signs"][name]["visits"][c] for output in own]).mean(0).tolist()
                maps += [(region, name, checkpoint, cell, round(share, 4)) for cell, share in enumerate(shares)]
    tables = {
        "curves": as_columns(("region", "sign", "what", "updates", "p", "p_low", "p_high"), curves),
        "visits": as_columns(("region", "sign", "updates", "cell", "share"), maps),
    }
    return Summary(measurements, tables)


def _spread(values: Sequence[float]) -> tuple[float, float, float]:
    found = mean_interval(values)
    return round(found.value, 5), round(found.low, 5), round(found.high, 5)


EXPERIMENT = Experiment(jobs, run, summarise)
