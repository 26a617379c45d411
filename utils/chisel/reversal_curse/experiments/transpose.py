"""Experiment: bilinear models, untied and tied, are trained on statements, and asked for those that were left out.

One model with facts of its own is one seed; all arms have the same facts at the same seed.
"""

import math
from collections.abc import Sequence

import torch

from chisel.core.running import Experiment, Job, Output, Settings, Summary
from chisel.core.statistics import mean_interval
from chisel.reversal_curse.bilinear import Bilinear, likeness_to_transpose, train_bilinear
from chisel.reversal_curse.measurements import forced_choice, reversal_statistic, score_matrix, top_1
from chisel.reversal_curse.statements import Facts, both_ways
from chisel.reversal_curse.training import Method
from chisel.reversal_curse.world import make_facts

# Arm -> (whether it is tied, whether what is held out is trained after all, whether pairs are stated both ways at all).
ARMS = {
    "untied": (False, False, True),
    "tied": (True, False, True),
    "untied_taught": (False, True, True),
    "tied_unlinked": (True, False, False),
}
TABLED = ("reverse_top1", "reverse_choice", "reverse_difference", "likeness", "swapped_top1")


def jobs(settings: Settings) -> list[Job]:
    """One job an arm and stack of seeds."""
    return [
        {"seed": seed, "members": min(settings["stack"], settings["members"] - seed), "arm": arm}
        for arm in ARMS
        for seed in range(0, settings["members"], settings["stack"])
    ]


def run(job: Job, settings: Settings, device: torch.device) -> Output:
    """Train a stack of models of one arm and look at each."""
    tied, taught, linked = ARMS[job["arm"]]
    seeds = [settings["first_seed"] + job["seed"] + member for member in range(job["members"])]
    worlds = [make_facts(settings["pairs"], settings["both"] if linked else 0.0, seed) for seed in seeds]
    nets = train_bilinear(
        [both_ways(world) if taught else world for world in worlds],
        seeds,
        tied,
        settings["width"],
        settings["spread"],
        Method(**settings["method"]),
        device=device,
    )
    return {"arm": job["arm"], "models": [look(net, world) for net, world in zip(nets, worlds, strict=True)]}


def look(net: Bilinear, world: Facts) -> dict[str, float]:
    """Return what a model knows of its statements and of those held out, as the mean of both directions.

    "learned_top1": share of the trained statements whose object is the likeliest name. Of the held-out ones:
    "reverse_top1"; "reverse_choice", the same among the held-out names alone, and "choice_less_chance";
    "reverse_difference" (nats), of `reversal_statistic`. "likeness": of the relations' matrices, the cosine between one
    and the transpose of the other. "swapped_top1" is "reverse_top1" after each relation's matrix has been replaced by
    the transpose of the other's.
    """
    held = [statements for statements in (world.held_backward, world.held_forward) if len(statements) > 1]
    matrices = [score_matrix(net, statements) for statements in held]
    choices = [float(forced_choice(matrix).double().mean()) for matrix in matrices]
    chances = [1 / len(matrix) for matrix in matrices]
    found = {
        "learned_top1": float(top_1(net, world.train).double().mean()),
        "reverse_top1": asked(net, world),
        "reverse_choice": mean(choices),
        "choice_less_chance": mean(choices) - mean(chances),
        "reverse_difference": mean([reversal_statistic(matrix)[0] for matrix in matrices]),
        "likeness": likeness_to_transpose(net),
    }
    forward, backward = (matrix.detach().clone() for matrix in list(net.relations)[:2])
    with torch.no_grad():
        net.relations[0].copy_(backward.T)
        net.relations[1].copy_(forward.T)
        found["swapped_top1"] = asked(net, world)
        net.relations[0].copy_(forward)
        net.relations[1].copy_(backward)
    return found


def asked(net: Bilinear, world: Facts) -> float:
    """Return the share of held-out statements whose object is the likeliest of all names."""
    return mean([float(top_1(net, held).double().mean()) for held in (world.held_backward, world.held_forward)])


def mean(values: Sequence[float]) -> float:
    """Return the mean."""
    return math.fsum(values) / len(values)


def summarise(outputs: Sequence[Output], settings: Settings) -> Summary:
    """Average over seeds. Measurements are `<arm>_<what>`, with what as in `look`, and tied less untied, paired."""
    by_arm = {arm: [row for output in outputs if output["arm"] == arm for row in output["models"]] for arm in ARMS}
    measurements = {
        f"{arm}_{what}": mean_interval([row[what] for row in rows]) for arm, rows in by_arm.items() for what in rows[0]
    }
    for what in TABLED:
        gaps = [a[what] - b[what] for a, b in zip(by_arm["tied"], by_arm["untied"], strict=True)]
        measurements[f"tied_minus_untied_{what}"] = mean_interval(gaps)
    measurements["chance"] = mean_interval(
        [row["reverse_choice"] - row["choice_less_chance"] for row in by_arm["untied"]]
    )
    rows = [(arm, seed, row) for arm, found in by_arm.items() for seed, row in enumerate(found)]
    table = {
        "arm": [arm for arm, _, _ in rows],
        "seed": [seed for _, seed, _ in rows],
        **{what: [round(row[what], 4) for _, _, row in rows] for what in TABLED},
    }
    return Summary(measurements, {"models": table})


EXPERIMENT = Experiment(jobs, run, summarise)
