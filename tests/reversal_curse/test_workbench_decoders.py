"""The live decoders of the notebook, on the library's functions: laptop scale, and the gpu scale's code path."""

import pytest
import torch

from chisel.core.scale import LAPTOP, Scale
from chisel.reversal_curse import measurements, training, world
from chisel.reversal_curse.training import Method
from chisel.reversal_curse.workbench import decoders


class SmallGpu(Scale):
    """The gpu preset's code path at a size that a test can afford."""

    def pick(self, laptop: int, gpu: int) -> int:
        assert gpu > laptop, "the gpu preset is the larger one"
        return 2


SCALES = [LAPTOP, SmallGpu("gpu", torch.device("cpu"))]


@pytest.fixture
def quick(monkeypatch):
    """Make every training two steps long, on few facts."""
    monkeypatch.setattr(decoders, "Method", lambda: Method(steps=2))
    monkeypatch.setattr(decoders, "BASE", {**decoders.BASE, "pairs": 12})


@pytest.mark.parametrize("scale", SCALES, ids=lambda scale: scale.name)
def test_training_uses_the_readers_facts_and_loss(quick, scale):
    asked, losses = [], []

    def facts(*arguments):
        asked.append(arguments)
        return world.make_facts(*arguments)

    def loss(*arguments):
        losses.append(arguments)
        return training.lm_loss(*arguments)

    models = decoders.train_live(facts, loss, scale)
    assert asked == [(12, 0.5, seed) for seed in range(scale.pick(3, 20))]
    assert len(losses) == 2 * len(models)
    first, second = (next(model.net.parameters()) for model in models[:2])
    assert not torch.equal(first, second)


def test_scores_come_from_the_readers_function_in_three_directions(quick):
    models = decoders.train_live(world.make_facts, training.lm_loss)
    scores = decoders.scores_live(measurements.completion_logprob, models)
    assert {name: [len(matrix) for matrix in own] for name, own in scores.items()} == {
        "learned": [3] * 3, "b_to_a": [3] * 3, "a_to_b": [3] * 3,
    }  # fmt: skip
    want = measurements.score_matrix(models[1].net, models[1].facts.held_backward)
    assert torch.allclose(scores["b_to_a"][1], want)
    seen = []

    def spy(model, prompt_ids, completion_ids):
        seen.append((tuple(prompt_ids.shape), tuple(completion_ids.shape)))
        return measurements.completion_logprob(model, prompt_ids, completion_ids)

    decoders.scores_live(spy, models[:1])
    assert seen == [((9, 2), (9, 1))] * 3


def planted(*lifts: float) -> list[torch.Tensor]:
    return [lift * torch.eye(6) for lift in lifts]


def test_the_table_counts_seeds_by_class():
    scores = {"learned": planted(8, 7, 9), "b_to_a": planted(0, 0.2, -0.3), "a_to_b": planted(0, 2, 2)}
    assert decoders.reversal_table(measurements.reversal_statistic, scores) == [
        ("as it was stated, A to B", "over 3 nats ahead in 3 of 3 seeds"),
        ("reverse, stated A to B", "within a nat of 0 in 3 of 3 seeds"),
        ("reverse, stated B to A", "in between in 2 of 3 seeds, within a nat of 0 in 1 of 3 seeds"),
    ]


def test_figures_show_each_seed():
    scores = {"learned": planted(8, 7), "b_to_a": planted(0, 0), "a_to_b": planted(1, 1)}
    drawn = decoders.statistic_figure(measurements.reversal_statistic, {"plain": scores, "reversed": scores})
    assert [trace.name for trace in drawn.data] == ["plain", "reversed"]
    assert list(drawn.data[0].x) == pytest.approx([8, 7, 0, 0, 1, 1])
    labels = [step.label for step in decoders.scores_figure(scores).layout.sliders[0].steps]
    assert labels == ["seed 0", "seed 1"]


def test_augmenting_is_the_readers(quick):
    modes = []

    def augment(facts, mode):
        modes.append(mode)
        return world.augment(facts, mode)

    models = decoders.mitigation_live(augment, world.make_facts, training.lm_loss)
    assert modes == ["reversed"] * 3
    assert len(models[0].facts.train) > len(world.make_facts(12, 0.5, 0).train)


@pytest.mark.slow
def test_the_live_experiment_finds_the_curse_and_that_reversed_copies_lift_it():
    statistic = measurements.reversal_statistic
    models = decoders.train_live(world.make_facts, training.lm_loss)
    mended = decoders.mitigation_live(world.augment, world.make_facts, training.lm_loss)
    tables = [
        decoders.reversal_table(statistic, decoders.scores_live(measurements.completion_logprob, trained))
        for trained in (models, mended)
    ]
    over, none = "over 3 nats ahead in 3 of 3 seeds", "within a nat of 0 in 3 of 3 seeds"
    assert [[words for _, words in table] for table in tables] == [[over, none, none], [over, over, over]]
