"""The experiments on a raised rate, small, at every preset's shape; and how one run's curves are read."""

import importlib
import json
import math

import pytest
import torch
from torch import Tensor

from chisel.core.claims import Claim
from chisel.core.running import Experiment
from chisel.lr_mode_shift.claims import CLAIMS
from chisel.lr_mode_shift.claims_causes import VAL_COLLAPSE
from chisel.lr_mode_shift.claims_classic import CLASSIC_SIZE
from chisel.lr_mode_shift.experiments import collapse, grid, phase
from chisel.lr_mode_shift.experiments.reading import CORRELATIONS, NUMBERS, correlation, read_run
from chisel.lr_mode_shift.runs import Runs
from chisel.lr_mode_shift.settings import Setting

CPU = torch.device("cpu")
SHIFTS = tuple(claim for claim in CLAIMS if claim is not CLASSIC_SIZE)
for_each_claim = pytest.mark.parametrize("claim", SHIFTS, ids=lambda claim: claim.id)
TINY = {"p": 7, "width": 8, "hidden": 12, "heads": 2, "batch": 10}


def small(claim: Claim, scale: str) -> tuple[Experiment, dict]:
    """The claim's experiment, and its settings at a scale with little to compute."""
    module, attribute = claim.experiment.split(":")
    settings = json.loads(json.dumps(claim.presets[scale]))
    settings |= {"members": 2, "stack": 2, "before": 10, "stages": [[8, 1], [30, 5]], "drawn": [[30, 10]]}
    settings["base"] |= TINY
    for group in settings["groups"].values():
        setting = group["setting"]
        setting |= {"switch_step": min(6, setting["switch_step"]), "batch": setting.get("batch", 10) and 10}
        group["after"] = 30
        group.pop("members", None)
    return getattr(importlib.import_module(module), attribute), settings


def outputs_of(experiment: Experiment, settings: dict) -> list[dict]:
    return [json.loads(json.dumps(experiment.run(job, settings, CPU))) for job in experiment.jobs(settings)]


@for_each_claim
@pytest.mark.parametrize("scale", ["laptop", "sample", "gpu"])
def test_an_experiment_measures_what_its_criteria_name(claim, scale):
    experiment, settings = small(claim, scale)
    summary = experiment.summarise(outputs_of(experiment, settings), settings)
    assert {criterion.measurement for criterion in claim.criteria} <= set(summary.measurements)
    for estimate in summary.measurements.values():
        assert estimate.low <= estimate.value <= estimate.high
    for columns in summary.tables.values():
        assert len({len(column) for column in columns.values()}) == 1
    json.dumps(summary.tables, allow_nan=False)


@for_each_claim
def test_a_job_gives_the_same_numbers_whatever_the_global_random_state(claim):
    experiment, settings = small(claim, "sample")
    last = experiment.jobs(settings)[-1]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        first = experiment.run(last, settings, CPU)
        torch.manual_seed(2)
        assert experiment.run(last, settings, CPU) == first


@for_each_claim
def test_published_seeds_are_enough_and_were_not_looked_at(claim):
    module, attribute = claim.experiment.split(":")
    experiment: Experiment = getattr(importlib.import_module(module), attribute)
    measured = {criterion.measurement.split("_x")[0] for criterion in claim.criteria}
    for scale in claim.presets:
        jobs = experiment.jobs(claim.presets[scale])
        for group in {job["group"] for job in jobs}:
            own = [job for job in jobs if job["group"] == group]
            seeds = [job["seed"] + member for job in own for member in range(job["members"])]
            assert len(seeds) == len(set(seeds)) and set(seeds) <= set(range(10, 100))
            assert len(seeds) >= 10 or scale == "sample" or group not in measured


@pytest.mark.parametrize("claim", [SHIFTS[1], VAL_COLLAPSE], ids=lambda claim: claim.id)
def test_stacks_change_no_number_but_by_rounding(claim):
    experiment, settings = small(claim, "sample")
    together, alone = (
        experiment.summarise(outputs_of(experiment, {**settings, "stack": stack}), settings) for stack in (2, 1)
    )
    for name, estimate in together.measurements.items():
        if not any(name.endswith(what) for what in CORRELATIONS):  # of curves that hardly move: rounding decides
            assert estimate.value == pytest.approx(alone.measurements[name].value, abs=0.08), name


def planted(train: list[float], val: list[float], switch: int, looks: list[int] | None = None, **probes) -> Runs:
    """One run with these accuracies."""
    steps = torch.tensor(looks or list(range(len(train))))
    curves = {"train_acc": train, "val_acc": val, "train_loss": [0.5] * len(train), "val_loss": [1.0] * len(train)}
    tensors = {name: torch.tensor([values], dtype=torch.float64) for name, values in (curves | probes).items()}
    return Runs((Setting(switch_step=switch),), steps, tensors, (None,), {})


def test_a_run_is_read_from_its_lowest_point_soon_after_the_switch():
    train = [0.5, 1.0, 0.6, 0.4, 0.7, 0.8, 1.0, 1.0, 1.0, 1.0, 1.0, 0.2]
    val = [0.0, 0.3, 0.2, 0.1, 0.2, 0.5, 0.96, 1.0, 1.0, 1.0, 1.0, 0.2]
    row = read_run(planted(train, val, 1), 0)
    assert row["fall"] == pytest.approx(0.8)  # all of so short a run is within 25 steps
    late = read_run(planted([*train[:-1], *[1.0] * 30, 0.2], [*val[:-1], *[1.0] * 30, 0.2], 1), 0)
    assert late["fall"] == pytest.approx(0.6) and late["drop"] == pytest.approx(0.8)  # a crash long after is no fall
    assert late["above"] == pytest.approx(0.3) and late["val_fall"] == pytest.approx(0.2)
    assert late["lead"] == pytest.approx(0.5) and late["again"] == pytest.approx(0.2)
    assert late["rise_gap"] == pytest.approx((0.3 + 0.5 + 0.3 + 0.04) / 4)  # until validation has arrived
    assert (late["steps"], late["total"]) == (5, 6)
    assert late["before_train"] == 1 and late["before_val"] == 0.3 and not late["dead"]
    assert {*NUMBERS, *CORRELATIONS} <= set(late)


def test_what_is_not_looked_at_stays_what_it_was():
    row = read_run(planted([1.0, 0.4, 1.0], [0.2, 0.2, 0.96], 0, looks=[0, 10, 40]), 0)
    assert row["steps"] == 40 and row["fall"] == pytest.approx(0.6)
    assert row["rise_gap"] == pytest.approx((30 * 0.2 + 0.04) / 31)


def test_a_run_that_never_generalises_has_no_number_of_steps_and_a_dead_one_is_named():
    row = read_run(planted([1.0] + [0.03] * 30, [0.2] + [0.03] * 30, 0), 0)
    assert row["steps"] is None and row["total"] is None and row["dead"] and row["outcome"] == "dead"
    assert row["r"] is None and row["loss_r"] is None


def test_a_correlation_of_a_constant_is_none():
    x = torch.tensor([1.0, 2.0, 3.0])
    assert correlation(x, 2 * x) == pytest.approx(1) and correlation(x, -x) == pytest.approx(-1)
    assert correlation(x, torch.ones(3)) is None and correlation(torch.ones(3), x) is None
    assert correlation(torch.zeros(0), torch.zeros(0)) is None


def test_a_run_that_never_generalises_counts_with_its_last_step():
    base, other = [{"steps": 800}, {"steps": None}], [{"steps": 100}, {"steps": 250}]
    assert grid.sooner(base, other, "steps", 1000).value == pytest.approx(math.sqrt(8 * 4))
    assert grid.sooner(other, base, "steps", 1000).value == pytest.approx(1 / math.sqrt(8 * 4))


def test_a_mean_of_too_few_correlations_is_all_of_their_range():
    unknown = grid.mean_or_unknown([0.9], 1.0)
    assert (unknown.low, unknown.high, unknown.n) == (-1, 1, 1)
    assert grid.mean_or_unknown([0.9, 0.7], 1.0).value == pytest.approx(0.8)
    with pytest.raises(ValueError, match="at least 2 seeds"):
        grid.mean_or_unknown([0.9], None)


def test_a_cell_counts_outcomes_and_takes_the_median_with_runs_that_never_did():
    def row(outcome: str, steps: int | None) -> dict:
        return {"outcome": outcome, "steps": steps, "fall": 0.5, "rise_gap": 0.1}

    mixed = phase.cell([row("tandem", 40), row("tandem", 90), row("dead", None)])
    assert mixed == [3, 1, 0, 0, 2, 0, 2, 90, 0.5, 0.1]
    assert phase.cell([row("dead", None), row("dead", None), row("tandem", 40)])[7] is None
    assert phase.spreads([[0.0, 1.0], [1.0, 1.0]]) == [[0.5, 1.0], [0.0, 1.0], [1.0, 1.0]]


def logits_of(p: int, general: float, special: float, generator: torch.Generator) -> Tensor:
    """Logits with a part that is right about every sum, and noise that differs from pair to pair."""
    numbers = torch.arange(p)
    right = (numbers[:, None, None] + numbers[:, None] - numbers) % p == 0
    return general * right + special * torch.randn(p, p, p, generator=generator) + torch.randn(p, p, 1)


def test_probes_tell_the_general_part_from_the_rest():
    draw = torch.Generator().manual_seed(0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        logits = torch.stack([logits_of(11, 5.0, 0.0, draw), logits_of(11, 5.0, 2.0, draw)])
    trained = torch.zeros(2, 11, 11, dtype=torch.bool)
    trained[:, :5] = True
    whole, part = collapse.share(logits, trained).tolist()
    assert whole == pytest.approx(1) and 0.2 < part < 0.5
    assert collapse.margin(logits, trained).tolist() == pytest.approx([5, 5], abs=0.6)
    assert collapse.rest(logits, trained).tolist() == pytest.approx([0, 2], abs=0.2)
    louder = logits.clone()
    louder[:, :5] += 9 * torch.eye(11)[None, None, 3] * trained[:, :5, :, None]
    assert collapse.rest(louder, trained)[0] < 9 / 2  # what is said of trained pairs alone hardly counts


def test_a_collapse_is_the_largest_fall_and_its_recovery_comes_after():
    val = [0.9, 0.1, 0.3, 0.8, 0.5, 0.2, 0.6, 0.97, 1.0]
    share = [k / 10 for k in range(9)]
    runs = planted([1.0] * 9, val, 1, share=share, margin=share, rest=share)
    row = collapse.read_collapse(runs, 0)
    assert row["collapse"] == pytest.approx(0.6) and row["lowest_train"] == 1 and row["back"]
    moments = [row[f"after_{moment}"] for moment in collapse.MOMENTS]
    assert moments == [0, 2, 4, 6]
    assert row["share_peak"] == pytest.approx(0.3) and row["share_regained"] == pytest.approx(0.7)
    lost = collapse.read_collapse(planted([1.0] * 6, val[:6], 1, share=share[:6], margin=share[:6], rest=share[:6]), 0)
    assert not lost["back"] and lost["val_regained"] == 0.2
