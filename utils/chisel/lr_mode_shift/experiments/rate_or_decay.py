"""Experiment: raise the rate of the gradient, that of the weight decay, both or neither, in the same seeds."""

import math
from collections.abc import Sequence

import torch

from chisel.core.running import Experiment, Output, Settings, Summary
from chisel.core.tables import as_columns
from chisel.lr_mode_shift.attribution import attribute
from chisel.lr_mode_shift.experiments import grid
from chisel.lr_mode_shift.records import TwoByTwo

ARMS = (("x1", "decay"), ("rate", "both"))  # base or raised rate; in each, base or raised decay


def summarise(outputs: Sequence[Output], settings: Settings) -> Summary:
    """Add to what `grid.summarise` says, for each group, what `attribute` makes of its four arms.

    `<group>_rate_effect`, `<group>_decay_effect`, `<group>_interaction`: in halvings of the number of steps to
    generalise. `<group>_both_over_rate`, `<group>_both_over_decay`: how many times sooner a run generalises with both
    raised than with one. The table "attribution" holds mean gains and censored runs.
    """
    found = grid.summarise(outputs, settings)
    measurements, cells = dict(found.measurements), []
    rows = grid.rows_of(outputs)
    for group, made in settings["groups"].items():
        own = {arm: grid.arm_rows(rows, group, arm) for pair in ARMS for arm in pair}
        steps = [
            [[math.inf if row["steps"] is None else row["steps"] for row in own[arm]] for arm in pair] for pair in ARMS
        ]
        split = attribute(TwoByTwo(torch.tensor(steps, dtype=torch.float64), made["after"]))
        for name in ("rate", "decay"):
            measurements[f"{group}_{name}_effect"] = getattr(split, name)
            measurements[f"{group}_both_over_{name}"] = grid.sooner(own[name], own["both"], "steps", made["after"])
        measurements[f"{group}_interaction"] = split.interaction
        cells += [
            (group, arm, round(float(split.table[i, j]), 3), int(split.censored[i, j]), len(own[arm]))
            for i, pair in enumerate(ARMS)
            for j, arm in enumerate(pair)
        ]
    columns = ("group", "arm", "gain", "censored", "runs")
    return Summary(measurements, {**found.tables, "attribution": as_columns(columns, cells)})


EXPERIMENT = Experiment(grid.jobs, grid.run, summarise)
