"""The experiment at the classic size, small: its arms, what it reads of a run, and runs that never get there."""

import json
from typing import Any

import pytest
import torch

from chisel.lr_mode_shift.claims_classic import CLASSIC_SIZE
from chisel.lr_mode_shift.experiments import classic
from chisel.lr_mode_shift.runs import Runs
from chisel.lr_mode_shift.settings import Setting

CPU = torch.device("cpu")
TINY = {"p": 7, "width": 8, "hidden": 12, "fraction": 0.5, "batch": 8, "switch_step": 10, "warmup": 2}


def small(scale: str) -> dict[str, Any]:
    """The settings of a scale with little to compute."""
    settings = json.loads(json.dumps(CLASSIC_SIZE.presets[scale]))
    settings["base"] |= TINY
    return settings | {"steps": 60, "before": 5, "stages": [[30, 1], [50, 10]], "members": 3, "stack": 2}


@pytest.mark.parametrize("scale", CLASSIC_SIZE.presets)
def test_it_measures_what_its_criteria_name(scale):
    settings = small(scale)
    jobs = classic.jobs(settings)
    assert [(job["seed"], job["members"]) for job in jobs] == [(0, 2), (2, 1)]
    outputs = [json.loads(json.dumps(classic.run(job, settings, CPU), allow_nan=False)) for job in jobs]
    summary = classic.summarise(outputs, settings)
    assert {criterion.measurement for criterion in CLASSIC_SIZE.criteria} <= set(summary.measurements)
    for estimate in summary.measurements.values():
        assert estimate.low <= estimate.value <= estimate.high and estimate.n == 3
    json.dumps([summary.tables], allow_nan=False)
    arms = classic.arms(settings)
    assert len(summary.tables["runs"]["arm"]) == 3 * len(arms) == len(summary.tables["curves"]["val_acc"])
    assert len(summary.tables["looks"]["step"]) == len(summary.tables["curves"]["train_acc"][0])
    # All arms of a seed are one run up to the switch, and of two seeds they are not.
    before = {
        (row["arm"], row["seed"]): (row["train_acc"][:3], row["val_acc"][:3]) for o in outputs for row in o["rows"]
    }
    assert all(curves == before["x1", seed] for (_, seed), curves in before.items())
    assert before["x1", 0] != before["x1", 1]


def test_arms_are_multipliers_and_decays():
    settings = CLASSIC_SIZE.presets["laptop"]
    arms = classic.arms(settings)
    assert list(arms)[:3] == ["x1", "x2", "x5"] and len(arms) == 11
    assert arms["x1"] == {} and arms["x10_constant"] == {"multiplier": 10.0, "decay": "constant"}
    assert len(classic.jobs(settings)) == 10


def runs_with(train: list[float], val: list[float], steps: list[int], switch: int) -> Runs:
    curves = {"train_acc": torch.tensor([train]).double(), "val_acc": torch.tensor([val]).double()}
    return Runs((Setting(switch_step=switch),), torch.tensor(steps), curves, (None,), {})


def test_what_is_read_of_a_run():
    steps = [0, 10, 20, 25, 35, 50, 110]
    train = [0.0, 0.9, 1.0, 0.3, 0.4, 0.9, 1.0]
    val = [0.0, 0.0, 0.1, 0.2, 0.1, 0.96, 0.9]
    found = classic.look(runs_with(train, val, steps, 20), 0)
    assert found["before_train"] == 1 and found["before_val"] == pytest.approx(0.1)
    assert found["drop"] == pytest.approx(0.7) and found["gap"] == pytest.approx(0.1)
    assert found["divergence"] == pytest.approx(0.3) and found["steps"] == 30
    assert found["end_train"] == 1 and found["end_val"] == pytest.approx(0.9)  # looks of the last nine steps
    assert found["outcome"] == "tandem" and found["looks"] == steps


def test_what_comes_late_is_no_fall_at_once_and_what_was_reached_before_does_not_count():
    steps = [0, 10, 35, 36, 60]
    found = classic.look(runs_with([0.0, 1.0, 0.8, 0.1, 0.1], [0.95, 0.1, 0.1, 0.1, 0.1], steps, 10), 0)
    assert found["drop"] == pytest.approx(0.2) and found["steps"] is None and found["outcome"] == "dead"


def test_a_value_is_held_until_the_next_look():
    assert classic.held(torch.tensor([1.0, 2.0, 3.0]), [0, 2, 5]).tolist() == [1, 1, 2, 2, 2, 3]


def row(arm: str, seed: int, steps: int | None, end: float = 1.0) -> dict[str, Any]:
    numbers = dict.fromkeys(("before_train", "before_val", "drop", "gap", "divergence", "end_val"), 0.5)
    rest = {"outcome": "tandem", "r": None, "frozen": None, "looks": [0], "train_acc": [0], "val_acc": [0]}
    return {"arm": arm, "seed": seed, "steps": steps, "end_train": end, **numbers, **rest}


def test_runs_that_never_get_there_count_with_their_last_step():
    settings = {
        "base": {"switch_step": 1000},
        "steps": 4000,
        "multipliers": [1, 10],
        "decays": ["coupled"],
    }
    rows = [row("x1", 0, None), row("x10", 0, 30), row("x1", 1, 1000), row("x10", 1, 1000), row("x1", 2, None)]
    found = classic.summarise([{"rows": [*rows, row("x10", 2, None, 0.1)]}], settings).measurements
    assert found["x10_sooner"].value == pytest.approx((100 * 1 * 1) ** (1 / 3)) and found["x10_sooner"].n == 3
    assert found["x1_generalised"].value == pytest.approx(1 / 3) and found["x10_generalised"].value == pytest.approx(
        2 / 3
    )
    assert found["x10_dead"].value == pytest.approx(1 / 3) and found["x1_dead"].value == 0
