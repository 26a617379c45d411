"""Experiment: one step up the gradient of a statement, and what it does to its inverse, specifically and at large.

A few pairs are left out of training altogether; only their exposure facts are trained. So a step on one of them is the
first that the network hears of it. One network with facts of its own is one seed, and its pairs are averaged first.
"""

from collections.abc import Sequence
from dataclasses import replace

import torch

from chisel.core.running import Experiment, Job, Output, Settings, Summary
from chisel.core.seeding import generator
from chisel.core.statistics import mean_interval
from chisel.core.tables import as_columns
from chisel.reversal_curse.bilinear import METHOD, train_bilinear
from chisel.reversal_curse.experiments.transpose import mean
from chisel.reversal_curse.measurements import reversal_statistic, score_matrix
from chisel.reversal_curse.model import Decoder, Shape
from chisel.reversal_curse.recall import Recall
from chisel.reversal_curse.statements import BACKWARD, FORWARD, Fact, Facts, sequences
from chisel.reversal_curse.training import Method, train_stack
from chisel.reversal_curse.transfer import one_step_transfer
from chisel.reversal_curse.world import augment, make_facts

# Arm -> (whether it is a decoder or the bilinear model, whether it is tied, what is added to its statements).
ARMS = {
    "base": ("decoder", False, "none"),
    "tied": ("decoder", True, "none"),
    "tied_identity": ("decoder", True, "identical"),
    "bilinear": ("bilinear", False, "none"),
    "bilinear_tied": ("bilinear", True, "none"),
}
CHANGES = ("forward", "raw", "contrasted")


def jobs(settings: Settings) -> list[Job]:
    """One job an arm and stack of seeds."""
    return [
        {"seed": seed, "members": min(settings["stack"], settings["members"] - seed), "arm": arm}
        for arm in settings["arms"]
        for seed in range(0, settings["members"], settings["stack"])
    ]


def leave_out(facts: Facts, count: int) -> tuple[Facts, tuple[Fact, ...]]:
    """Return the facts without `count` of the pairs that are stated one way, and the forward statements of those.

    Half of them, rounded up, are pairs that were stated forward. Their exposure facts stay.

    Raises:
        ValueError: there are not so many pairs.
    """
    first, second = (count + 1) // 2, count // 2
    if first > len(facts.held_backward) or second > len(facts.held_forward):
        raise ValueError(f"{count} pairs cannot be left out of {len(facts.held_backward) + len(facts.held_forward)}")
    forward = tuple(Fact(fact.object, FORWARD, fact.subject) for fact in facts.held_backward[:first])
    left = (*forward, *facts.held_forward[:second])
    gone = {*left, *turned_back(left)}
    kept = replace(
        facts,
        train=tuple(fact for fact in facts.train if fact not in gone),
        held_forward=facts.held_forward[second:],
        held_backward=facts.held_backward[first:],
    )
    return kept, left


def turned_back(forward: Sequence[Fact]) -> tuple[Fact, ...]:
    """Return the backward statements about the pairs of forward ones."""
    return tuple(Fact(fact.object, BACKWARD, fact.subject) for fact in forward)


def run(job: Job, settings: Settings, device: torch.device) -> Output:
    """Train a stack of networks of one arm, and take one step on each pair that was left out, in both directions."""
    kind, tied, added = ARMS[job["arm"]]
    seeds = [settings["first_seed"] + job["seed"] + member for member in range(job["members"])]
    drawn = [leave_out(make_facts(settings["pairs"], settings["both"], seed), settings["left_out"]) for seed in seeds]
    worlds = [augment(world, added) for world, _ in drawn]
    if kind == "bilinear":
        nets = train_bilinear(worlds, seeds, tied, method=replace(METHOD, **settings["bilinear"]), device=device)
    else:
        shape = Shape(worlds[0].vocabulary, tied=tied, **settings["shape"])
        untrained = [Decoder(shape, generator(seed, "decoder")) for seed in seeds]
        ids = torch.stack([sequences((*world.train, *world.exposure)) for world in worlds])
        nets = train_stack(untrained, ids, Method(**settings["method"]), device=device, description=job["arm"])
    found = []
    for net, (world, left) in zip(nets, drawn, strict=True):
        steps = {
            "a_to_b": transfers(Recall(net, left, turned_back(left)), settings["gain"]),
            "b_to_a": transfers(Recall(net, turned_back(left), left), settings["gain"]),
        }
        learned = [reversal_statistic(score_matrix(net, held))[0] for held in (world.held_backward, world.held_forward)]
        found.append({"steps": steps, "trained": mean(learned)})
    return {"arm": job["arm"], "networks": found}


def transfers(recall: Recall, gain: float) -> list[list[float]]:
    """Return what one step on each pair changes, as rows of `CHANGES`.

    Each step is as long as it would have to be for a gain of `gain` nats if the log-probability were linear in the
    parameters: eta = gain / |gradient|^2. The contrast is with all other pairs.
    """
    parameters = list(recall.parameters())
    pairs = range(len(recall.scores("forward")))
    rows = []
    for index in pairs:
        asked = recall.scores("forward")[index, index]
        gradients = torch.autograd.grad(asked, parameters, allow_unused=True)
        squared = sum(float(g.double().square().sum()) for g in gradients if g is not None)
        others = [other for other in pairs if other != index]
        rows.append(list(one_step_transfer(recall, index, others, gain / squared)))
    return rows


def summarise(outputs: Sequence[Output], settings: Settings) -> Summary:
    """Average over pairs within a network, then over networks.

    Measurements of each arm: `<arm>_forward`, `<arm>_raw` and `<arm>_contrasted` (nats), the mean of both directions,
    and `<arm>_contrasted_a_to_b`, `<arm>_contrasted_b_to_a`, named after the statement that is stepped on;
    `<arm>_raw_less_contrasted`; and `<arm>_trained`, the difference in favour of the right name to which training has
    led, in statements whose inverse was trained.
    """
    measurements, rows = {}, []
    for arm in settings["arms"]:
        networks = [network for output in outputs if output["arm"] == arm for network in output["networks"]]
        means = [
            {way: [mean(column) for column in zip(*steps, strict=True)] for way, steps in network["steps"].items()}
            for network in networks
        ]
        for index, change in enumerate(CHANGES):
            both = [mean([ways[way][index] for way in ways]) for ways in means]
            measurements[f"{arm}_{change}"] = mean_interval(both)
        for way in means[0]:
            measurements[f"{arm}_contrasted_{way}"] = mean_interval([ways[way][2] for ways in means])
        at_large = [mean([changes[1] - changes[2] for changes in ways.values()]) for ways in means]
        measurements[f"{arm}_raw_less_contrasted"] = mean_interval(at_large)
        measurements[f"{arm}_trained"] = mean_interval([network["trained"] for network in networks])
        for seed, ways in enumerate(means):
            per_seed = [mean([changes[index] for changes in ways.values()]) for index in range(len(CHANGES))]
            rows.append((arm, seed, *(round(x, 5) for x in per_seed), round(networks[seed]["trained"], 4)))
    names = ("arm", "seed", *CHANGES, "trained")
    return Summary(measurements, {"networks": as_columns(names, rows)})


EXPERIMENT = Experiment(jobs, run, summarise)
