"""Which influence wins where the ways to the cheese and to the corner part: a logistic regression of what is met first.

A regression on what a *random walk* does comes with path lengths as strong predictors too. So every coefficient is
compared with the random walk's in the same mazes. Everything is exact: the label of a maze is a probability.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from chisel.core.running import Experiment, Job, Output, Settings, Summary
from chisel.core.statistics import Estimate, mean_interval
from chisel.core.tables import as_columns
from chisel.reward_as_chisel.agents import new_agents, train_agents
from chisel.reward_as_chisel.measurements import (
    cheese_in_region,
    corner_choice,
    first_of,
    held_out_mazes,
    logistic_fit,
    logits_of,
)
from chisel.reward_as_chisel.world import Mazes

FEATURES = ("to_cheese", "to_corner", "euclid")
WALKERS = ("trained", "untrained", "random")


def jobs(settings: Settings) -> list[Job]:
    """One job a stack of agents and region."""
    members, stack = settings["members"], settings["stack"]
    return [
        {"seed": seed, "members": min(stack, members - start), "region": k}
        for k in settings["regions"]
        for seed, start in enumerate(range(0, members, stack))
    ]


def run(job: Job, settings: Settings, device: torch.device) -> Output:
    """Train agents and regress what they and the controls meet first, with forced mazes left out and kept."""
    seed, members, k = job["seed"], job["members"], job["region"]
    trained = train_agents(settings, k, seed, members, device)
    untrained = [net.to(device) for net in new_agents(settings, seed, members)]
    agents = []
    for member in range(members):
        mazes = held_out_mazes(settings, seed, member, device)
        mazes = mazes[~cheese_in_region(mazes, k)]
        free = mazes[~corner_choice(mazes)["forced"]]
        nets: tuple[nn.Module | None, ...] = (trained[member], untrained[member], None)
        left = {"free": free, "kept": mazes}
        agents.append(
            {
                who: {part: influences(net, some, settings["steps"]) for part, some in left.items()}
                for who, net in zip(WALKERS, nets, strict=True)
            }
        )
    return {"agents": agents}


def influences(net: nn.Module | None, mazes: Mazes, steps: int) -> dict[str, float]:
    """Regress "the cheese before the corner" on the three standardised distances.

    A maze's label is the probability of the cheese first, given that one of the two is met within `steps`; its weight
    is the probability that one is.

    Returns:
        the coefficients by name, with "intercept"; "accuracy", how often the fit is right about what is met first;
        "majority", how often one answer for all mazes is; "decided", the mean weight; and "mazes", how many.
    """
    choice = corner_choice(mazes)
    features = torch.stack([choice[name].double() for name in FEATURES], dim=1)
    features = (features - features.mean(0)) / features.std(0)
    cheese, corner = (part.double() for part in first_of(logits_of(net, mazes), mazes, steps))
    weights = cheese + corner
    labels = cheese / weights.clamp(min=1e-12)
    fit = logistic_fit(features, labels, weights)
    guess = fit[0] + features @ fit[1:] > 0
    return {
        "intercept": float(fit[0]),
        **{name: float(value) for name, value in zip(FEATURES, fit[1:], strict=True)},
        "accuracy": _share(torch.where(guess, labels, 1 - labels), weights),
        "majority": max(_share(labels, weights), _share(1 - labels, weights)),
        "decided": float(weights.mean()),
        "mazes": len(mazes),
    }


def _share(values: Tensor, weights: Tensor) -> float:
    return float((values * weights).sum() / weights.sum())


def summarise(outputs: Sequence[Output], settings: Settings) -> Summary:
    """Average over agents, with intervals; compare with the random walk in the same mazes agent by agent."""
    by_region: dict[int, list[dict]] = {k: [] for k in settings["regions"]}
    for job, output in zip(jobs(settings), outputs, strict=True):
        by_region[job["region"]] += output["agents"]
    measurements: dict[str, Estimate] = {}
    rows = []
    for k, agents in by_region.items():
        for who in WALKERS:
            for part in ("free", "kept"):
                found = _columns([agent[who][part] for agent in agents])
                prefix = who if part == "free" else f"{who}_forced_kept"
                measurements |= {f"{prefix}_{name}_k{k}": mean_interval(values) for name, values in found.items()}
                measurements[f"{prefix}_gain_k{k}"] = mean_interval(found["accuracy"] - found["majority"])
                rows += [(k, prefix, name, round(x, 4)) for name in FEATURES for x in found[name].tolist()]
        measurements |= _compared(agents, k)
    names = ("region", "walker", "feature", "coefficient")
    return Summary(measurements, {"coefficients": as_columns(names, rows)})


def _compared(agents: Sequence[dict], k: int) -> dict[str, Estimate]:
    trained, random = (_columns([agent[who]["free"] for agent in agents]) for who in ("trained", "random"))
    kept = _columns([agent["random"]["kept"] for agent in agents])
    pairs = {f"{name}_trained_minus_random_k{k}": mean_interval(trained[name] - random[name]) for name in FEATURES}
    artefact = {f"{name}_random_kept_minus_free_k{k}": mean_interval(kept[name] - random[name]) for name in FEATURES}
    return {**pairs, **artefact, f"random_euclid_size_k{k}": mean_interval(random["euclid"].abs())}


def _columns(rows: Sequence[dict[str, float]]) -> dict[str, Tensor]:
    return {name: torch.tensor([row[name] for row in rows], dtype=torch.float64) for name in rows[0]}


EXPERIMENT = Experiment(jobs, run, summarise)
