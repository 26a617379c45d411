"""Statements in the context: what is drawn can be answered from the sequence alone, and what is trained is that."""

import pytest
import torch

from chisel.core.seeding import generator
from chisel.reversal_curse.experiments.in_context import told_first
from chisel.reversal_curse.in_context import Reading, answers_loss, draw_contexts, relation_first, train_readers
from chisel.reversal_curse.model import Decoder, Shape
from chisel.reversal_curse.statements import BACKWARD, FORWARD, Fact
from chisel.reversal_curse.training import Method
from chisel.reversal_curse.world import make_facts

POOL = torch.arange(100, 112)


def drawn(count: int = 200, stated: int = 3, asked: int = 2, label: str = "a") -> tuple[torch.Tensor, torch.Tensor]:
    return draw_contexts(count, POOL, stated, asked, generator(0, label))


def test_every_question_is_answered_by_one_statement_of_its_sequence():
    ids, inverse = drawn()
    assert ids.shape == (200, 15) and inverse.shape == (200, 2)
    for row, turned in zip(ids.view(200, 5, 3).tolist(), inverse.tolist(), strict=True):
        stated = {tuple(statement) for statement in row[:3]}
        subjects = [entity for _, *pair in row[:3] for entity in pair]
        assert len(set(subjects)) == 6 and set(subjects) <= set(POOL.tolist())
        asked = []
        for (relation, subject, answer), is_inverse in zip(row[3:], turned, strict=True):
            original = (FORWARD + BACKWARD - relation, answer, subject) if is_inverse else (relation, subject, answer)
            assert original in stated
            asked.append(original)
        assert len(set(asked)) == 2


def test_both_relations_and_both_directions_are_drawn_about_equally_often():
    ids, inverse = drawn(2000)
    relations = ids.view(2000, 5, 3)[:, :3, 0]
    assert set(relations.unique().tolist()) == {FORWARD, BACKWARD}
    assert abs(float((relations == FORWARD).double().mean()) - 0.5) < 0.05
    assert abs(float(inverse.double().mean()) - 0.5) < 0.05
    places = ids.view(2000, 5, 3)
    about = (places[:, :3, 1:] == places[:, 3, 1][:, None, None]).any(-1).double().mean(0)
    assert bool(((about - 1 / 3).abs() < 0.05).all())


def test_a_draw_depends_on_its_generator_alone():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        first = drawn()[0]
        torch.manual_seed(2)
        assert torch.equal(drawn()[0], first)
    assert not torch.equal(drawn(label="b")[0], first)


@pytest.mark.parametrize(("stated", "asked"), [(7, 1), (3, 4), (3, 0)])
def test_what_cannot_be_drawn_is_refused(stated, asked):
    with pytest.raises(ValueError, match="do not go with 12 entities"):
        drawn(2, stated, asked)


def test_the_relation_comes_first():
    assert relation_first([Fact((7,), FORWARD, (9,))]).tolist() == [[FORWARD, 7, 9]]


def test_only_answers_to_questions_are_targets():
    ids = torch.tensor([[0, 5, 6, 1, 6, 5, 0, 5, 6]])
    logits = torch.zeros(1, 9, 10)
    assert float(answers_loss(logits, ids, 1)) == pytest.approx(torch.tensor(10.0).log().item())
    for place, token in ((4, 5), (7, 6)):  # the logits before the last token of the second and of the third three
        logits[0, place, token] = 50.0
    assert float(answers_loss(logits, ids, 1)) == pytest.approx(0, abs=1e-6)
    assert float(answers_loss(logits, ids, 0)) > 0.5


def test_facts_of_the_weights_are_told_in_every_place_and_then_asked_for():
    facts = make_facts(20, 0.5, 0)
    rows = told_first(facts.held_backward, 3).view(-1, 3, 4, 3)
    assert len(rows) == len(facts.held_backward)
    for contexts, held in zip(rows.tolist(), facts.held_backward, strict=True):
        fact = [FORWARD, held.object[0], held.subject[0]]
        assert [row[:3].index(fact) for row in contexts] == [0, 1, 2]
        for row in contexts:
            assert row[3] == [BACKWARD, held.subject[0], held.object[0]]
            assert len({tuple(statement) for statement in row[:3]}) == 3
            assert all(Fact((subject,), relation, (name,)) in facts.train for relation, subject, name in row[:3])


def test_networks_learn_their_facts_and_are_kept_where_they_were_asked_for():
    worlds = [make_facts(6, 0.5, seed) for seed in (0, 1)]
    pool = torch.arange(worlds[0].vocabulary, worlds[0].vocabulary + 12)
    reading = Reading(batch=4)
    shape = Shape(worlds[0].vocabulary + 12, reading.length, 1, 16, 2)
    nets = [Decoder(shape, generator(seed, "net")) for seed in (0, 1)]
    method = Method(steps=60, lr=1e-2)
    kept = train_readers(nets, worlds, [pool, pool], (0, 1), reading, method, looks=(0, 10))
    assert list(kept) == [0, 10, 60] and [len(own) for own in kept.values()] == [2, 2, 2]
    stated = relation_first(worlds[1].train)
    with torch.no_grad():
        losses = [float(answers_loss(own[1](stated), stated, 0)) for own in kept.values()]
    assert losses[0] > losses[1] > losses[2] and losses[2] < 1
    assert torch.equal(kept[0][1](stated), nets[1](stated))
    alone = train_readers(nets[1:], worlds[1:], [pool], (1,), reading, method)[60][0]
    assert torch.allclose(alone(stated), kept[60][1](stated), atol=1e-2)
