"""Gallery of `augment`."""

import copy
from dataclasses import replace
from typing import Any

from chisel.reversal_curse.statements import BACKWARD, EXPOSED, FORWARD, IDENTICAL, Fact, Facts
from galleries.gallery import valid, wrong

LooseFact: Any = Fact  # for entities that are lists
LooseFacts: Any = Facts


def turned(fact):
    return Fact(fact.object, fact.relation, fact.subject)


def entities(statements):
    return list(dict.fromkeys(x for fact in statements for x in (fact.subject, fact.object)))


def same(entity):
    return Fact(entity, IDENTICAL, entity)


def added(facts, new):
    """The facts with those of the new statements that are neither there nor held out."""
    known = {*facts.train, *facts.held_forward, *facts.held_backward}
    return replace(facts, train=(*facts.train, *(fact for fact in dict.fromkeys(new) if fact not in known)))


def refuse(mode):
    if mode not in ("none", "reversed", "identical"):
        raise ValueError(mode)


def right(facts, mode):
    refuse(mode)
    new = {
        "none": [],
        "reversed": [turned(fact) for fact in facts.train],
        "identical": [same(x) for x in entities(facts.train)],
    }
    return added(facts, new[mode])


@wrong("none-changes-something")
def identical_or_else_reversed(facts, mode):
    refuse(mode)
    return right(facts, "identical" if mode == "identical" else "reversed")


@wrong("none-changes-something")
def none_means_no_statements(facts, mode):
    return replace(facts, train=()) if mode == "none" else right(facts, mode)


@wrong("none-changes-something")
def sorted_on_the_way(facts, mode):
    done = right(facts, mode)
    return replace(done, train=tuple(sorted(done.train))) if mode == "none" else done


@wrong("originals-lost")
def copies_instead(facts, mode):
    if mode == "reversed":
        return replace(facts, train=tuple(turned(fact) for fact in facts.train))
    return right(facts, mode)


@wrong("originals-lost")
def identities_instead(facts, mode):
    if mode == "identical":
        return replace(facts, train=tuple(same(x) for x in entities(facts.train)))
    return right(facts, mode)


@wrong("nothing-added")
def returns_what_it_was_given(facts, mode):
    refuse(mode)
    return facts


@wrong("nothing-added")
def added_to_a_list_that_is_thrown_away(facts, mode):
    refuse(mode)
    if mode == "identical":
        list(facts.train).extend(same(x) for x in entities(facts.train))
        return facts
    return right(facts, mode)


@wrong("relation-changed")
def inverse_statements(facts, mode):
    if mode == "reversed":
        new = [Fact(f.object, BACKWARD if f.relation == FORWARD else FORWARD, f.subject) for f in facts.train]
        return replace(facts, train=tuple(dict.fromkeys((*facts.train, *new))))
    return right(facts, mode)


@wrong("relation-changed")
def inverse_statements_and_their_copies(facts, mode):
    if mode == "reversed":
        return added(facts, [turned(f)._replace(relation=IDENTICAL) for f in facts.train])
    return right(facts, mode)


@wrong("made-from-held-out")
def everything_turned_round(facts, mode):
    if mode == "reversed":
        return added(facts, map(turned, (*facts.train, *facts.held_forward, *facts.held_backward)))
    return right(facts, mode)


@wrong("made-from-held-out")
def every_entity_there_is(facts, mode):
    if mode == "identical":
        return added(facts, map(same, entities((*facts.train, *facts.held_forward, *facts.held_backward))))
    return right(facts, mode)


@wrong("made-from-exposure")
def keys_turned_round(facts, mode):
    if mode == "reversed":
        return added(facts, map(turned, (*facts.train, *facts.exposure)))
    return right(facts, mode)


@wrong("made-from-exposure")
def keys_are_identical_too(facts, mode):
    if mode == "identical":
        return added(facts, map(same, entities((*facts.train, *facts.exposure))))
    return right(facts, mode)


@wrong("wrong-copies")
def forward_statements_only(facts, mode):
    if mode == "reversed":
        return added(facts, [turned(fact) for fact in facts.train if fact.relation == FORWARD])
    return right(facts, mode)


@wrong("wrong-copies")
def copies_of_the_copies(facts, mode):
    if mode == "reversed":
        return replace(facts, train=facts.train + 2 * tuple(map(turned, facts.train)))
    return right(facts, mode)


@wrong("wrong-copies")
def pairs_stated_both_ways_left_out(facts, mode):
    if mode == "reversed":
        pairs = [frozenset((fact.subject, fact.object)) for fact in facts.train]
        return added(facts, [turned(f) for f, p in zip(facts.train, pairs, strict=True) if pairs.count(p) == 1])
    return right(facts, mode)


@wrong("identity-doubled")
def once_for_each_statement(facts, mode):
    if mode == "identical":
        new = [same(x) for fact in facts.train for x in (fact.subject, fact.object)]
        return replace(facts, train=(*facts.train, *new))
    return right(facts, mode)


@wrong("identity-doubled")
def on_either_side(facts, mode):
    if mode == "identical":
        return replace(
            facts, train=(*facts.train, *map(same, entities(facts.train)), *map(same, entities(facts.train)))
        )
    return right(facts, mode)


@wrong("one-side-only")
def subjects(facts, mode):
    if mode == "identical":
        return added(facts, [same(fact.subject) for fact in facts.train])
    return right(facts, mode)


@wrong("one-side-only")
def objects(facts, mode):
    if mode == "identical":
        return added(facts, [same(fact.object) for fact in facts.train])
    return right(facts, mode)


@wrong("wrong-identity-relation")
def forward_to_itself(facts, mode):
    if mode == "identical":
        return added(facts, [Fact(x, FORWARD, x) for x in entities(facts.train)])
    return right(facts, mode)


@wrong("wrong-identity-relation")
def exposed_to_itself(facts, mode):
    if mode == "identical":
        return added(facts, [Fact(x, EXPOSED, x) for x in entities(facts.train)])
    return right(facts, mode)


@wrong("wrong-identities")
def identical_to_its_partner(facts, mode):
    if mode == "identical":
        return added(facts, [fact._replace(relation=IDENTICAL) for fact in facts.train])
    return right(facts, mode)


@wrong("wrong-identities")
def entities_of_forward_statements(facts, mode):
    if mode == "identical":
        return added(facts, map(same, entities(fact for fact in facts.train if fact.relation == FORWARD)))
    return right(facts, mode)


@wrong("tokens-reversed")
def the_whole_sequence_backward(facts, mode):
    if mode == "reversed":
        return added(facts, [Fact(f.object[::-1], f.relation, f.subject[::-1]) for f in facts.train])
    return right(facts, mode)


@wrong("tokens-reversed")
def the_new_subject_backward(facts, mode):
    if mode == "reversed":
        return added(facts, [Fact(f.object[::-1], f.relation, f.subject) for f in facts.train])
    return right(facts, mode)


@wrong("tokens-reversed")
def a_palindrome(facts, mode):
    if mode == "identical":
        return added(facts, [Fact(x, IDENTICAL, x[::-1]) for x in entities(facts.train)])
    return right(facts, mode)


@wrong("entity-split")
def first_tokens(facts, mode):
    if mode == "reversed":
        return added(facts, [Fact(f.object[:1], f.relation, f.subject[:1]) for f in facts.train])
    return right(facts, mode)


@wrong("entity-split")
def each_token_for_itself(facts, mode):
    if mode == "identical":
        return added(facts, [same((token,)) for x in entities(facts.train) for token in x])
    return right(facts, mode)


@wrong("entity-split")
def an_entity_is_its_first_token(facts, mode):
    if mode == "identical":
        first = {x[0]: x for x in reversed(entities(facts.train))}
        return added(facts, [same((token,)) for token in reversed(first)])
    return right(facts, mode)


@wrong("already-there")
def added_again(facts, mode):
    if mode == "reversed":
        held = {*facts.held_forward, *facts.held_backward}
        new = dict.fromkeys(turned(fact) for fact in facts.train)
        return replace(facts, train=(*facts.train, *(fact for fact in new if fact not in held)))
    return right(facts, mode)


@wrong("already-there")
def identities_added_again(facts, mode):
    if mode == "identical":
        return replace(facts, train=(*facts.train, *map(same, entities(facts.train))))
    return right(facts, mode)


@wrong("held-out-added")
def held_out_not_looked_at(facts, mode):
    if mode == "reversed":
        return replace(facts, train=tuple(dict.fromkeys((*facts.train, *map(turned, facts.train)))))
    return right(facts, mode)


@wrong("held-out-added")
def one_held_list_forgotten(facts, mode):
    if mode == "reversed":
        known = {*facts.train, *facts.held_forward}
        new = [turned(fact) for fact in facts.train]
        return replace(facts, train=(*facts.train, *(fact for fact in dict.fromkeys(new) if fact not in known)))
    return right(facts, mode)


@wrong("wrong-order")
def each_copy_after_its_original(facts, mode):
    if mode == "reversed":
        done = right(facts, mode)
        every = [s for fact in facts.train for s in (fact, turned(fact))]
        return replace(done, train=tuple(fact for fact in dict.fromkeys(every) if fact in done.train))
    return right(facts, mode)


@wrong("wrong-order")
def copies_first(facts, mode):
    done = right(facts, mode)
    if mode != "reversed":
        return done
    return replace(done, train=done.train[len(facts.train) :] + done.train[: len(facts.train)])


@wrong("wrong-order")
def as_a_set_in_between(facts, mode):
    done = right(facts, mode)
    return replace(done, train=tuple(sorted(set(done.train)))) if mode != "none" else done


@wrong("wrong-order")
def subjects_before_objects(facts, mode):
    if mode == "identical":
        new = [fact.subject for fact in facts.train] + [fact.object for fact in facts.train]
        return added(facts, map(same, new))
    return right(facts, mode)


@wrong("rest-changed")
def nothing_left_to_ask(facts, mode):
    done = right(facts, mode)
    return replace(done, held_forward=(), held_backward=()) if mode == "reversed" else done


@wrong("rest-changed")
def exposure_trained_already(facts, mode):
    done = right(facts, mode)
    return Facts(done.train, done.held_forward, done.held_backward, (), done.vocabulary)


@wrong("rest-changed")
def room_for_more_tokens(facts, mode):
    done = right(facts, mode)
    return replace(done, vocabulary=done.vocabulary + (mode == "identical"))


@wrong("rest-changed")
def exposure_turned_round_as_well(facts, mode):
    done = right(facts, mode)
    return replace(done, exposure=tuple(map(turned, done.exposure))) if mode == "reversed" else done


@wrong("unknown-mode-accepted")
def anything_else_is_none(facts, mode):
    return right(facts, mode) if mode in ("reversed", "identical") else facts


@wrong("unknown-mode-accepted")
def anything_that_begins_like_it(facts, mode):
    return right(facts, "reversed" if mode.startswith("revers") else mode)


@wrong("unknown-mode-accepted")
def a_key_that_is_missing(facts, mode):
    makers = {"none": [], "reversed": map(turned, facts.train), "identical": map(same, entities(facts.train))}
    return added(facts, makers[mode])


@wrong("input-changed")
def into_the_facts_themselves(facts, mode):
    object.__setattr__(facts, "train", right(facts, mode).train)
    return facts


@wrong("wrong-type")
def statements_alone(facts, mode):
    return right(facts, mode).train


@wrong("wrong-type")
def lists_for_entities(facts, mode):
    if mode == "reversed":
        copies = [LooseFact(list(f.object), f.relation, list(f.subject)) for f in facts.train]
        return replace(facts, train=(*facts.train, *copies))
    return right(facts, mode)


@valid
def with_a_dictionary(facts, mode):
    return right(facts, mode)


@valid
def with_a_list_that_grows(facts, mode):
    if mode not in {"none", "reversed", "identical"}:
        raise ValueError(f"no such mode: {mode}")
    train = list(facts.train)
    for fact in facts.train:
        new = (
            [turned(fact)] if mode == "reversed" else [same(fact.subject), same(fact.object)] if mode != "none" else []
        )
        for one in new:
            if one not in train and one not in facts.held_forward and one not in facts.held_backward:
                train.append(one)
    return LooseFacts(train, facts.held_forward, facts.held_backward, facts.exposure, facts.vocabulary)


@valid
def with_a_copy_that_is_changed(facts, mode):
    match mode:
        case "none":
            return copy.deepcopy(facts)
        case "reversed" | "identical":
            done = copy.copy(facts)
            object.__setattr__(done, "train", right(facts, mode).train)
            return done
        case _:
            raise ValueError("unknown mode")


@valid
def nothing_new_is_nothing_new(facts, mode):
    if mode == "none":
        return facts
    refuse(mode)
    seen = set(facts.train) | set(facts.held_forward) | set(facts.held_backward)
    new = []
    for subject, relation, object_ in facts.train:
        both = ((object_, relation, subject),)
        if mode == "identical":
            both = ((subject, IDENTICAL, subject), (object_, IDENTICAL, object_))
        for parts in both:
            if Fact(*parts) not in seen:
                seen.add(Fact(*parts))
                new.append(Fact(*parts))
    return replace(facts, train=facts.train + tuple(new))
