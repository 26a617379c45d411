"""Experiment: raise the rate of a transformer that has memorised its training set, at the classic size.

A seed draws the split, the first values and the batches, and all arms of a seed share them and every step before the
switch. So arms are compared seed by seed.
"""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from chisel.core.running import Experiment, Job, Output, Settings, Summary
from chisel.core.statistics import Estimate, mean_interval, proportion_interval
from chisel.lr_mode_shift.measurements import shift_metrics
from chisel.lr_mode_shift.runs import Runs, train_stack
from chisel.lr_mode_shift.settings import Setting, look_steps

AT_ONCE = 25  # steps after the switch in which training accuracy is to have fallen
GENERALISED = 0.95  # of validation accuracy
DEAD = 0.3  # of training accuracy at the end
CURVES = ("train_acc", "val_acc")


def arm_name(multiplier: float, decay: str) -> str:
    """Return the name of an arm in measurements, such as `x10` or `x10_constant`."""
    return f"x{multiplier:g}" + ("" if decay == "coupled" else f"_{decay}")


def arms(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return what is different in each arm, by name. With a multiplier of 1 all decays are one arm."""
    pairs = [(m, decay) for decay in settings["decays"] for m in settings["multipliers"] if m != 1]
    return {
        "x1": {},
        **{arm_name(m, decay): {"multiplier": float(m), "decay": decay} for m, decay in pairs},
    }


def jobs(settings: Settings) -> list[Job]:
    """One job a stack of seeds, with all arms: so their common steps are made once."""
    first, count, stack = settings["first_seed"], settings["members"], settings["stack"]
    return [{"seed": first + done, "members": min(stack, count - done)} for done in range(0, count, stack)]


def run(job: Job, settings: Settings, device: torch.device) -> Output:
    """Train all arms of a stack of seeds, and read each run.

    "rows": for each seed and arm what `look` reads, with the accuracies at all looks.
    """
    switch, steps = settings["base"]["switch_step"], settings["steps"]
    looks = look_steps(steps, switch, settings["stages"], settings["before"])
    seeds = range(job["seed"], job["seed"] + job["members"])
    members = [(seed, name) for seed in seeds for name in arms(settings)]
    runs = train_stack(
        [Setting(**{**settings["base"], **arms(settings)[name], "seed": seed}) for seed, name in members],
        steps,
        looks,
        device=device,
        description="classic size",
    )
    return {"rows": [{"arm": name, "seed": seed, **look(runs, k)} for k, (seed, name) in enumerate(members)]}


def look(runs: Runs, member: int) -> dict[str, Any]:
    """Return what the curves of one run say.

    "before_train", "before_val": accuracies at the switch. "drop" and "gap": of the first `AT_ONCE` steps after it, how
    far training accuracy falls, and how far above validation accuracy it is at its lowest. "divergence": the largest
    lead of training over validation accuracy after that. "steps": from the switch until validation accuracy was first
    seen at `GENERALISED`, or None. "end_train", "end_val": means over the looks in the last tenth of the steps.
    "outcome" and "r": of `shift_metrics`, with each accuracy taken to stay until the next look.
    """
    switch = runs.settings[member].switch_step
    steps = runs.steps.tolist()
    train, val = (runs.curves[name][member] for name in CURVES)
    at = steps.index(switch)
    soon = [k for k, step in enumerate(steps) if switch <= step <= switch + AT_ONCE]
    lowest = min(soon, key=lambda k: float(train[k]))
    reached = [step - switch for k, step in enumerate(steps) if k >= at and float(val[k]) >= GENERALISED]
    last = [k for k, step in enumerate(steps) if step >= steps[-1] - (steps[-1] - switch) / 10]
    metrics = shift_metrics(held(train, steps), held(val, steps), switch)
    return {
        "before_train": float(train[at]),
        "before_val": float(val[at]),
        "drop": float(train[at] - train[lowest]),
        "gap": float(train[lowest] - val[lowest]),
        "divergence": float((train - val)[lowest:].max()),
        "steps": reached[0] if reached else None,
        "end_train": float(train[last].mean()),
        "end_val": float(val[last].mean()),
        "outcome": metrics.outcome,
        "r": None if math.isnan(metrics.r) else metrics.r,
        "frozen": runs.frozen[member],
        "looks": steps,
        **{name: [round(value, 3) for value in runs.curves[name][member].tolist()] for name in CURVES},
    }


def held(values: Tensor, steps: Sequence[int]) -> Tensor:
    """Return a value for each step from 0 to the last one, each look's until the next look."""
    lengths = torch.tensor([*steps[1:], steps[-1] + 1]) - torch.tensor(steps)
    return values.repeat_interleave(lengths)


def summarise(outputs: Sequence[Output], settings: Settings) -> Summary:
    """Average over seeds, and compare each arm with the base rate seed by seed.

    Measurements are named `<arm>_<what>`: the numbers of `look`; `<arm>_generalised` and `<arm>_dead`, shares of runs;
    `<arm>_sooner`: how many times sooner than at the base rate validation accuracy reaches `GENERALISED`, the geometric
    mean of the ratios. A run that never gets there counts as if it did so at its last step. Where that is the run at
    the base rate its ratio is a lower bound; where it is the other one, an upper bound.
    """
    rows = [row for output in outputs for row in output["rows"]]
    horizon = settings["steps"] - settings["base"]["switch_step"]
    taken = {(row["arm"], row["seed"]): horizon if row["steps"] is None else max(1, row["steps"]) for row in rows}
    measurements: dict[str, Estimate] = {}
    for arm in arms(settings):
        own = [row for row in rows if row["arm"] == arm]
        for what in ("before_train", "before_val", "drop", "gap", "divergence", "end_train", "end_val"):
            measurements[f"{arm}_{what}"] = mean_interval([row[what] for row in own])
        generalised = sum(row["steps"] is not None for row in own)
        measurements[f"{arm}_generalised"] = proportion_interval(generalised, len(own))
        measurements[f"{arm}_dead"] = proportion_interval(sum(row["end_train"] < DEAD for row in own), len(own))
        if arm != "x1":
            ratios = [math.log(taken["x1", row["seed"]] / taken[arm, row["seed"]]) for row in own]
            measurements[f"{arm}_sooner"] = exponential(mean_interval(ratios))
    names = ("arm", "seed", "drop", "gap", "divergence", "steps", "end_train", "end_val", "outcome", "r", "frozen")
    tables = {
        "runs": {name: [rounded(row[name]) for row in rows] for name in names},
        "curves": {name: [row[name] for row in rows] for name in ("arm", "seed", *CURVES)},
        "looks": {"step": rows[0]["looks"]},
    }
    return Summary(measurements, tables)


def exponential(estimate: Estimate) -> Estimate:
    """Return the estimate of a ratio, from that of its logarithm."""
    return Estimate(math.exp(estimate.value), math.exp(estimate.low), math.exp(estimate.high), estimate.n)


def rounded(value: Any) -> Any:
    """Return a float with three digits after the point, and anything else as it is."""
    return round(value, 3) if isinstance(value, float) else value


EXPERIMENT = Experiment(jobs, run, summarise)
