"""Experiment: why a dis-rewarded agent no longer goes where the cheese was. One thing at a time is changed.

How fast an agent changes is not the question, and differs between set-ups. So they are compared at equal P(cheese):
everything is read at the moment at which an agent's own P(cheese) falls through a level.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn

from chisel.core.progress import progress
from chisel.core.running import Experiment, Job, Output, Settings, Summary
from chisel.core.seeding import generator
from chisel.core.statistics import Estimate, mean_interval
from chisel.core.tables import as_columns
from chisel.reward_as_chisel.agents import cheese_bank, train_agents
from chisel.reward_as_chisel.critics import refit_critic, scale_critic
from chisel.reward_as_chisel.experiments.disreward import FARTHEST, Probe, look, new_probe, reaches
from chisel.reward_as_chisel.measurements import logits_of, reach_cheese
from chisel.reward_as_chisel.method import A2C
from chisel.reward_as_chisel.tasks import Task
from chisel.reward_as_chisel.training import Trainer, a2c_loss, collect

UNIT = "agents"
BASE = "base"
FAR = f"right_{FARTHEST}"


@dataclass(frozen=True)
class Variant:
    """One way to go on training.

    Attributes:
        sign: factor of all rewards.
        critic: at the start: "stale" (as trained), "refit" to the new rewards, "zero", or "negated".
        starts: where episodes begin: "all" cells, or only those "near" the cheese (at most 2 steps) or "far" from it.
        optimiser: "adam" or "sgd" (momentum .9).
        every: updates between two looks; updates: the most there are.
        after: what differs from the common method, arguments of `A2C`.
    """

    sign: float = -1.0
    critic: str = "stale"
    starts: str = "all"
    optimiser: str = "adam"
    every: int = 1
    updates: int = 40
    after: Mapping[str, Any] = field(default_factory=dict)


def jobs(settings: Settings) -> list[Job]:
    """One job a stack of agents."""
    return [{"seed": seed, "members": settings["members"]} for seed in settings["seeds"]]


def run(job: Job, settings: Settings, device: torch.device) -> Output:
    """Train agents, then go on from the same networks in each of the ways that the settings name."""
    seed, members, region = job["seed"], job["members"], settings["region"]
    nets = train_agents(settings, region, seed, members, device)
    probes = [new_probe(settings, region, seed, member, device) for member in range(members)]
    tasks = [cheese_bank(settings, region, seed, member, device) for member in range(members)]
    variants = {name: Variant(**given) for name, given in settings["variants"].items()}
    found = {}
    for name in progress(list(variants), "variants"):
        random = generator(seed, "disreward cause", device=device)  # the same draws for all
        found[name] = follow(nets, tasks, probes, variants[name], settings, random)
    common = A2C(**settings["after"])
    return {
        "variants": found,
        "forbidden": [forbid_last_step(net, probe) for net, probe in zip(nets, probes, strict=True)],
        "gradients": [
            trunk_gradients(net, task, common, settings, generator(seed, "gradients", member, device=device))
            for member, (net, task) in enumerate(zip(nets, tasks, strict=True))
        ],
    }


def follow(
    nets: Sequence[nn.Module],
    tasks: Sequence[Task],
    probes: Sequence[Probe],
    variant: Variant,
    settings: Settings,
    random: torch.Generator,
) -> list[Output]:
    """Go on training until P(cheese) is below all levels, and return for each agent what it did on the way.

    "at": for each level, what `look` measures where P(cheese) first falls through it, in between two looks on a
    straight line, and "updates"; None if it never does. "first": the first look. "last", "lowest" and "highest_change":
    P(cheese) and P(enters) at the end, the lowest of each, and the largest change of P(cheese) since the first look.
    """
    method = replace(A2C(**settings["after"]), **variant.after)
    given = [starting_at(task.paying(variant.sign), variant.starts) for task in tasks]
    start = [with_critic(net, task, variant, method, settings) for net, task in zip(nets, given, strict=True)]
    trainer = Trainer(start, given, method, random)
    if variant.optimiser == "sgd":
        moving = [p for p in trainer.stack.parameters.values() if p.requires_grad]
        trainer.optimiser = torch.optim.SGD(moving, lr=method.lr, momentum=0.9)
    elif variant.optimiser != "adam":
        raise ValueError(f"unknown optimiser {variant.optimiser!r}: use adam or sgd")
    last_level, seen = min(settings["levels"]), []
    for checkpoint in range(0, variant.updates + 1, variant.every):
        while trainer.done < checkpoint:
            trainer.update()
        seen.append([{**look(n, p), "updates": checkpoint} for n, p in zip(trainer.nets(), probes, strict=True)])
        if all(min(row["cheese"] for row in rows) < last_level for rows in zip(*seen, strict=True)):
            break
    return [passed(rows, settings["levels"]) for rows in zip(*seen, strict=True)]


def passed(rows: Sequence[Mapping[str, float]], levels: Sequence[float]) -> Output:
    """Read one agent's looks off at each level of P(cheese); see `follow`."""
    cheese, enters = [row["cheese"] for row in rows], [row["enters"] for row in rows]
    at = []
    for level in levels:
        crossing = next((i for i in range(1, len(rows)) if cheese[i] < level <= cheese[i - 1]), None)
        if crossing is None:
            at.append(None)
            continue
        before, after = rows[crossing - 1], rows[crossing]
        share = (before["cheese"] - level) / (before["cheese"] - after["cheese"])
        at.append({name: before[name] + share * (after[name] - before[name]) for name in before})
    return {
        "at": at,
        "first": dict(rows[0]),
        "last": {"cheese": cheese[-1], "enters": enters[-1]},
        "lowest": {"cheese": min(cheese), "enters": min(enters)},
        "highest_change": max(abs(value - cheese[0]) for value in cheese),
    }


def with_critic(net: nn.Module, task: Task, variant: Variant, method: A2C, settings: Settings) -> nn.Module:
    """Return a network with the same policy and the critic that a variant starts with."""
    factors = {"stale": 1.0, "zero": 0.0, "negated": -1.0}
    if variant.critic in factors:
        return scale_critic(net, factors[variant.critic])
    if variant.critic != "refit":
        raise ValueError(f"unknown critic {variant.critic!r}: use stale, refit, zero or negated")
    return refit_critic(net, first_of_bank(task, settings["refit_mazes"]), method.gamma)


def first_of_bank(task: Task, mazes: int) -> Task:
    """Return a task of its first mazes. They were drawn at random."""
    return Task(**{name: table[:mazes] for name, table in vars(task).items()})


def starting_at(task: Task, starts: str) -> Task:
    """Return the task with episodes that begin in "all" cells as before, or only "near" the end or "far" from it."""
    if starts == "all":
        return task
    if starts not in ("near", "far"):
        raise ValueError(f"unknown starts {starts!r}: use all, near or far")
    near = task.terminal
    for _ in range(2):
        near = near | near.gather(1, task.next_table.flatten(1)).view(task.next_table.shape).any(-1)
    kept = task.starts & (near if starts == "near" else ~near)
    kept = torch.where(kept.any(1, keepdim=True), kept, task.starts)  # where nothing is far, anywhere
    return replace(task, starts=kept)


def forbid_last_step(net: nn.Module, probe: Probe) -> float:
    """Return "idle" of the policy that the story has in mind: all as before, but never the step onto the cheese."""
    inside, logits = probe.inside, logits_of(net, probe.inside)
    onto = probe.distance.gather(1, inside.next_table.flatten(1)).view(logits.shape) == 0
    allowed = logits.masked_fill(onto & ~inside.targets[..., None], -1e9)
    kept = reaches(allowed, probe, probe.steps) - reach_cheese(allowed, inside, probe.steps)
    return float(kept.double().mean())


def trunk_gradients(
    net: nn.Module, task: Task, method: A2C, settings: Settings, random: torch.Generator
) -> dict[str, float]:
    """Return the norm of the first update's gradient in all weights below the last layer, before it is clipped.

    "policy_stale", "value_stale": of the policy's and the critic's part of the loss with reward -1 and the critic as
    trained; "policy_refit", "value_refit": with the critic re-fitted; "value_trained": with reward +1 as in training.
    """
    punished = task.paying(-1.0)
    refitted = refit_critic(net, first_of_bank(punished, settings["refit_mazes"]), method.gamma)
    cases = {"stale": (net, punished), "refit": (refitted, punished), "trained": (net, task)}
    parts = {
        "policy": replace(method, value=0.0, entropy=0.0),
        "value": replace(method, policy=0.0, entropy=0.0),
    }
    batches, found = random.get_state(), {}
    for case, (asked, paid) in cases.items():
        random.set_state(batches)  # the same mazes and steps for all
        batch = Task.stacked([paid]).draw(method.mazes, random)
        logits, values = asked(batch.observations)
        steps = collect(batch, logits.detach(), method, random)
        trunk = [p for name, p in asked.named_parameters() if not name.startswith("head")]
        for part, only in parts.items():
            loss = a2c_loss(batch, logits, values, steps, 1, only).sum()
            gradients = torch.autograd.grad(loss, trunk, retain_graph=True)
            found[f"{part}_{case}"] = float(torch.stack([g.norm() for g in gradients]).norm())
    return found


def summarise(outputs: Sequence[Output], settings: Settings) -> Summary:
    """Average over agents at each level, and compare each variant with the base, agent by agent.

    Measurements, for a level of .5: `<variant>_<what>_at_50`; `<variant>_minus_base_at_50`, of P(enters), over the
    agents that got there in both; `<variant>_far_fall_at_50`, how much the probability of the right step has fallen in
    the cells that are farthest from the cheese; `bystanders_minus_base_at_50`, the mean of those differences over the
    variants that should not matter, from the lowest end of their intervals to the highest.
    """
    variants, levels = settings["variants"], settings["levels"]
    agents = {name: [agent for output in outputs for agent in output["variants"][name]] for name in variants}
    measurements, rows, profile = {}, [], []
    for what in settings["what"]:
        measurements[f"before_{what}"] = mean_interval([agent["first"][what] for agent in agents[BASE]], UNIT)
    for name, own in agents.items():
        for end in ("last", "lowest"):
            for what in ("cheese", "enters"):
                measurements[f"{name}_{end}_{what}"] = mean_interval([a[end][what] for a in own], UNIT)
        measurements[f"{name}_fall_enters"] = mean_interval(
            [a["first"]["enters"] - a["lowest"]["enters"] for a in own], UNIT
        )
        measurements[f"{name}_highest_change"] = mean_interval([agent["highest_change"] for agent in own], UNIT)
        for index, level in enumerate(levels):
            at, percent = [agent["at"][index] for agent in own], round(100 * level)
            there = [reading for reading in at if reading is not None]
            if percent in settings["reported"]:
                measurements[f"{name}_reached_{percent}"] = mean_interval([float(r is not None) for r in at], UNIT)
            if len(there) < 2:
                continue
            entering = mean_interval([reading["enters"] for reading in there], UNIT)
            rows.append((name, level, *_rounded(entering), *_spread([r["idle"] for r in there]), len(there)))
            if percent in settings["reported"]:
                for what in settings["what"]:
                    key = f"{name}_{what}_at_{percent}"
                    measurements[key] = mean_interval([reading[what] for reading in there], UNIT)
                falls = [a["first"][FAR] - a["at"][index][FAR] for a in own if a["at"][index] is not None]
                measurements[f"{name}_far_fall_at_{percent}"] = mean_interval(falls, UNIT)
                base = [agent["at"][index] for agent in agents[BASE]]
                differences = [r["enters"] - b["enters"] for r, b in zip(at, base, strict=True) if r and b]
                if name != BASE and len(differences) > 1:
                    measurements[f"{name}_minus_base_at_{percent}"] = mean_interval(differences, UNIT)
                profile += [
                    (name, level, int(what.removeprefix("right_")), *_spread([reading[what] for reading in there]))
                    for what in there[0]
                    if what.startswith("right_")
                ]
    for percent in settings["reported"]:
        differences = [measurements.get(f"{name}_minus_base_at_{percent}") for name in settings["bystanders"]]
        measured = [estimate for estimate in differences if estimate is not None]
        if measured:
            measurements[f"bystanders_minus_base_at_{percent}"] = hull(measured)
    measurements["forbidden_idle"] = mean_interval([value for output in outputs for value in output["forbidden"]], UNIT)
    gradients = [row for output in outputs for row in output["gradients"]]
    for name in gradients[0]:
        measurements[f"gradient_{name}"] = mean_interval([row[name] for row in gradients], UNIT)
    ratios = torch.tensor([row["value_stale"] / row["policy_stale"] for row in gradients], dtype=torch.float64)
    measurements["gradient_value_over_policy_stale"] = mean_interval(ratios, UNIT)
    columns = ("variant", "level", "enters", "enters_low", "enters_high", "idle", "idle_low", "idle_high", "agents")
    tables = {
        "levels": as_columns(columns, rows),
        "right": as_columns(("variant", "level", "distance", "p", "p_low", "p_high"), profile),
    }
    return Summary(measurements, tables)


def worst_fall(agent: Output) -> float:
    """Return by how much an agent's P(enters) was at worst below what it was at first."""
    return agent["first"]["enters"] - agent["lowest"]["enters"]


def hull(estimates: Sequence[Estimate]) -> Estimate:
    """Return the mean of some estimates, with the lowest and the highest end of all their intervals."""
    mean = sum(estimate.value for estimate in estimates) / len(estimates)
    ends = min(estimate.low for estimate in estimates), max(estimate.high for estimate in estimates)
    return Estimate(mean, *ends, min(estimate.n for estimate in estimates), UNIT)


def _spread(values: Sequence[float] | Tensor) -> tuple[float, float, float]:
    return _rounded(mean_interval(values))


def _rounded(found: Estimate) -> tuple[float, float, float]:
    return round(found.value, 5), round(found.low, 5), round(found.high, 5)


EXPERIMENT = Experiment(jobs, run, summarise)
