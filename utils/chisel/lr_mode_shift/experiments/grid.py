"""Experiment: runs that share a seed until the switch and then go on under different rates, in groups of arms.

A group is an architecture with a switch step. A seed draws the split, the first values and the batches, and all arms of
a group share them and every step before the switch. So arms are compared seed by seed. Several claims name this
experiment, each with groups, arms and seeds of its own.
"""

import math
from collections.abc import Sequence
from typing import Any

import torch

from chisel.core.running import Experiment, Job, Output, Settings, Summary
from chisel.core.statistics import Estimate, mean_interval, proportion_interval
from chisel.core.tables import as_columns
from chisel.lr_mode_shift.experiments.classic import CURVES, exponential, rounded
from chisel.lr_mode_shift.experiments.reading import CORRELATIONS, NUMBERS, read_run
from chisel.lr_mode_shift.records import OUTCOMES
from chisel.lr_mode_shift.runs import train_stack
from chisel.lr_mode_shift.settings import Setting, look_steps

RUNS = ("fall", "above", "drop", "gap", "rise_gap", "again", "end_train", "end_val", "r", "whole_r", "change_r")
Row = dict[str, Any]


def jobs(settings: Settings) -> list[Job]:
    """One job a group and stack of seeds, with all arms, so that their common steps are made once.

    A group may ask for seeds of its own number, as "members".
    """
    counts = {name: group.get("members", settings["members"]) for name, group in settings["groups"].items()}
    first, stack = settings["first_seed"], settings["stack"]
    return [
        {"seed": first + done, "members": min(stack, count - done), "group": name}
        for name, count in counts.items()
        for done in range(0, count, stack)
    ]


def run(job: Job, settings: Settings, device: torch.device) -> Output:
    """Train all arms of a group for a stack of seeds, and read each run.

    "rows": for each seed and arm what `read_run` reads, with the accuracies at the looks that are drawn; "drawn": the
    steps after the switch of those looks.
    """
    group = settings["groups"][job["group"]]
    base = {**settings["base"], **group["setting"]}
    switch, steps = base["switch_step"], base["switch_step"] + group["after"]
    drawn = look_steps(steps, switch, settings["drawn"], settings["before"])
    looks = sorted({*drawn, *look_steps(steps, switch, settings["stages"], settings["before"])})
    seeds = range(job["seed"], job["seed"] + job["members"])
    members = [(seed, name) for seed in seeds for name in group["arms"]]
    runs = train_stack(
        [Setting(**{**base, **group["arms"][name], "seed": seed}) for seed, name in members],
        steps,
        looks,
        device=device,
        description=job["group"],
    )
    shown = [looks.index(step) for step in drawn]
    rows = [
        {
            "group": job["group"],
            "arm": name,
            "seed": seed,
            **read_run(runs, k),
            **{curve: [round(float(runs.curves[curve][k, at]), 3) for at in shown] for curve in CURVES},
        }
        for k, (seed, name) in enumerate(members)
    ]
    return {"group": job["group"], "drawn": [step - switch for step in drawn], "rows": rows}


def rows_of(outputs: Sequence[Output]) -> list[Row]:
    """Return what was read of every run."""
    return [row for output in outputs for row in output["rows"]]


def arm_rows(rows: Sequence[Row], group: str, arm: str) -> list[Row]:
    """Return the rows of one arm, one a seed, in the order of the seeds."""
    return [row for row in rows if row["group"] == group and row["arm"] == arm]


def summarise(outputs: Sequence[Output], settings: Settings) -> Summary:
    """Average over seeds, and compare arms seed by seed.

    Measurements are named `<group>_<arm>_<what>`, with what as in `read_run`. `dead`, `generalised` and the outcomes of
    `shift_metrics` (`tandem` and so on) are shares of runs. A correlation is averaged over the runs that are not dead
    at the end and have one; where fewer than two are left its interval is all of -1 to 1. `<...>_r_counted` is the
    share of runs for which `r` is. `sooner`, `total_sooner`: how many times sooner a run generalises than at the base
    rate, x1, counted from the switch or from the beginning: the geometric mean of the ratios over seeds. A run that
    never does counts with its last step. Where that is the run at the base rate its ratio is a lower bound; where it is
    the other one, an upper bound.

    "compare" lists (name, arm, other arm, what), arms by group and name: `name` is the mean difference seed by seed.
    """
    rows = rows_of(outputs)
    measurements: dict[str, Estimate] = {}
    for group, made in settings["groups"].items():
        for arm in made["arms"]:
            own, base = arm_rows(rows, group, arm), arm_rows(rows, group, "x1")
            found = arm_measurements(own, base if arm != "x1" else [], settings, group)
            measurements |= {f"{group}_{arm}_{what}": estimate for what, estimate in found.items()}
    for name, one, other, what in settings["compare"]:
        pairs = zip(arm_rows(rows, *one), arm_rows(rows, *other), strict=True)
        both = [(row[what], beside[what]) for row, beside in pairs if None not in (row[what], beside[what])]
        measurements[name] = mean_or_unknown([x - y for x, y in both], 2.0 if what in CORRELATIONS else None)
    columns = ("group", "arm", "seed", "steps", "outcome", "frozen", *RUNS)
    steps = {output["group"]: output["drawn"] for output in outputs}
    tables = {
        "runs": as_columns(columns, [[rounded(row[name]) for name in columns] for row in rows]),
        "curves": as_columns(
            ("group", "arm", "seed", *CURVES),
            [[row["group"], row["arm"], row["seed"], *(row[curve] for curve in CURVES)] for row in rows],
        ),
        "looks": as_columns(("group", "after"), steps.items()),
    }
    return Summary(measurements, tables)


def arm_measurements(rows: Sequence[Row], base: Sequence[Row], settings: Settings, group: str) -> dict[str, Estimate]:
    """Return the measurements of one arm; `base` are the rows of x1, or empty where there is nothing to compare."""
    count = len(rows)
    found = {what: mean_interval([row[what] for row in rows]) for what in NUMBERS}
    for what in CORRELATIONS:
        defined = [row[what] for row in rows if row[what] is not None and not row["dead"]]
        if what == "r":
            found["r_counted"] = proportion_interval(len(defined), count)
        found[what] = mean_or_unknown(defined, 1.0)
    found["dead"] = proportion_interval(sum(row["dead"] for row in rows), count)
    found["generalised"] = proportion_interval(sum(row["steps"] is not None for row in rows), count)
    for outcome in OUTCOMES[1:]:
        key = outcome.replace("-", "_")
        found[key] = proportion_interval(sum(row["outcome"] == outcome for row in rows), count)
    if base:
        after = settings["groups"][group]["after"]
        switch = {**settings["base"], **settings["groups"][group]["setting"]}["switch_step"]
        found["sooner"] = sooner(base, rows, "steps", after)
        found["total_sooner"] = sooner(base, rows, "total", switch + after)
    return found


def mean_or_unknown(values: Sequence[float], bound: float | None) -> Estimate:
    """Return the mean of values between -bound and bound; of fewer than two nothing else is known than that.

    Raises:
        ValueError: there are fewer than two values, and no bound.
    """
    if len(values) < 2 and bound is not None:
        return Estimate(0.0, -bound, bound, len(values))
    return mean_interval(values)


def sooner(base: Sequence[Row], rows: Sequence[Row], what: str, horizon: int) -> Estimate:
    """Return how many times fewer steps `rows` take than `base`: the geometric mean over seeds."""
    taken = [[horizon if row[what] is None else max(1, row[what]) for row in side] for side in (base, rows)]
    return exponential(mean_interval([math.log(a / b) for a, b in zip(*taken, strict=True)]))


EXPERIMENT = Experiment(jobs, run, summarise)
