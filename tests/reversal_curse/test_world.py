"""Worlds of facts: who is told what, what is left to be asked, and what may be added."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from chisel.reversal_curse.statements import (
    BACKWARD,
    EXPOSED,
    FORWARD,
    IDENTICAL,
    Fact,
    Facts,
    both_ways,
    names,
    prompts,
    sequences,
)
from chisel.reversal_curse.world import augment, make_facts

sizes, seeds = st.integers(1, 30), st.integers(0, 10_000)
fractions = st.sampled_from([0.0, 0.08, 0.31, 0.5, 0.9, 1.0])
ONE_WAY = Facts(
    train=(Fact((5, 6), FORWARD, (8,)), Fact((9,), BACKWARD, (7,))),
    held_forward=(Fact((7,), FORWARD, (9,)),),
    held_backward=(Fact((8,), BACKWARD, (5, 6)),),
    exposure=(Fact((10,), EXPOSED, (8,)),),
    vocabulary=11,
)


def inverse(fact: Fact) -> Fact:
    return Fact(fact.object, BACKWARD if fact.relation == FORWARD else FORWARD, fact.subject)


@given(sizes, fractions, seeds)
def test_every_statement_is_trained_or_held_out_and_none_is_both(n, fraction, seed):
    facts = make_facts(n, fraction, seed)
    told, asked = set(facts.train), {*facts.held_forward, *facts.held_backward}
    assert len(told) + len(asked) == 2 * n == len(facts.train) + len(facts.held_forward) + len(facts.held_backward)
    assert not told & asked and all(inverse(fact) in told for fact in asked)
    assert {fact.relation for fact in facts.held_forward} <= {FORWARD}
    assert {fact.relation for fact in facts.held_backward} <= {BACKWARD}
    assert len({fact.subject for fact in told | asked if fact.relation == FORWARD}) == n


@given(sizes, fractions, seeds)
def test_so_many_pairs_are_stated_each_way(n, fraction, seed):
    facts = make_facts(n, fraction, seed)
    both = sum(inverse(fact) in facts.train for fact in facts.train) // 2
    assert both == round(fraction * n)
    assert len(facts.held_backward) == (n - both + 1) // 2 and len(facts.held_forward) == (n - both) // 2


@given(sizes, fractions, seeds)
def test_every_entity_is_a_target_after_a_key_of_its_own(n, fraction, seed):
    facts = make_facts(n, fraction, seed)
    assert sorted(fact.object[0] for fact in facts.exposure) == list(range(5, 5 + 2 * n))
    assert sorted(fact.subject[0] for fact in facts.exposure) == list(range(5 + 2 * n, 5 + 4 * n))
    assert {fact.relation for fact in facts.exposure} == {EXPOSED} and facts.vocabulary == 5 + 4 * n


def test_the_arguments_alone_decide():
    state = torch.get_rng_state()
    worlds = [make_facts(9, 0.5, 3), make_facts(9, 0.5, 4)]
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(11)
    assert make_facts(9, 0.5, 3) == worlds[0] != worlds[1]
    torch.set_rng_state(state)


@pytest.mark.parametrize(("n", "fraction"), [(0, 0.5), (-2, 0.5), (3, -0.1), (3, 1.1), (3, float("nan"))])
def test_what_is_no_world_is_refused(n, fraction):
    with pytest.raises(ValueError, match="at least 1 pair and a fraction within"):
        make_facts(n, fraction, 0)


def test_copies_change_the_order_of_entities_and_nothing_else():
    copies = (Fact((8,), FORWARD, (5, 6)), Fact((7,), BACKWARD, (9,)))
    assert augment(ONE_WAY, "reversed") == replace(ONE_WAY, train=(*ONE_WAY.train, *copies))
    itself = tuple(Fact(x, IDENTICAL, x) for x in ((5, 6), (8,), (9,), (7,)))
    assert augment(ONE_WAY, "identical") == replace(ONE_WAY, train=(*ONE_WAY.train, *itself))
    assert augment(ONE_WAY, "none") == ONE_WAY


@given(sizes, fractions, seeds, st.sampled_from(["reversed", "identical"]))
def test_to_add_once_more_adds_nothing_and_nothing_held_out_is_told(n, fraction, seed, mode):
    facts = make_facts(n, fraction, seed)
    once = augment(facts, mode)
    assert augment(once, mode) == once and len(once.train) == len(set(once.train))
    assert once.train[: len(facts.train)] == facts.train and len(once.train) > len(facts.train)
    assert not set(once.train) & {*facts.held_forward, *facts.held_backward}
    assert replace(once, train=facts.train) == facts


def test_a_copy_that_is_there_or_held_out_is_not_added():
    married = Facts((Fact((5,), FORWARD, (6,)), Fact((7,), FORWARD, (8,))), (Fact((6,), FORWARD, (5,)),), (), (), 9)
    assert augment(married, "reversed").train == (*married.train, Fact((8,), FORWARD, (7,)))
    told = replace(married, train=(*married.train, Fact((8,), FORWARD, (7,))))
    assert augment(told, "reversed") == told
    twice = replace(married, train=married.train[:1] * 2)
    assert augment(twice, "none") == twice, "what was trained twice stays so"


def test_an_unknown_mode_is_refused():
    with pytest.raises(ValueError, match="unknown mode 'backward': use none, reversed or identical"):
        augment(ONE_WAY, "backward")


def test_trained_both_ways_nothing_is_left_to_ask():
    facts = both_ways(ONE_WAY)
    assert set(facts.train) == {*ONE_WAY.train, *ONE_WAY.held_forward, *ONE_WAY.held_backward}
    assert facts.held_forward == ONE_WAY.held_forward


def test_statements_as_token_ids():
    same_length = (Fact((5, 6), FORWARD, (8,)), Fact((7, 9), FORWARD, (4,)))
    assert sequences(same_length).tolist() == [[5, 6, 0, 8], [7, 9, 0, 4]]
    assert prompts(same_length).tolist() == [[5, 6, 0], [7, 9, 0]] and names(same_length).tolist() == [[8], [4]]
    assert sequences(ONE_WAY.exposure).tolist() == [[10, EXPOSED, 8]]


def test_what_cannot_be_one_batch_is_refused():
    with pytest.raises(ValueError, match="there are no statements"):
        sequences(())
    with pytest.raises(ValueError, match=r"one length, these have \[3, 4\]"):
        sequences(ONE_WAY.train)
    with pytest.raises(ValueError, match="two statements have the same object"):
        names((Fact((5,), FORWARD, (8,)), Fact((6,), FORWARD, (8,))))
    with pytest.raises(ValueError, match="at least one name, and all of one length"):
        names(())
    with pytest.raises(ValueError, match="at least one name, and all of one length"):
        names((Fact((5,), FORWARD, (8,)), Fact((6,), FORWARD, (8, 9))))
