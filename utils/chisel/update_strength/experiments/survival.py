"""Experiment 5: offline planning with wrong reward labels, with and without pessimism, and where pessimism fails.

Behaviour data: most episodes are sabotaged (from a random step on they walk into the lava), so that imitating the data
is no way to do well. Return and safety are kept apart: a policy can avoid the lava and never reach the goal.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from chisel.core.running import Experiment, Job, Output, Settings, Summary
from chisel.core.seeding import generator
from chisel.core.statistics import exact, mean_interval
from chisel.core.tables import as_columns
from chisel.update_strength.tabular_world import (
    LavaWorld,
    clone,
    collect,
    cover_uniformly,
    evaluate,
    label_each_transition,
    lava_world,
    optimal,
    plan,
)

# "random": each transition of the data has a label of its own, uniform in [0, 1]. "function": each state and action
# has one, uniform in [-1, 1], the same at every visit. The first averages out over visits, the second does not.
LABELS = ("true", "zero", "random", "negated", "function")
PLANNERS = ("pessimistic", "strong", "plain", "terminal")
OTHER_DATA = ("goal_ends", "uniform_coverage", "random_behaviour", "noisy")
CLONERS = ("clone", "clone_mode")


class Planner(NamedTuple):
    """Settings of one planner: `plan` takes one of each a label."""

    beta: float
    v_min: float
    v_terminal: float


def planners(settings: Settings) -> dict[str, Planner]:
    """Return the named planners. Values are in units of return: r_min / (1 - gamma) is the worst there can be."""
    worst = 1 / (1 - settings["gamma"])
    weak, strong = settings["weak"], settings["strong"]
    weak_min, strong_min = weak["r_min"] * worst, strong["r_min"] * worst
    return {
        "pessimistic": Planner(weak["beta"], weak_min, weak_min),
        "strong": Planner(strong["beta"], strong_min, strong_min),
        "plain": Planner(0.0, 0.0, 0.0),
        "terminal": Planner(weak["beta"], weak_min, 0.0),
    }


def jobs(settings: Settings) -> list[Job]:
    """One job a stack of data sets."""
    members, stack = settings["members"], settings["stack"]
    return [
        {"seed": seed, "members": min(stack, members - start)} for seed, start in enumerate(range(0, members, stack))
    ]


def run(job: Job, settings: Settings, device: torch.device) -> Output:
    """Return score and safety of every policy on every data set, and how often cells are visited."""
    seed, members = job["seed"], job["members"]
    world = lava_world(settings["rows"], settings["slip"], device=device)
    counts = sabotaged_data(world, members, settings, generator(seed, "data", device=device))
    labels = reward_labels(world, counts, generator(seed, "labels", device=device))

    named = planners(settings)
    sweep = [
        Planner(beta, r_min / (1 - settings["gamma"]), r_min / (1 - settings["gamma"]))
        for beta in settings["betas"]
        for r_min in settings["r_mins"]
    ]
    policy = _plan_all(world, counts, labels, [*named.values(), *sweep], settings)  # [N, planners, labels, S, A]
    found = judge(world, policy, settings)
    named_found = {key: values[:, : len(named)].tolist() for key, values in found.items() if key != "visits"}
    sweep_found = {key: values[:, len(named) :].tolist() for key, values in found.items() if key != "visits"}

    cloned = torch.stack(clone(counts, world.absorbing), 1)  # [N, 2, S, A]
    clone_found = judge(world, cloned, settings)
    known = labels.clone()
    known[:, LABELS.index("random")] = 0.5  # On the true map there is no data to label: what counts is their mean.
    online = optimal(world, known.flatten(0, 1), settings["gamma"], settings["iterations"])
    online_found = judge(world, online.unflatten(0, (members, len(LABELS))), settings)
    visits = [found["visits"][:, index, 1].mean(0) for index in range(len(named))]  # with zero labels
    return {
        "named": named_found,
        "sweep": sweep_found,
        "clone": {key: clone_found[key].tolist() for key in ("score", "safety")},
        "online": {key: online_found[key].tolist() for key in ("score", "safety")},
        "other": _other_data(job, settings, device),
        "visits": {
            **{name: row.tolist() for name, row in zip(named, visits, strict=True)},
            "clone": clone_found["visits"][:, 0].mean(0).tolist(),
            "data": (counts.sum((2, 3)).mean(0) / settings["episodes"]).tolist(),
        },
    }


def summarise(outputs: Sequence[Output], settings: Settings) -> Summary:
    """Average over data sets, with intervals; compare policies data set by data set."""

    def gather(part: str, key: str, *more: str) -> Tensor:
        rows = [output[part] for output in outputs]
        for name in more:
            rows = [row[name] for row in rows]
        return torch.cat([torch.tensor(row[key], dtype=torch.float64) for row in rows])  # [N, ...]

    scores: dict[tuple[str, str], Tensor] = {}
    safeties: dict[tuple[str, str], Tensor] = {}
    for store, key in ((scores, "score"), (safeties, "safety")):
        table, online, cloned = gather("named", key), gather("online", key), gather("clone", key)
        for j, label in enumerate(LABELS):
            store.update({(name, label): table[:, i, j] for i, name in enumerate(PLANNERS)})
            store["online", label] = online[:, j]
            for name in OTHER_DATA:
                store[name, label] = gather("other", key, name, "planner")[:, 0, j]
        for i, name in enumerate(CLONERS):
            store[name, "any"] = cloned[:, i]
            store[f"noisy_{name}", "any"] = gather("other", key, "noisy", "clone")[:, i]
    measurements = {_name(*cell): mean_interval(values, "data sets") for cell, values in scores.items()}
    measurements |= {f"{_name(*cell)}_safety": mean_interval(values, "data sets") for cell, values in safeties.items()}
    measurements |= {
        "pessimistic_minus_plain_zero": _paired(scores, ("pessimistic", "zero"), ("plain", "zero")),
        "pessimistic_minus_clone_zero": _paired(scores, ("pessimistic", "zero"), ("clone", "any")),
        "pessimistic_minus_clone_mode_zero": _paired(scores, ("pessimistic", "zero"), ("clone_mode", "any")),
    }
    expert, floor = _scale(lava_world(settings["rows"], settings["slip"]), settings)
    measurements |= {"expert_return": exact(float(expert)), "uniform_return": exact(float(floor))}
    tables = {
        "policies": _table(scores, safeties),
        "sweep": _sweep_table(gather("sweep", "score"), gather("sweep", "safety"), settings),
        "visits": _visits_table(outputs, settings),
    }
    return Summary(measurements, tables)


def sabotaged_data(world: LavaWorld, members: int, settings: Settings, random: torch.Generator) -> Tensor:
    """Draw the behaviour data [N, S, A, S]: experts of whom most turn saboteur at a random early step."""
    targets = torch.stack([world.rewards, world.transitions @ world.lava.double()])  # [2, S, A]
    expert, saboteur = optimal(world, targets, settings["gamma"], settings["iterations"])
    shape = (members, settings["episodes"])
    device = world.rewards.device
    onset = torch.randint(settings["last_onset"] + 1, shape, generator=random, device=device)
    honest = torch.rand(shape, generator=random, device=device) >= settings["saboteurs"]
    onset = torch.where(honest, settings["horizon"], onset)
    return collect(world, expert, saboteur, onset, settings["noise"], settings["horizon"], random)


def _other_data(job: Job, settings: Settings, device: torch.device) -> dict:
    """Judge weak pessimism and cloning on data, or on a world, where the effect should break or prove nothing."""
    members, horizon = job["members"], settings["horizon"]
    world = lava_world(settings["rows"], settings["slip"], device=device)
    ending = lava_world(settings["rows"], settings["slip"], goal_ends=True, device=device)

    def random(name: str) -> torch.Generator:
        return generator(job["seed"], name, device=device)

    never = torch.full((members, settings["episodes"]), horizon, device=device)
    [expert] = optimal(world, world.rewards[None], settings["gamma"], settings["iterations"])
    visits = round(settings["episodes"] * horizon / int((~world.absorbing).sum()) / expert.shape[1])
    data = {
        "goal_ends": (ending, sabotaged_data(ending, members, settings, random("goal ends"))),
        "uniform_coverage": (world, cover_uniformly(world, members, visits, random("coverage"))),
        "random_behaviour": (world, collect(world, expert, expert, never, 1.0, horizon, random("random"))),
        "noisy": (world, collect(world, expert, expert, never, settings["noisy_noise"], horizon, random("noisy"))),
    }
    weak, found = [planners(settings)["pessimistic"]], {}
    for name, (place, counts) in data.items():
        labels = reward_labels(place, counts, random(f"{name} labels"))
        planned = judge(place, _plan_all(place, counts, labels, weak, settings), settings)
        cloned = judge(place, torch.stack(clone(counts, place.absorbing), 1), settings)
        found[name] = {
            "planner": {key: planned[key].tolist() for key in ("score", "safety")},
            "clone": {key: cloned[key].tolist() for key in ("score", "safety")},
        }
    return found


def reward_labels(world: LavaWorld, counts: Tensor, random: torch.Generator) -> Tensor:
    """Return [N, labels, S, A] in the order of LABELS."""
    true = world.rewards.expand(len(counts), -1, -1)
    drawn = torch.rand(true.shape, generator=random, dtype=true.dtype, device=true.device)
    return torch.stack([true, torch.zeros_like(true), label_each_transition(counts, random), -true, 2 * drawn - 1], 1)


def _plan_all(
    world: LavaWorld, counts: Tensor, labels: Tensor, wanted: Sequence[Planner], settings: Settings
) -> Tensor:
    """Return the policies [N, planners, labels, S, A] of every planner under every label."""
    labels = labels.repeat(1, len(wanted), 1, 1)  # [N, K, S, A]
    columns = torch.tensor(wanted, dtype=torch.float64, device=counts.device)  # [planners, 3]
    beta, v_min, v_terminal = columns.repeat_interleave(len(LABELS), 0).unbind(1)  # [K]
    policy = plan(counts, labels, beta, v_min, v_terminal, settings["gamma"], world.absorbing, settings["iterations"])
    return policy.unflatten(1, (len(wanted), len(LABELS)))


def _scale(world: LavaWorld, settings: Settings) -> tuple[Tensor, Tensor]:
    """Return the expert's and the uniform policy's return on the true map: the 100 and the 0 of a score."""
    expert = optimal(world, world.rewards[None], settings["gamma"], settings["iterations"])[0]
    both = torch.stack([expert, torch.full_like(expert, 1 / expert.shape[1])])
    totals, _, _ = evaluate(world, both, settings["horizon"])
    return totals[0], totals[1]


def judge(world: LavaWorld, policy: Tensor, settings: Settings) -> dict[str, Tensor]:
    """Return score [...], safety [...] and visits [..., S] of policy: [..., S, A]."""
    expert, floor = _scale(world, settings)
    total, safety, visits = evaluate(world, policy, settings["horizon"])
    return {"score": 100 * (total - floor) / (expert - floor), "safety": safety, "visits": visits}


def _name(policy: str, label: str) -> str:
    return policy if label == "any" else f"{policy}_{label}"


def _paired(scores: Mapping[tuple[str, str], Tensor], one: tuple[str, str], other: tuple[str, str]):
    return mean_interval(scores[one] - scores[other], "data sets")


def _spread(score: Tensor, safety: Tensor) -> tuple[float, ...]:
    estimates = (mean_interval(score), mean_interval(safety))
    return tuple(round(x, 5) for e in estimates for x in (e.value, e.low, e.high))


SPREAD = ("score", "score_low", "score_high", "safety", "safety_low", "safety_high")


def _table(scores: Mapping[tuple[str, str], Tensor], safeties: Mapping[tuple[str, str], Tensor]) -> dict[str, list]:
    rows = [(*cell, *_spread(scores[cell], safeties[cell])) for cell in scores]
    return as_columns(("policy", "label", *SPREAD), rows)


def _sweep_table(score: Tensor, safety: Tensor, settings: Settings) -> dict[str, list]:
    cells = [(beta, r_min) for beta in settings["betas"] for r_min in settings["r_mins"]]
    rows = [
        (*cell, label, *_spread(score[:, i, j], safety[:, i, j]))
        for i, cell in enumerate(cells)
        for j, label in enumerate(LABELS)
    ]
    return as_columns(("beta", "r_min", "label", *SPREAD), rows)


def _visits_table(outputs: Sequence[Output], settings: Settings) -> dict[str, list]:
    """One row a policy (with zero labels) and cell: expected steps spent there in an episode."""
    width, sizes = len(settings["rows"][0]), [len(output["named"]["score"]) for output in outputs]
    weights = torch.tensor(sizes, dtype=torch.float64) / sum(sizes)
    rows = []
    for policy in outputs[0]["visits"]:
        mean = weights @ torch.tensor([output["visits"][policy] for output in outputs], dtype=torch.float64)
        rows += [(policy, cell // width, cell % width, round(steps, 5)) for cell, steps in enumerate(mean.tolist())]
    return as_columns(("policy", "row", "column", "steps"), rows)


EXPERIMENT = Experiment(jobs, run, summarise)
