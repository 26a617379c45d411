"""Live looks for causes, on the library's functions: at laptop scale, and the gpu scale's code path."""

import pytest
import torch

from chisel.core.scale import LAPTOP, Scale
from chisel.reversal_curse import candidates, measurements, silent_bug, training, transfer, world
from chisel.reversal_curse.bilinear import bilinear_scores
from chisel.reversal_curse.model import Decoder, Shape
from chisel.reversal_curse.recall import Transfer
from chisel.reversal_curse.statements import both_ways
from chisel.reversal_curse.training import Method
from chisel.reversal_curse.workbench import causes
from chisel.reversal_curse.workbench.decoders import Trained

pytest.importorskip("plotly")


class SmallGpu(Scale):
    """The gpu preset's code path at a size that a test can afford."""

    def pick(self, laptop: int, gpu: int) -> int:
        assert gpu > laptop, "the gpu preset is the larger one"
        return 2


SCALES = [LAPTOP, SmallGpu("gpu", torch.device("cpu"))]
for_each_scale = pytest.mark.parametrize("scale", SCALES, ids=lambda scale: scale.name)


def drawn(figure) -> dict[str, list[float]]:
    """The means by name of the quantity."""
    return {trace.name: list(trace.x) for trace in figure.data if trace.meta != "drawing"}


@pytest.fixture
def brief(monkeypatch):
    """Make every training of a decoder two steps long."""
    monkeypatch.setattr(causes, "Method", lambda: Method(steps=2))


@for_each_scale
def test_a_step_is_taken_with_the_readers_function_on_a_dozen_pairs_of_each_network(brief, scale):
    asked = []

    def spy(model, index, others, eta):
        asked.append((index, tuple(others), eta > 0))
        return transfer.one_step_transfer(model, index, others, eta)

    means = drawn(causes.transfer_live(spy, world.make_facts, training.lm_loss, scale))
    networks = 2 * scale.pick(1, 10)
    assert [index for index, _, _ in asked] == list(range(12)) * networks
    assert all(index not in others and len(others) == 11 and positive for index, others, positive in asked)
    control = means["tied bilinear model (control)"]
    assert 0.25 < control[0] < 0.35 and control[2] > 0.05

    def nothing(*arguments):
        return Transfer(0.0, 0.0, 0.0)

    still = causes.transfer_live(nothing, world.make_facts, training.lm_loss)
    assert all(not any(values) for values in drawn(still).values())


def test_bilinear_models_are_trained_with_the_readers_scores():
    models = causes.bilinear_live(bilinear_scores, world.make_facts)
    assert {name: len(pairs) for name, pairs in models.items()} == {"untied": 5, "tied": 5}
    table = causes.bilinear_table(models)
    assert [words.rsplit(": ", 1)[1] for _, words in table] == ["0 of 5 seeds"] * 2 + ["5 of 5 seeds"] * 2
    means = drawn(causes.bilinear_figure(models))
    assert means["untied"][:2] == [1, 0] and means["tied"][0] == 1 and means["tied"][1] > 0.1


def test_wrong_scores_show(monkeypatch):
    monkeypatch.setattr(causes, "train_bilinear", brief_bilinear(causes.train_bilinear))

    def without_relation(E, W, U):
        return E @ U.T + 0 * W.sum()

    right = causes.bilinear_live(bilinear_scores, world.make_facts, SCALES[1])
    wrong = causes.bilinear_live(without_relation, world.make_facts, SCALES[1])
    first, second = (models["tied"][0][0].read for models in (right, wrong))
    assert not torch.allclose(first, second)


def brief_bilinear(train):
    def short(*arguments, **named):
        return train(*arguments, **named, method=Method(steps=2))

    return short


def test_scorers_are_asked_about_what_each_kind_of_decoder_says():
    facts = both_ways(world.make_facts(12, 0.5, 0))
    net = Decoder(Shape(facts.vocabulary), torch.Generator().manual_seed(0))
    shapes = []

    def spy(logits, names):
        shapes.append((tuple(logits.shape), tuple(names.shape)))
        return silent_bug.fixed_scores(logits, names)

    models = {"one way": [Trained(net, facts)], "both ways": [Trained(net, facts)] * 2}
    scorers = {"as found": candidates.buggy_scores, "fixed": spy}
    figure = causes.silent_live(scorers, models, measurements.reversal_statistic)
    assert shapes == [((3, facts.vocabulary), (3,))] * 3
    assert [list(trace.x) for trace in figure.data] == [["one way", "both ways", "both ways"]] * 2
    want = measurements.reversal_statistic(measurements.score_matrix(net, facts.held_backward))[0]
    assert list(figure.data[1].y) == pytest.approx([want] * 3, abs=1e-5)
