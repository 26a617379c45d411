"""What every experiment of the chapter must do, on small settings, at the shape of its sample and of its gpu preset."""

import importlib
import json

import pytest
import torch

from chisel.core.claims import Claim
from chisel.core.running import Experiment
from chisel.reward_as_chisel.claims import CLAIMS
from chisel.reward_as_chisel.experiments.region import atlas_maze, expected_length

CPU = torch.device("cpu")
# Settings that make an experiment take a second or two, over those of any preset. A claim is added here with its own.
_METHOD = {"updates": 3, "mazes": 4, "agents": 3, "horizon": 6}
_TWO = {"bank": 60, "members": 2, "stack": 2, "method": _METHOD}
SMALL: dict[str, dict] = {
    "region-size": {**_TWO, "mazes": 60},
    "which-influence": {**_TWO, "mazes": 120},
}
# These have tests of their own, which ask the same and more.
ELSEWHERE = {"cheese-vector", "cheese-vector-place", "few-channels"}  # test_experiments_steering.py
ELSEWHERE |= {"reward-never-met", "appetites"}  # test_experiments_rewards.py
ELSEWHERE |= {"dis-reward", "dis-reward-cause", "dis-reward-place"}  # test_experiments_disreward.py
# A gpu preset has wide and deep networks too; here its mazes keep their size and the networks lose theirs.
NARROW = {"channels": 4, "blocks": 2}

HERE = [claim for claim in CLAIMS if claim.id not in ELSEWHERE]
for_each_claim = pytest.mark.parametrize("claim", HERE, ids=lambda claim: claim.id)


def small(claim: Claim, scale: str = "sample") -> tuple[Experiment, dict]:
    """The claim's experiment and settings that take it a second or two."""
    module, attribute = claim.experiment.split(":")
    narrow = NARROW if scale == "gpu" else {}
    settings = json.loads(json.dumps({**claim.presets[scale], **SMALL[claim.id], **narrow}))
    return getattr(importlib.import_module(module), attribute), settings


def test_no_claim_is_left_out():
    assert set(SMALL) | ELSEWHERE == {claim.id for claim in CLAIMS}
    assert not set(SMALL) & ELSEWHERE


@pytest.mark.parametrize("scale", ["sample", "gpu"])
@for_each_claim
def test_an_experiment_measures_what_its_criteria_name(claim, scale):
    if scale not in claim.presets:
        pytest.skip(f"{claim.id} has no preset for scale {scale}")
    experiment, settings = small(claim, scale)
    outputs = [json.loads(json.dumps(experiment.run(job, settings, CPU))) for job in experiment.jobs(settings)]
    summary = experiment.summarise(outputs, settings)
    assert {criterion.measurement for criterion in claim.criteria} <= set(summary.measurements)
    for estimate in summary.measurements.values():
        assert estimate.low <= estimate.value <= estimate.high
    for columns in summary.tables.values():
        assert len({len(column) for column in columns.values()}) == 1


@for_each_claim
def test_a_job_gives_the_same_numbers_whatever_the_global_random_state(claim):
    experiment, settings = small(claim)
    last = experiment.jobs(settings)[-1]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        first = experiment.run(last, settings, CPU)
        torch.manual_seed(2)
        assert experiment.run(last, settings, CPU) == first


@for_each_claim
def test_at_least_ten_agents_are_published(claim):
    experiment, _ = small(claim)
    for scale in {"laptop", "gpu"} & set(claim.presets):
        settings = json.loads(json.dumps(claim.presets[scale]))
        members: dict[int, int] = {}
        for job in experiment.jobs(settings):
            members[job["seed"]] = max(members.get(job["seed"], 0), job.get("members", 1))
        assert sum(members.values()) >= 10


def test_regions_are_compared_from_the_same_start_in_the_same_mazes():
    [claim] = [claim for claim in CLAIMS if claim.id == "region-size"]
    experiment, settings = small(claim)
    one, other = (experiment.run(job, settings, CPU)["agents"] for job in experiment.jobs(settings)[:2])
    for first, second in zip(one, other, strict=True):
        for walker in ("untrained", "random"):
            assert first[walker]["cheese"] == second[walker]["cheese"]
        assert first["trained"]["cheese"] != second["trained"]["cheese"]


def test_the_atlas_shows_every_place_of_the_cheese_in_a_maze_with_a_detour():
    [claim] = [claim for claim in CLAIMS if claim.id == "region-size"]
    experiment, settings = small(claim)
    settings = {**settings, "atlas": [2]}
    outputs = [experiment.run(job, settings, CPU) for job in experiment.jobs(settings)]
    tables = experiment.summarise(outputs, settings).tables
    table, size = tables["atlas"], settings["size"]
    assert table["region"] == [2] * size**2
    assert sorted(table["cheese"]) == sorted({-1, *range(size**2)} - {size * (size - 1)})
    for row, cheese in enumerate(table["cheese"]):
        total = [
            sum(table[name][row][cell] for name in ("up", "down", "left", "right", "stay")) for cell in range(size**2)
        ]
        assert total == pytest.approx([1] * size**2, abs=0.003)
        met = table["visits"][row][cheese] if cheese >= 0 else 0
        assert met == pytest.approx(table["cheese reached"][row], abs=0.0011)
    maze = atlas_maze(size, CPU)
    passages = [
        list(cell) for cell in zip(*(tables["atlas_maze"][way] for way in ("up", "down", "left", "right")), strict=True)
    ]
    assert passages == maze.opened[0].int().tolist()
    start, corner = torch.tensor([size * (size - 1)]), torch.tensor([size - 1])
    assert expected_length(maze.next_table, start, corner) == 2 * (size - 1) + 2
