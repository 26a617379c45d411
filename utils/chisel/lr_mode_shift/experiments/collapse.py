"""Experiment: raise the rate of a quadratic network on full batches, and look into its logits while it goes on.

Validation accuracy rises, is lost while the training set stays memorised, and comes back. The probes say what happens
meanwhile to the part of the logits that depends on a + b - c alone.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from chisel.core.running import Experiment, Job, Output, Settings, Summary
from chisel.core.statistics import Estimate, mean_interval, proportion_interval
from chisel.core.tables import as_columns
from chisel.lr_mode_shift.experiments.classic import CURVES, GENERALISED, rounded
from chisel.lr_mode_shift.experiments.grid import arm_measurements, arm_rows, rows_of
from chisel.lr_mode_shift.experiments.grid import jobs as grid_jobs
from chisel.lr_mode_shift.experiments.phase import SPREAD, spreads
from chisel.lr_mode_shift.experiments.reading import read_run
from chisel.lr_mode_shift.measurements import symmetrised_logits
from chisel.lr_mode_shift.runs import Runs, train_stack
from chisel.lr_mode_shift.settings import Setting, look_steps

MOMENTS = ("before", "peak", "trough", "regained")


def split_logits(logits: Tensor) -> tuple[Tensor, Tensor]:
    """Return the general part of one network's logits [p, p, p] and the rest, both without each pair's mean logit."""
    centred = logits.double() - logits.double().mean(dim=-1, keepdim=True)
    general = symmetrised_logits(centred)
    return general, centred - general


def share(logits: Tensor, trained: Tensor) -> Tensor:
    """Return the general part's share of the squared logits, for `logits: [R, p, p, p]`."""
    parts = [split_logits(one) for one in logits]
    energy = [(float(general.square().mean()), float(rest.square().mean())) for general, rest in parts]
    return torch.tensor([general / (general + rest) for general, rest in energy])


def margin(logits: Tensor, trained: Tensor) -> Tensor:
    """Return by how much the general part alone favours the right answer over the best wrong one (logits)."""
    answers = [split_logits(one)[0][0, 0] for one in logits]  # [p]: the right answer to 0 + 0 is 0
    return torch.tensor([float(row[0] - row[1:].max()) for row in answers])


def rest(logits: Tensor, trained: Tensor) -> Tensor:
    """Return the root mean square of what is left of the logits of untrained pairs without the general part."""
    return torch.tensor(
        [float(split_logits(one)[1][~seen].square().mean().sqrt()) for one, seen in zip(logits, trained, strict=True)]
    )


PROBES = {"share": share, "margin": margin, "rest": rest}


def run(job: Job, settings: Settings, device: torch.device) -> Output:
    """Train all arms for a stack of seeds, with the probes, and read each run.

    "rows": for each seed and arm what `read_run` and `read_collapse` read, with accuracies and probes at all looks.
    """
    group = settings["groups"][job["group"]]
    base = {**settings["base"], **group["setting"]}
    switch, steps = base["switch_step"], base["switch_step"] + group["after"]
    looks = look_steps(steps, switch, settings["stages"], settings["before"])
    seeds = range(job["seed"], job["seed"] + job["members"])
    members = [(seed, name) for seed in seeds for name in group["arms"]]
    made = [Setting(**{**base, **group["arms"][name], "seed": seed}) for seed, name in members]
    runs = train_stack(made, steps, looks, PROBES, device, description=job["group"])
    rows = [
        {
            "group": job["group"],
            "arm": name,
            "seed": seed,
            **read_run(runs, k),
            **read_collapse(runs, k),
            **{curve: [round(x, 3) for x in runs.curves[curve][k].tolist()] for curve in (*CURVES, *PROBES)},
        }
        for k, (seed, name) in enumerate(members)
    ]
    return {"looks": [step - switch for step in looks], "rows": rows}


def read_collapse(runs: Runs, member: int) -> dict[str, Any]:
    """Return the largest fall of validation accuracy after the switch, and the probes on its way.

    The fall leads from the "peak" to the "trough", two looks in this order. "collapse": how far. "lowest_train": the
    lowest training accuracy after the switch. "back": whether validation accuracy is at `GENERALISED` at some look
    after the trough; the first such look, or else the last of all, is "regained". `<probe>_<moment>`: the probe at the
    switch ("before") and at these looks; `val_<moment>`: validation accuracy; `after_<moment>`: steps after the switch.
    """
    switch = runs.settings[member].switch_step
    at = runs.steps.tolist().index(switch)
    train, val = (runs.curves[name][member] for name in CURVES)
    highest, where = val[at:].cummax(dim=0)
    trough = at + int((highest - val[at:]).argmax())
    peak = at + int(where[trough - at])
    back = (val[trough:] >= GENERALISED).nonzero().flatten()
    regained = trough + int(back[0]) if len(back) else len(val) - 1
    moments = dict(zip(MOMENTS, (at, peak, trough, regained), strict=True))
    return {
        "collapse": float(val[peak] - val[trough]),
        "lowest_train": float(train[at:].min()),
        "back": bool(len(back)),
        **{f"val_{moment}": float(val[k]) for moment, k in moments.items()},
        **{f"after_{moment}": int(runs.steps[k]) - switch for moment, k in moments.items()},
        **{
            f"{probe}_{moment}": float(runs.curves[probe][member, k])
            for probe in PROBES
            for moment, k in moments.items()
        },
    }


def summarise(outputs: Sequence[Output], settings: Settings) -> Summary:
    """Average over seeds what `read_collapse` reads, beside the measurements of `grid`.

    `<group>_<arm>_back` is a share of runs; `<...>_<probe>_lost` is the probe at the peak less at the trough, and
    `<...>_<probe>_won` that when regained less at the trough.
    """
    rows = rows_of(outputs)
    measurements: dict[str, Estimate] = {}
    for group, made in settings["groups"].items():
        for arm in made["arms"]:
            own, base = arm_rows(rows, group, arm), arm_rows(rows, group, "x1")
            found = arm_measurements(own, base if arm != "x1" else [], settings, group)
            numbers = ["collapse", "lowest_train"]
            numbers += [f"{what}_{moment}" for what in ("val", "after", *PROBES) for moment in MOMENTS]
            found |= {what: mean_interval([row[what] for row in own]) for what in numbers}
            for probe in PROBES:
                for name, end in (("lost", "peak"), ("won", "regained")):
                    gaps = [row[f"{probe}_{end}"] - row[f"{probe}_trough"] for row in own]
                    found[f"{probe}_{name}"] = mean_interval(gaps)
            found["back"] = proportion_interval(sum(row["back"] for row in own), len(own))
            measurements |= {f"{group}_{arm}_{what}": estimate for what, estimate in found.items()}
    columns = ("group", "arm", "seed", "steps", "outcome", "collapse", "val_peak", "val_trough", "back")
    drawn = [
        (arm, name, *spreads([row[name] for row in arm_rows(rows, group, arm)]))
        for group, made in settings["groups"].items()
        for arm in made["arms"]
        for name in (*CURVES, *PROBES)
    ]
    tables = {
        "runs": as_columns(columns, [[rounded(row[name]) for name in columns] for row in rows]),
        "curves": as_columns(("arm", "curve", *SPREAD), drawn),
        "looks": {"after": outputs[0]["looks"]},
    }
    return Summary(measurements, tables)


EXPERIMENT = Experiment(grid_jobs, run, summarise)
