"""The bilinear model and its training: asked as a decoder is, tied or not, and what training does to the transposes."""

import pytest
import torch

from chisel.core.seeding import generator
from chisel.reversal_curse.bilinear import (
    METHOD,
    RELATIONS,
    Bilinear,
    bilinear_scores,
    by_relation,
    likeness_to_transpose,
    train_bilinear,
)
from chisel.reversal_curse.experiments.transpose import look
from chisel.reversal_curse.measurements import score_matrix, top_1
from chisel.reversal_curse.statements import BACKWARD, EXPOSED, FIRST_ENTITY, FORWARD, both_ways, sequences
from chisel.reversal_curse.training import Method
from chisel.reversal_curse.world import make_facts

WORLD = make_facts(8, 0.5, 3)
BRIEF = Method(steps=3, lr=3e-3)


def new(tied: bool, scores=bilinear_scores) -> Bilinear:
    return Bilinear(WORLD, 6, tied, 0.5, generator(0, "test"), scores)


@pytest.mark.parametrize("tied", [False, True], ids=["untied", "tied"])
def test_logits_are_the_products_of_subject_relation_and_name(tied):
    net = new(tied)
    ids = sequences((*WORLD.train, *WORLD.exposure))
    with torch.no_grad():
        logits = net(ids)
        write = net.read[FIRST_ENTITY : FIRST_ENTITY + 16] if tied else net.write
        for row, (subject, relation, _) in zip(logits[:, 1], ids.tolist(), strict=True):
            want = write @ net.relations[RELATIONS.index(relation)] @ net.read[subject]
            assert torch.allclose(row[FIRST_ENTITY : FIRST_ENTITY + 16], want, atol=1e-5)
    names = torch.zeros(WORLD.vocabulary, dtype=torch.bool)
    names[FIRST_ENTITY : FIRST_ENTITY + 16] = True
    assert bool(torch.isinf(logits[:, 1, ~names]).all()) and bool(torch.isfinite(logits[:, 1, names]).all())
    assert not logits[:, [0, 2]].any()


def test_tied_models_have_one_set_of_vectors():
    assert {name for name, _ in new(False).named_parameters()} - {name for name, _ in new(True).named_parameters()} == {
        "write"
    }


def test_a_tied_model_scores_the_inverse_with_the_transpose():
    net = new(True)
    with torch.no_grad():
        net.relations[1].copy_(net.relations[0].T)
        entities = torch.arange(FIRST_ENTITY, FIRST_ENTITY + 16)
        assert torch.allclose(net.answers(entities, FORWARD), net.answers(entities, BACKWARD).T, atol=1e-6)
    assert likeness_to_transpose(net) == pytest.approx(1)


def test_every_statement_is_trained_under_its_relation():
    grouped = by_relation(WORLD, "cpu")
    assert list(grouped) == [FORWARD, BACKWARD, EXPOSED]
    again = {
        (subject, relation, name)
        for relation, (subjects, names) in grouped.items()
        for subject, name in zip(subjects.tolist(), names.tolist(), strict=True)
    }
    assert again == {tuple(row) for row in sequences((*WORLD.train, *WORLD.exposure)).tolist()}
    one_way = make_facts(1, 0.0, 0)
    assert list(by_relation(one_way, "cpu")) == [FORWARD, EXPOSED]


def test_models_of_one_call_are_as_if_trained_alone_and_leave_the_random_state():
    worlds = [make_facts(8, 0.5, seed) for seed in (1, 2)]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        before = torch.get_rng_state()
        together = train_bilinear(worlds, (1, 2), False, 6, 0.5, BRIEF)
        assert torch.equal(before, torch.get_rng_state())
    alone = train_bilinear(worlds[1:], (2,), False, 6, 0.5, BRIEF)[0]
    for mine, theirs in zip(together[1].parameters(), alone.parameters(), strict=True):
        assert torch.allclose(mine, theirs, atol=1e-6)
    assert not torch.equal(together[0].read, together[1].read)


def test_training_uses_the_scores_that_it_is_given():
    shapes = []

    def spy(E, W, U):
        shapes.append((tuple(E.shape), tuple(W.shape), tuple(U.shape)))
        return bilinear_scores(E, W, U)

    train_bilinear([WORLD], [0], True, 6, 0.5, Method(steps=1), spy)
    assert sorted(shapes) == [((6, 6), (6, 6), (16, 6)), ((6, 6), (6, 6), (16, 6)), ((16, 6), (6, 6), (16, 6))]


@pytest.mark.parametrize(("worlds", "seeds"), [([], []), ([WORLD], [0, 1])], ids=["none", "too many seeds"])
def test_each_world_needs_a_seed(worlds, seeds):
    with pytest.raises(ValueError, match="one seed"):
        train_bilinear(worlds, seeds, True)


def test_tying_links_a_relation_to_its_inverse_and_nothing_else_does():
    worlds = [make_facts(30, 0.5, seed) for seed in (50, 51)]
    untied, tied = (train_bilinear(worlds, (50, 51), kind) for kind in (False, True))
    for net, world in zip(untied, worlds, strict=True):
        assert bool(top_1(net, world.train).all())
        assert not top_1(net, world.held_backward).any() and abs(likeness_to_transpose(net)) < 0.1
    for net, world in zip(tied, worlds, strict=True):
        found = look(net, world)
        assert found["learned_top1"] == 1 and found["likeness"] > 0.4 and found["reverse_choice"] > 0.6
        assert found["swapped_top1"] > 0.9 and found["reverse_difference"] > 2
    taught = train_bilinear([both_ways(worlds[0])], (50,), False)[0]
    assert look(taught, worlds[0])["reverse_top1"] == 1
    assert METHOD.steps == 300


def test_looking_at_a_model_changes_nothing_in_it():
    net = new(True)
    before = [p.detach().clone() for p in net.parameters()]
    look(net, WORLD)
    assert all(torch.equal(p, old) for p, old in zip(net.parameters(), before, strict=True))
    scores = score_matrix(net, WORLD.held_backward)
    assert scores.shape == (2, 2) and bool(torch.isfinite(scores).all())
