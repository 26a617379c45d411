"""The experiments on causes, off-switches and contexts, small, at every preset's shape; what they look at; figures."""

import importlib
import json

import pytest
import torch

from chisel.core.claims import Claim
from chisel.core.results import load_result
from chisel.core.running import Experiment
from chisel.core.seeding import generator
from chisel.reversal_curse.claims_causes import OFF_SWITCHES, ONE_STEP_TRANSFER, TRANSPOSE
from chisel.reversal_curse.claims_context import IN_CONTEXT
from chisel.reversal_curse.experiments import in_context, off_switches, transfer
from chisel.reversal_curse.in_context import Reading, draw_contexts
from chisel.reversal_curse.recall import Recall
from chisel.reversal_curse.statements import BACKWARD, FORWARD, MASK, Fact, sequences
from chisel.reversal_curse.training import masked_loss
from chisel.reversal_curse.world import make_facts

CPU = torch.device("cpu")
FIGURES = "chisel.reversal_curse.figures"
CLAIMS = (ONE_STEP_TRANSFER, TRANSPOSE, OFF_SWITCHES, IN_CONTEXT)
for_each_claim = pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
# What makes an experiment small, over the settings of any preset.
FEW = {"members": 2, "stack": 2}
SMALL = {
    "one-step-transfer": {**FEW, "pairs": 16, "left_out": 4, "bilinear": {"steps": 2}},
    "transpose": {**FEW, "pairs": 12, "width": 8},
    "off-switches": {**FEW, "pairs": 12},
    "in-context": {**FEW, "pairs": 12, "pool": 24, "questions": 40, "looks": [0]},
}


def small(claim: Claim, scale: str) -> tuple[Experiment, dict]:
    """The claim's experiment, and its settings at a scale with little to compute."""
    module, attribute = claim.experiment.split(":")
    settings = json.loads(json.dumps({**claim.presets[scale], **SMALL[claim.id]}))
    settings["method"] |= {"steps": 2}
    if settings.get("shape", {}).get("width"):
        settings["shape"] |= {"width": 16}
    if "reading" in settings:
        settings["reading"] |= {"batch": 4}
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
    module, attribute = claim.experiment.split(":")
    experiment: Experiment = getattr(importlib.import_module(module), attribute)
    for scale in ("laptop", "gpu"):
        jobs = experiment.jobs(claim.presets[scale])
        for arm in {job["arm"] for job in jobs}:
            own = [job for job in jobs if job["arm"] == arm]
            seeds = [job["seed"] + member for job in own for member in range(job["members"])]
            assert len(seeds) == len(set(seeds)) >= 10
        assert claim.presets[scale]["first_seed"] + len(jobs) * 10 <= 1000 and claim.presets[scale]["first_seed"] == 0


@for_each_claim
def test_stacks_change_no_number_but_by_rounding(claim):
    experiment, settings = small(claim, "sample")
    together, alone = (
        experiment.summarise(outputs_of(experiment, {**settings, "stack": stack}), settings) for stack in (2, 1)
    )
    for name, estimate in together.measurements.items():
        assert estimate.value == pytest.approx(alone.measurements[name].value, abs=2e-3), name


def test_pairs_that_are_left_out_are_stated_nowhere_and_still_exposed():
    facts = make_facts(40, 0.4, 1)
    kept, left = transfer.leave_out(facts, 9)
    assert len(left) == len(set(left)) == 9 and all(fact.relation == FORWARD for fact in left)
    gone = {*left, *transfer.turned_back(left)}
    assert not gone & {*kept.train, *kept.held_forward, *kept.held_backward}
    assert len(kept.train) == len(facts.train) - 9 and kept.exposure == facts.exposure
    assert gone <= {*facts.train, *facts.held_forward, *facts.held_backward}
    assert len(facts.held_backward) - len(kept.held_backward) == 5
    with pytest.raises(ValueError, match="cannot be left out of 24"):
        transfer.leave_out(facts, 30)


class Transposing(torch.nn.Module):
    """Scores in both directions are one matrix, so that a step on a statement is a step on its inverse."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.linked = torch.nn.Parameter(torch.zeros(count, count))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        count = len(self.linked)
        logits = self.linked.new_full((*ids.shape, 2 * count), -30.0)
        backward = ids[:, 1] == BACKWARD
        row = ids[:, 0] - torch.where(backward, count, 0)
        first = torch.where(backward[:, None], self.linked.T[row], logits[:, -1, :count])
        second = torch.where(backward[:, None], logits[:, -1, count:], self.linked[row])
        return torch.cat([first, second], 1)[:, None].expand(*ids.shape, 2 * count)


def test_steps_are_as_long_as_their_gain_takes_and_a_planted_transfer_is_seen():
    pairs = [Fact((i,), FORWARD, (i + 5,)) for i in range(5)]
    recall = Recall(Transposing(5), pairs, transfer.turned_back(pairs))
    for gain in (0.01, 0.05):
        for forward, raw, contrasted in transfer.transfers(recall, gain):
            assert forward == pytest.approx(gain, rel=0.05)
            # The right one of 5 equal names gains 4/5 of what its logit does, and each other name loses 1/5 of it.
            assert raw == pytest.approx(0.8 * gain, rel=0.05) and contrasted == pytest.approx(gain, rel=0.05)


def test_holes_leave_out_what_they_name_and_nothing_else():
    ids = torch.tensor([[7, 0, 8], [9, 1, 6]])
    shown, true, left_out = off_switches.with_holes(ids, ((2,), (0, 1)))
    assert true.tolist() == ids.tolist() * 2
    assert shown.tolist() == [[7, 0, MASK], [9, 1, MASK], [MASK, MASK, 8], [MASK, MASK, 6]]
    assert torch.equal(shown == MASK, left_out)


def test_masked_loss_asks_for_what_was_left_out_at_its_own_place():
    random = generator(0, "masked")
    logits, ids = torch.randn(2, 3, 9, generator=random), torch.tensor([[7, 0, 8], [5, 1, 6]])
    mask = torch.tensor([[False, False, True], [True, False, False]])
    log_probs = logits.log_softmax(-1)
    assert masked_loss(logits, ids, mask) == pytest.approx(float(-(log_probs[0, 2, 8] + log_probs[1, 0, 5]) / 2))
    assert masked_loss(logits, ids, torch.zeros_like(mask)) == 0


class Knows(torch.nn.Module):
    """Says what is in a set of statements, at the place that each hole or prompt asks for, and else a token of none."""

    def __init__(self, known: set[tuple[int, ...]], vocabulary: int) -> None:
        super().__init__()
        self.known, self.vocabulary = known, vocabulary
        self.weight = torch.nn.Parameter(torch.zeros(1))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        logits = torch.zeros(*ids.shape, self.vocabulary)
        logits[..., MASK] = 1.0
        for row, shown in enumerate(ids.tolist()):
            for statement in self.known:
                holes = [place for place, token in enumerate(shown) if token == MASK] or [len(shown)]
                if all(
                    a == b for place, (a, b) in enumerate(zip(shown, statement, strict=False)) if place not in holes
                ):
                    for place in holes:
                        logits[row, place - (len(shown) < 3), statement[place]] = 5.0
        return logits


@pytest.mark.parametrize("fills_holes", [False, True])
def test_what_a_network_knows_is_found_in_the_form_in_which_it_knows_it(fills_holes):
    world = make_facts(12, 0.5, 2)
    arm = off_switches.ARMS["masked" if fills_holes else "base"]
    trained = {tuple(row) for row in sequences(world.train).tolist()}
    found = off_switches.look(Knows(trained, world.vocabulary), world, arm)
    for direction in off_switches.DIRECTIONS:
        assert found[f"{direction}_learned_top1"] == 1 and found[f"{direction}_top1"] == 0
        if fills_holes:
            assert found[f"{direction}_in_place_top1"] == 1
    held = {tuple(row) for row in sequences((*world.held_backward, *world.held_forward)).tolist()}
    found = off_switches.look(Knows(held, world.vocabulary), world, arm)
    for direction in off_switches.DIRECTIONS:
        assert found[f"{direction}_learned_top1"] == 0 and found[f"{direction}_top1"] == 1
        assert found[f"{direction}_difference"] > 4
        if fills_holes:
            assert found[f"{direction}_in_place_top1"] == 0


class Reads(torch.nn.Module):
    """Answers a question from the statements before it, and says a token of none where there are no statements."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self.weight = torch.nn.Parameter(torch.zeros(1))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        logits = torch.zeros(*ids.shape, self.vocabulary)
        logits[..., MASK] = 1.0
        for row, tokens in enumerate(ids.tolist()):
            pairs = [tokens[at + 1 : at + 3] for at in range(0, len(tokens) - 2, 3)]
            for pair in pairs:
                if tokens[-1] in pair:
                    logits[row, -1, pair[1 - pair.index(tokens[-1])]] = 5.0
        return logits


def test_a_network_that_only_reads_is_told_from_one_that_knows():
    world = make_facts(12, 0.5, 2)
    pool = torch.arange(world.vocabulary, world.vocabulary + 12)
    found = in_context.look(Reads(world.vocabulary + 12), world, pool, Reading(), 40, generator(0, "q"))
    assert found["context_stated"] == found["context_inverse"] == found["told_inverse"] == 1
    assert found["weights_learned"] == found["weights_inverse"] == 0
    assert found["weights_difference"] == pytest.approx(0, abs=1e-6)
    assert draw_contexts(4, pool, 3, 1, generator(0, "q"))[0].shape == (4, 12)


def test_stored_results_draw_every_figure():
    pytest.importorskip("plotly")
    results = {claim.id: load_result(claim) for claim in CLAIMS}
    drawing = {
        name: importlib.import_module(f"{FIGURES}.{name}")
        for name in ("transfer", "transpose", "off_switches", "in_context")
    }
    drawn = [
        drawing["transfer"].figure(results["one-step-transfer"]),
        drawing["transfer"].training_figure(results["one-step-transfer"]),
        drawing["transpose"].figure(results["transpose"]),
        drawing["off_switches"].figure(results["off-switches"]),
        drawing["off_switches"].figure(results["off-switches"], "difference"),
        drawing["in_context"].figure(results["in-context"]),
        drawing["in_context"].figure(results["in-context"], "shared"),
    ]
    for figure in drawn:
        assert figure.layout.xaxis.title.text
        assert all(len(trace.x) == len(trace.y) > 0 for trace in figure.data)
        json.loads(figure.to_json(engine="json"))
    for figure in (drawn[0], drawn[2], drawn[3]):
        whiskers = [trace for trace in figure.data if trace.error_x.array is not None]
        assert len(whiskers) >= 3 and all(len(trace.x) > 0 for trace in whiskers)
        assert any(trace.meta == "drawing" and len(trace.x) >= 10 for trace in figure.data)
    assert sum(trace.meta == "band" for trace in drawn[5].data) == 5
    with pytest.raises(ValueError, match="top1 or difference"):
        drawing["off_switches"].figure(results["off-switches"], "accuracy")
    with pytest.raises(ValueError, match="separate, shared"):
        drawing["in_context"].figure(results["in-context"], "mixed")
