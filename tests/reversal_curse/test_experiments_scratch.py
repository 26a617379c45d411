"""The experiments on decoders from scratch, small, at every preset's shape; what they look at; and their figures."""

import importlib
import json
import time
from typing import Any

import pytest
import torch

from chisel.core.claims import Claim
from chisel.core.results import load_result
from chisel.core.running import Experiment
from chisel.core.seeding import generator
from chisel.reversal_curse.claims_scale import NO_LIFT_WITH_SCALE
from chisel.reversal_curse.claims_scratch import REVERSAL_CURSE, TYING_AND_IDENTITY
from chisel.reversal_curse.experiments import scratch
from chisel.reversal_curse.presets import BASE
from chisel.reversal_curse.statements import BACKWARD, FORWARD, Fact, sequences
from chisel.reversal_curse.training import batches
from chisel.reversal_curse.world import make_facts

CPU = torch.device("cpu")
CLAIMS = (REVERSAL_CURSE, TYING_AND_IDENTITY, NO_LIFT_WITH_SCALE)
for_each_claim = pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)


def small(claim: Claim, scale: str) -> tuple[Experiment, dict]:
    """The claim's experiment, and its settings at a scale with little to compute."""
    module, attribute = claim.experiment.split(":")
    settings = json.loads(json.dumps(claim.presets[scale]))
    settings |= {"members": 2, "stack": min(2, settings["stack"])}
    settings["base"] |= {"pairs": 40, "method": {**settings["base"]["method"], "steps": 2}}
    for variant in (settings["base"], *settings["variants"].values()):
        if variant.get("pairs", 0) > 40:
            variant["pairs"] = 44
        if variant.get("looks"):
            variant["looks"] = [0, 1]
        method = variant.get("method", {})
        if method.get("steps"):
            method["steps"] = 2
        if method.get("batch"):
            method["batch"] = 64
        if variant.get("shape", {}).get("width", 0) > 128:
            variant["shape"] = {"layers": 3, "width": 32}
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
def test_published_seeds_are_enough_and_apart(claim):
    for scale in ("laptop", "gpu"):
        settings = claim.presets[scale]
        for name in settings["variants"]:
            jobs = [job for job in scratch.jobs(settings) if job["variant"] == name]
            seeds = [job["seed"] + member for job in jobs for member in range(job["members"])]
            assert len(seeds) == len(set(seeds)) >= 10


def test_a_seed_has_one_world_and_one_first_network_whatever_stack_it_is_in():
    experiment, settings = small(TYING_AND_IDENTITY, "sample")
    settings["variants"] = {"base": {}, "tied": {"shape": {"tied": True}}}
    both = outputs_of(experiment, settings)
    alone = outputs_of(experiment, {**settings, "stack": 1})
    for name in settings["variants"]:
        seen = [scratch.looks_at(outputs, name)[-1][1] for outputs in (both, alone)]
        for together, single in zip(*seen, strict=True):
            assert together == pytest.approx(single, abs=1e-4)
    base, tied = (scratch.complete(settings, name) for name in settings["variants"])
    assert torch.equal(scratch.draw_world(base, 3)[1], scratch.draw_world(tied, 3)[1])


def test_worlds_differ_in_what_is_said_to_differ():
    facts, ids = scratch.draw_world(BASE, 0)
    trained = {tuple(row) for row in ids.tolist()}
    held = {tuple(row) for rows in scratch.held_out(facts).values() for row in sequences(rows).tolist()}
    assert not trained & held
    assert held <= {tuple(row) for row in scratch.draw_world({**BASE, "taught": True}, 0)[1].tolist()}
    without = scratch.draw_world({**BASE, "exposure": False}, 0)[1]
    assert len(without) == len(ids) - 2 * BASE["pairs"]
    identical = scratch.draw_world({**BASE, "augment": "identical"}, 0)[1]
    assert len(identical) == len(ids) + 2 * BASE["pairs"]


def test_turning_a_statement_twice_gives_it_back_and_both_ways_pairs_are_found():
    facts = make_facts(20, 0.5, 3)
    every = [*facts.train, *facts.held_forward]
    assert scratch.turned(scratch.turned(every)) == every
    assert scratch.turned([Fact((7,), FORWARD, (9,))]) == [Fact((9,), BACKWARD, (7,))]
    both = scratch.stated_both_ways(facts)
    assert len(both) == 10 and set(both) | set(scratch.turned(both)) <= set(facts.train)


class Knows(torch.nn.Module):
    """A model that answers every statement it is given, and has no idea otherwise."""

    def __init__(self, statements, vocabulary):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.answers = {(fact.subject[0], fact.relation): fact.object[0] for fact in statements}
        self.vocabulary = vocabulary

    def forward(self, ids):
        logits = torch.zeros(*ids.shape, self.vocabulary)
        for row, position in [(r, p) for r in range(len(ids)) for p in range(1, ids.shape[1])]:
            answer = self.answers.get((int(ids[row, position - 1]), int(ids[row, position])))
            if answer is not None:
                logits[row, position, answer] = 9.0
        return logits


def test_a_look_tells_knowing_from_not_knowing_in_each_direction():
    facts = make_facts(20, 0.5, 0)
    cursed = scratch.look(Knows([*facts.train, *facts.exposure], facts.vocabulary), facts, 64)
    assert cursed["learned_top1"] == cursed["both_top1"] == cursed["named_top1"] == 1
    assert cursed["learned_difference"] == pytest.approx(9) and cursed["reverse_top1"] == 0
    assert cursed["reverse_difference"] == pytest.approx(0, abs=1e-5) and cursed["spread"] < 1e-5
    half = scratch.look(Knows([*facts.train, *facts.held_backward], facts.vocabulary), facts, 64)
    assert half["difference_b_to_a"] == pytest.approx(9) and abs(half["difference_a_to_b"]) < 1e-5
    assert half["reverse_top1"] == half["noticed"] == 0.5
    assert half["reverse_difference"] == pytest.approx(4.5)
    assert half["named_top1"] == 0


def test_no_more_than_the_given_number_of_statements_is_looked_at():
    facts = make_facts(40, 0.5, 0)
    asked = []

    class Spy(Knows):
        def forward(self, ids):
            asked.append(len(ids))
            return super().forward(ids)

    scratch.look(Spy(facts.train, facts.vocabulary), facts, 3)
    assert max(asked) == 9


def test_a_batch_holds_each_sequence_once_until_all_were_seen():
    def epoch(drawn: Any) -> torch.Tensor:
        return torch.cat([next(drawn) for _ in range(3)])

    drawn = batches(10, 4)
    first, second = epoch(drawn), epoch(drawn)
    assert first.sort().values.tolist() == second.sort().values.tolist() == list(range(10))
    assert not torch.equal(first, second)
    assert torch.equal(first, epoch(batches(10, 4)))
    assert next(batches(10, 0)) == next(batches(10, 10)) == slice(None)


def test_the_highest_look_is_the_one_with_the_largest_mean():
    experiment, settings = small(NO_LIFT_WITH_SCALE, "sample")
    outputs = outputs_of(experiment, settings)
    for output in outputs:
        for index, rows in enumerate(output["seen"]):
            for row in rows:
                row["reverse_difference"] = [0.5, 2.0, 1.0][index] + 0.1 * rows.index(row)
    measurements = experiment.summarise(outputs, settings).measurements
    assert measurements["long_highest_difference"].value == pytest.approx(2.05)
    assert measurements["long_reverse_difference"].value == pytest.approx(1.05)
    assert "facts_60_highest_difference" not in measurements


@for_each_claim
def test_figures_draw_every_set_up_of_the_stored_result(claim):
    pytest.importorskip("plotly", reason="install plotly (make test does) to draw figures")
    name = claim.experiment.split(":")[0].rsplit(".", 1)[1]
    module = importlib.import_module(f"chisel.reversal_curse.figures.{name}")
    figure = module.figure(load_result(claim))
    assert figure.layout.xaxis.title.text and figure.layout.yaxis.title.text
    dots, means = figure.data[0], figure.data[1]
    assert len(set(means.y)) == len(means.y) == len(claim.presets["laptop"]["variants"])
    settings = claim.presets["laptop"]
    seeds = sum(variant.get("members", settings["members"]) for variant in settings["variants"].values())
    assert len(dots.x) == seeds and all(low < high for low, high in means.customdata)
    known = set(module.SET_UPS.values())
    assert set(means.y) <= known, "every set-up has words of its own"


def test_the_training_figure_shows_each_look():
    pytest.importorskip("plotly", reason="install plotly (make test does) to draw figures")
    from chisel.reversal_curse.figures import scale

    figure: Any = scale.training_figure(load_result(NO_LIFT_WITH_SCALE))
    lines = [trace for trace in figure.data if trace.meta != "band"]
    assert len(lines) == 4 and {len(line.x) for line in lines} == {len(figure.layout.xaxis.tickvals)}


def test_matrices_are_drawn_without_the_means_of_rows_and_columns():
    pytest.importorskip("plotly", reason="install plotly (make test does) to draw figures")
    from chisel.reversal_curse.figures import matrices

    scores = torch.randn(5, 5, generator=generator(0, "matrix")) + 3 * torch.arange(5)
    left = torch.tensor(matrices.centred(scores.tolist()))
    assert left.mean(0).abs().max() < 1e-3 and left.mean(1).abs().max() < 1e-3
    shifted = scores + torch.randn(5, 1, generator=generator(1, "matrix"))
    assert torch.allclose(torch.tensor(matrices.centred(shifted.tolist())), left, atol=2e-3)
    figure: Any = matrices.figure(load_result(TYING_AND_IDENTITY))
    assert [step.label for step in figure.layout.sliders[0].steps] == ["tied", "identity data", "tied + identity"]
    assert sum(trace.type == "heatmap" for trace in figure.data) == 6


@pytest.mark.slow
def test_a_seed_of_the_base_configuration_takes_at_most_three_cpu_seconds():
    settings = {**REVERSAL_CURSE.presets["laptop"], "members": 5, "variants": {"base": {}}, "groups": {}}
    [job] = scratch.jobs(settings)
    start = time.process_time()
    scratch.run(job, settings, CPU)
    assert (time.process_time() - start) / 5 <= 3
