"""Experiment: the rate is raised to different values at different steps, the first one among them.

Groups are named `<architecture letter>_<switch step>`. A run that has the raised rate from step 0 on is a fresh start.
"""

from collections import Counter
from collections.abc import Sequence
from statistics import fmean, median
from typing import Any

from chisel.core.running import Experiment, Output, Settings, Summary
from chisel.core.tables import as_columns
from chisel.lr_mode_shift.experiments import grid
from chisel.lr_mode_shift.experiments.classic import CURVES
from chisel.lr_mode_shift.records import OUTCOMES

CELL = ("architecture", "switch", "arm")
SPREAD = ("mean", "low", "high")


def summarise(outputs: Sequence[Output], settings: Settings) -> Summary:
    """Keep the measurements of `grid.summarise` that "measured" names, and draw the rest together by cell.

    "measured" lists pairs of a group and an arm; comparisons are kept in any case. The table "cells" has one row an
    architecture, switch step and arm: how many of its runs had each outcome, how many generalised and after how many
    steps (the median, a run that did not counting as the longest; None where that is the median), and mean falls and
    gaps. "curves" has mean, lowest and highest accuracy over seeds at "looks", steps after the switch.
    """
    found = grid.summarise(outputs, settings)
    kept = tuple(f"{group}_{arm}_" for group, arm in settings["measured"])
    named = {name for name, *_ in settings["compare"]}
    measurements = {key: value for key, value in found.measurements.items() if key.startswith(kept) or key in named}
    rows = grid.rows_of(outputs)
    cells, curves = [], []
    for group, made in settings["groups"].items():
        architecture, switch = group.rsplit("_", 1)
        for arm in made["arms"]:
            own, place = grid.arm_rows(rows, group, arm), (architecture, int(switch), arm)
            cells.append((*place, *cell(own)))
            curves.append((*place, *(spread for name in CURVES for spread in spreads([row[name] for row in own]))))
    numbers = ("runs", *OUTCOMES, "generalised", "steps", "fall", "rise_gap")
    tables = {
        "cells": as_columns((*CELL, *numbers), cells),
        "curves": as_columns((*CELL, *(f"{name}_{end}" for name in CURVES for end in SPREAD)), curves),
        "looks": found.tables["looks"],
    }
    return Summary(measurements, tables)


def cell(rows: Sequence[grid.Row]) -> list[Any]:
    """Return what the runs of one cell have come to."""
    counts = Counter(row["outcome"] for row in rows)
    taken = median(float("inf") if row["steps"] is None else row["steps"] for row in rows)
    return [
        len(rows),
        *(counts[outcome] for outcome in OUTCOMES),
        sum(row["steps"] is not None for row in rows),
        None if taken == float("inf") else taken,
        *(round(fmean(row[what] for row in rows), 3) for what in ("fall", "rise_gap")),
    ]


def spreads(curves: Sequence[Sequence[float]]) -> list[list[float]]:
    """Return the mean, the lowest and the highest of several curves at each look."""
    points = list(zip(*curves, strict=True))
    return [[round(end(point), 2) for point in points] for end in (fmean, min, max)]


EXPERIMENT = Experiment(grid.jobs, grid.run, summarise)
