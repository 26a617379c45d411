"""The experiments behind `claims_steering`, small, at the sample's and the gpu preset's shapes; and their figures."""

import importlib
import json
from typing import Any

import pytest
import torch

from chisel.core.claims import Claim
from chisel.core.results import load_result
from chisel.core.running import Experiment
from chisel.reward_as_chisel.claims_steering import CHEESE_VECTOR, CHEESE_VECTOR_PLACE, FEW_CHANNELS
from chisel.reward_as_chisel.experiments import channels, vectors
from chisel.reward_as_chisel.retargeting import Edit

CPU = torch.device("cpu")
CLAIMS = (CHEESE_VECTOR, CHEESE_VECTOR_PLACE, FEW_CHANNELS)
for_each_claim = pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
FEW = {"bank": 20, "vector_mazes": 3, "mazes_per_cell": 1, "pool": 60, "steps": 12, "stacks": 1, "members": 2}
ONE_UPDATE = {"updates": 1, "mazes": 2, "agents": 2, "horizon": 4}


def small(claim: Claim, scale: str) -> tuple[Experiment, dict]:
    """The claim's experiment and its settings at a scale, with little to compute and all its shapes."""
    module, attribute = claim.experiment.split(":")
    preset: Any = claim.presets[scale]
    settings: dict = {**preset, **FEW, "method": {**preset["method"], **ONE_UPDATE}}
    if settings["size"] > 5:
        settings["region"] = 8  # of 9: leaves 16 cells to send an agent to
    if claim is FEW_CHANNELS:
        settings |= {
            "layers": settings["layers"][:1],
            "magnitudes": (2.0,),
            "channels_edited": (2, settings["channels"]),
        }
    else:
        settings |= {"coefficients": (-1.0, 0.0, 1.0)}
    return getattr(importlib.import_module(module), attribute), json.loads(json.dumps(settings))


@for_each_claim
@pytest.mark.parametrize("scale", ["sample", "gpu"])
def test_an_experiment_measures_what_its_criteria_name(claim, scale):
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
    experiment, settings = small(claim, "sample")
    last = experiment.jobs(settings)[-1]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        first = experiment.run(last, settings, CPU)
        torch.manual_seed(2)
        assert experiment.run(last, settings, CPU) == first


@for_each_claim
def test_published_agents_are_enough_and_seeded_apart(claim):
    settings = claim.presets["laptop"]
    jobs = importlib.import_module(claim.experiment.split(":")[0]).jobs(settings)
    assert len({job["seed"] for job in jobs}) == len(jobs)
    reported = [job["members"] for job in jobs if job.get("half") != "choose"]
    assert sum(reported) >= 10


def test_a_criterion_on_the_first_block_reads_the_first_layer():
    settings = {**CHEESE_VECTOR.presets["sample"], "layers": ("blocks.0", "blocks.2")}
    cells = 15
    outputs = [{"agents": [made_up_agent(settings, cells, shift) for shift in (0.0, 0.1)]}]
    found = vectors.summarise(outputs, settings).measurements
    assert found["subtract_block1"].value == pytest.approx(0.15)
    assert found["wrong_minus_subtract_block1"].value == pytest.approx(0.6 - 0.1)
    assert found["add_minus_none_block1"].value == pytest.approx(0.7 - 0.05)
    assert found["subtract_last_minus_first"].value == pytest.approx(0.4 - 0.1)
    assert found["add_first_minus_last"].value == pytest.approx(0.7 - 0.2)
    assert found["shared_first_minus_last"].value == pytest.approx(0.9 - 0.3)


def made_up_agent(settings: dict, cells: int, shift: float) -> dict:
    """An agent's output with a known P in each arm; `shift` is added to all of them, and so to no difference."""
    p = {vectors.arm("shown", "", "", 0): 0.8, vectors.arm("none", "", "", 0): 0.05}
    for layer, subtract, add in (("blocks.0", 0.1, 0.7), ("blocks.2", 0.4, 0.2)):
        p |= {vectors.arm("shown", layer, "vector", -1): subtract, vectors.arm("none", layer, "vector", 1): add}
        p |= {vectors.arm("none", layer, "vector", -1): 0.0, vectors.arm("shown", layer, "vector", 1): 0.9}
        for kind in vectors.CONTROLS:
            p |= {vectors.arm("shown", layer, kind, -1): 0.6, vectors.arm("none", layer, kind, 1): 0.1}
    shared = {"blocks.0": [0.9] * cells, "blocks.2": [0.3] * cells}
    rows = {name: [value + shift] * cells for name, value in p.items()}
    return {"p": rows, "shared": shared, "cosine_wrong": shared, "cells": list(range(cells))}


def test_the_best_edit_is_chosen_on_one_half_and_reported_on_the_other():
    settings = {**FEW_CHANNELS.presets["sample"], "layers": ("blocks.0",), "magnitudes": (1.0,)}
    tried = channels.edits(settings)
    few = tried.index(Edit("blocks.0", "add", "painted", 1.0, 4))
    tempting = tried.index(Edit("blocks.0", "set", "cell", 1.0, 4))

    def agent(high: int, shift: float) -> dict:
        p = {name: [0.1 + shift] * len(tried) for name in channels.ASKED}
        p["edit"][high] = 0.6 + shift
        plain = {"none": 0.1, "shown": 0.8, "only_elsewhere": 0.1, "vector": [0.7], "top_share": [0.4]}
        return {"p": p, **plain}

    outputs = [
        {"half": "choose", "agents": [agent(few, 0.0), agent(few, 0.1)]},
        {"half": "report", "agents": [agent(tempting, 0.0), agent(tempting, 0.1)]},
    ]
    summary = channels.summarise(outputs, settings)
    assert summary.tables["chosen"]["mode"][0] == "add" and summary.tables["chosen"]["channels"] == [4, 32]
    assert summary.measurements["few_gain"].value == pytest.approx(0.05)  # not the .55 of the best one afterwards
    assert summary.measurements["few_minus_wrong_cell"].value == pytest.approx(0)


def test_best_looks_only_at_edits_of_so_many_channels():
    tried = [Edit("blocks.0", "add", "cell", 1.0, count) for count in (1, 4, 32)]
    score = torch.tensor([0.2, 0.3, 0.9])
    assert [channels.best(tried, score, wanted) for wanted in ((1,), (1, 4), (32,))] == [0, 1, 2]


def test_stored_results_draw_every_figure():
    pytest.importorskip("plotly")
    from chisel.reward_as_chisel.figures import channels as channel_figures
    from chisel.reward_as_chisel.figures import vectors as vector_figures

    field, place, few = (load_result(claim) for claim in CLAIMS)
    drawn: list[Any] = [
        *(draw(result) for draw in (vector_figures.figure, vector_figures.add_figure) for result in (field, place)),
        vector_figures.sweep_figure(field),
        vector_figures.cells_figure(field),
        channel_figures.figure(few),
        channel_figures.edits_figure(few),
    ]
    for figure in drawn:
        assert figure.layout.xaxis.title.text and figure.layout.yaxis.title.text
        assert all(len(trace.x if trace.x is not None else trace.z) > 0 for trace in figure.data)
        json.loads(figure.to_json(engine="json"))


def test_every_spread_is_drawn():
    pytest.importorskip("plotly")
    from chisel.reward_as_chisel.figures import channels as channel_figures
    from chisel.reward_as_chisel.figures import vectors as vector_figures

    vectors: Any = vector_figures.figure(load_result(CHEESE_VECTOR))
    assert all(max(trace.error_y.array) > 0 for trace in vectors.data)
    channels: Any = channel_figures.figure(load_result(FEW_CHANNELS))
    bands = [trace for trace in channels.data if trace.meta == "band"]
    assert len(bands) == 4
