"""Gallery of `make_facts`."""

import random
import secrets
from typing import Any

import numpy as np
import torch

from chisel.reversal_curse.statements import BACKWARD, EXPOSED, FORWARD, Fact, Facts
from galleries.gallery import valid, wrong

LooseFact: Any = Fact  # for entities that are no tuples of numbers, and lists that are no tuples
LooseFacts: Any = Facts


def exposures(n):
    return [Fact((5 + 2 * n + i,), EXPOSED, (5 + i,)) for i in range(2 * n)]


def paired(n, seed):
    """Pairs (A, B) in random order."""
    dice = random.Random(seed)
    pairs = list(zip(range(5, 5 + n), dice.sample(range(5 + n, 5 + 2 * n), n), strict=True))
    dice.shuffle(pairs)
    return pairs


def shares(n, fraction):
    both = round(fraction * n)
    return both, both + (n - both + 1) // 2


def world(n, pairs, both, middle, **changes):
    """A right world from pairs in order: both ways, then forward only, then backward only; `changes` replace parts."""
    ahead = [Fact((a,), FORWARD, (b,)) for a, b in pairs]
    back = [Fact((b,), BACKWARD, (a,)) for a, b in pairs]
    parts = {
        "train": ahead[:middle] + back[:both] + back[middle:],
        "held_forward": ahead[middle:],
        "held_backward": back[both:middle],
        "exposure": exposures(n),
        "vocabulary": 5 + 4 * n,
    } | changes
    return LooseFacts(*(tuple(part) if isinstance(part, list) else part for part in parts.values()))


def right(n, fraction, seed, **changes):
    return world(n, paired(n, seed), *shares(n, fraction), **changes)


def ahead_and_back(n, seed):
    pairs = paired(n, seed)
    return [Fact((a,), FORWARD, (b,)) for a, b in pairs], [Fact((b,), BACKWARD, (a,)) for a, b in pairs]


@wrong("vocabulary-off")
def entities_only_counted(n, fraction_both, seed):
    return right(n, fraction_both, seed, vocabulary=5 + 2 * n)


@wrong("vocabulary-off")
def largest_token(n, fraction_both, seed):
    return right(n, fraction_both, seed, vocabulary=4 + 4 * n)


@wrong("tokens-off")
def special_tokens_forgotten(n, fraction_both, seed):
    return world(n, [(a - 5, b - 5) for a, b in paired(n, seed)], *shares(n, fraction_both))


@wrong("tokens-off")
def special_tokens_miscounted(n, fraction_both, seed):
    return world(n, [(a - 1, b - 1) for a, b in paired(n, seed)], *shares(n, fraction_both))


@wrong("wrong-relation")
def one_relation_for_both_directions(n, fraction_both, seed):
    facts = right(n, fraction_both, seed)
    return LooseFacts(tuple(fact._replace(relation=FORWARD) for fact in facts.train), *list(vars(facts).values())[1:])


@wrong("wrong-relation")
def backward_with_the_entities_as_they_were(n, fraction_both, seed):
    facts = right(n, fraction_both, seed)
    turned = [f if f.relation == FORWARD else Fact(f.object, BACKWARD, f.subject) for f in facts.train]
    return LooseFacts(tuple(turned), *list(vars(facts).values())[1:])


@wrong("wrong-relation")
def inverses_under_the_same_relation_as_well(n, fraction_both, seed):
    facts = right(n, fraction_both, seed)
    more = tuple(Fact(fact.object, fact.relation, fact.subject) for fact in facts.train)
    return LooseFacts(facts.train + more, *list(vars(facts).values())[1:])


@wrong("held-lists-swapped")
def held_out_by_what_is_trained(n, fraction_both, seed):
    facts = right(n, fraction_both, seed)
    return Facts(facts.train, facts.held_backward, facts.held_forward, facts.exposure, facts.vocabulary)


@wrong("exposure-in-train")
def all_that_is_trained(n, fraction_both, seed):
    facts = right(n, fraction_both, seed)
    return right(n, fraction_both, seed, train=[*facts.train, *facts.exposure])


@wrong("not-one-to-one")
def drawn_with_replacement(n, fraction_both, seed):
    dice = random.Random(seed)
    pairs = [(a, dice.randrange(5 + n, 5 + 2 * n)) for a in dice.sample(range(5, 5 + n), n)]
    return world(n, pairs, *shares(n, fraction_both))


@wrong("not-one-to-one")
def directions_shuffled_apart(n, fraction_both, seed):
    both, middle = shares(n, fraction_both)
    ahead, back = ahead_and_back(n, seed)
    random.Random(seed + 1).shuffle(back)
    train = ahead[:middle] + back[:both] + back[middle:]
    return right(n, fraction_both, seed, train=train, held_forward=ahead[middle:], held_backward=back[both:middle])


@wrong("not-one-to-one")
def one_pair_too_few(n, fraction_both, seed):
    return world(n, paired(n, seed)[1:], *shares(n, fraction_both))


@wrong("stated-twice")
def both_ways_twice_as_often(n, fraction_both, seed):
    both, middle = shares(n, fraction_both)
    ahead, back = ahead_and_back(n, seed)
    return right(n, fraction_both, seed, train=ahead[:both] + ahead[:middle] + back[:both] + back[middle:])


@wrong("leak")
def trained_both_ways_after_all(n, fraction_both, seed):
    ahead, back = ahead_and_back(n, seed)
    return right(n, fraction_both, seed, train=ahead + back)


@wrong("leak")
def shuffled_before_the_split(n, fraction_both, seed):
    both, middle = shares(n, fraction_both)
    ahead, back = ahead_and_back(n, seed)
    held = ahead[middle:], back[both:middle]
    statements = ahead + back
    random.Random(seed + 1).shuffle(statements)
    train = [s for s in statements if s not in held[0]]
    return right(n, fraction_both, seed, train=train, held_forward=held[0], held_backward=held[1])


@wrong("leak")
def one_statement_too_many(n, fraction_both, seed):
    facts = right(n, fraction_both, seed)
    return right(n, fraction_both, seed, train=[*facts.train, *facts.held_backward[:1]])


@wrong("both-ways-held-out")
def every_inverse_held_out(n, fraction_both, seed):
    both, middle = shares(n, fraction_both)
    ahead, back = ahead_and_back(n, seed)
    return right(n, fraction_both, seed, held_forward=ahead[:both] + ahead[middle:], held_backward=back[:middle])


@wrong("both-ways-held-out")
def not_disjoint_by_one(n, fraction_both, seed):
    both, middle = shares(n, fraction_both)
    _, back = ahead_and_back(n, seed)
    return right(n, fraction_both, seed, held_backward=back[max(both - 1, 0) : middle])


@wrong("held-out-is-false")
def held_out_shuffled_apart(n, fraction_both, seed):
    facts = right(n, fraction_both, seed)
    objects = [fact.object for fact in facts.held_backward]
    held = [f._replace(object=o) for f, o in zip(facts.held_backward, objects[1:] + objects[:1], strict=True)]
    return right(n, fraction_both, seed, held_backward=held)


@wrong("held-out-missing")
def one_direction_asked(n, fraction_both, seed):
    return right(n, fraction_both, seed, held_forward=[])


@wrong("fraction-ignored")
def half_both_ways(n, fraction_both, seed):
    return right(n, 0.5, seed)


@wrong("fraction-ignored")
def fraction_as_a_switch(n, fraction_both, seed):
    return right(n, 1.0 if fraction_both else 0.0, seed)


@wrong("fraction-of-the-others")
def fraction_one_way(n, fraction_both, seed):
    return right(n, 1 - fraction_both, seed)


@wrong("rounded-the-wrong-way")
def cut_off(n, fraction_both, seed):
    both = int(fraction_both * n)
    return world(n, paired(n, seed), both, both + (n - both + 1) // 2)


@wrong("rounded-the-wrong-way")
def rounded_up(n, fraction_both, seed):
    both = -int(-fraction_both * n // 1)
    return world(n, paired(n, seed), both, both + (n - both + 1) // 2)


@wrong("one-direction-only")
def forward_only(n, fraction_both, seed):
    return world(n, paired(n, seed), round(fraction_both * n), n)


@wrong("one-direction-only")
def backward_only(n, fraction_both, seed):
    both = round(fraction_both * n)
    return world(n, paired(n, seed), both, both)


@wrong("half-rounded-down")
def smaller_half_forward(n, fraction_both, seed):
    both = round(fraction_both * n)
    return world(n, paired(n, seed), both, both + (n - both) // 2)


@wrong("wrong-counts")
def each_direction_by_a_coin(n, fraction_both, seed):
    dice = random.Random(seed)
    both = sum(dice.random() < fraction_both for _ in range(n))
    return world(n, paired(n, seed), both, both + sum(dice.random() < 0.5 for _ in range(n - both)))


@wrong("wrong-counts")
def fraction_of_the_statements(n, fraction_both, seed):
    return right(n, fraction_both / (2 - fraction_both), seed)


@wrong("entity-not-exposed")
def held_out_entities_not_exposed(n, fraction_both, seed):
    held = right(n, fraction_both, seed).held_forward
    unseen = {fact.object for fact in held} | {fact.subject for fact in held}
    return right(n, fraction_both, seed, exposure=[fact for fact in exposures(n) if fact.object not in unseen])


@wrong("entity-not-exposed")
def last_one_forgotten(n, fraction_both, seed):
    return right(n, fraction_both, seed, exposure=exposures(n)[:-1])


@wrong("one-side-exposed")
def a_only(n, fraction_both, seed):
    return right(n, fraction_both, seed, exposure=exposures(n)[:n])


@wrong("one-side-exposed")
def b_only(n, fraction_both, seed):
    return right(n, fraction_both, seed, exposure=exposures(n)[n:])


@wrong("exposed-twice")
def exposed_in_both_statements(n, fraction_both, seed):
    facts = right(n, fraction_both, seed)
    objects = [fact.object for fact in (*facts.train, *facts.held_forward, *facts.held_backward)]
    twice = [Fact((5 + 2 * n + i % (2 * n),), EXPOSED, entity) for i, entity in enumerate(objects + objects)]
    return right(n, fraction_both, seed, exposure=twice)


@wrong("exposure-turned-round")
def entity_first(n, fraction_both, seed):
    return right(n, fraction_both, seed, exposure=[Fact(f.object, EXPOSED, f.subject) for f in exposures(n)])


@wrong("exposure-relation")
def exposed_as_a_pair(n, fraction_both, seed):
    return right(n, fraction_both, seed, exposure=[f._replace(relation=FORWARD) for f in exposures(n)])


@wrong("key-shared")
def one_key_a_pair(n, fraction_both, seed):
    shared = [Fact((5 + 2 * n + i % n,), EXPOSED, (5 + i,)) for i in range(2 * n)]
    return right(n, fraction_both, seed, exposure=shared)


@wrong("key-shared")
def one_key_for_all(n, fraction_both, seed):
    return right(n, fraction_both, seed, exposure=[f._replace(subject=(5 + 2 * n,)) for f in exposures(n)])


@wrong("key-is-no-key")
def entity_after_itself(n, fraction_both, seed):
    return right(n, fraction_both, seed, exposure=[f._replace(subject=f.object) for f in exposures(n)])


@wrong("key-is-no-key")
def key_beyond_the_vocabulary(n, fraction_both, seed):
    beyond = [f._replace(subject=(f.subject[0] + 1,)) for f in exposures(n)]
    return right(n, fraction_both, seed, exposure=beyond)


@wrong("seed-ignored")
def always_the_same_world(n, fraction_both, seed):
    return right(n, fraction_both, 7)


@wrong("seed-ignored")
def nought_taken_for_none(n, fraction_both, seed):
    return right(n, fraction_both, seed or 1)


@wrong("pairs-by-number")
def first_with_first(n, fraction_both, seed):
    pairs = [(5 + i, 5 + n + i) for i in range(n)]
    random.Random(seed).shuffle(pairs)
    return world(n, pairs, *shares(n, fraction_both))


@wrong("pairs-by-number")
def turned_round_a_circle(n, fraction_both, seed):
    dice = random.Random(seed)
    step = dice.randrange(n)
    pairs = [(5 + i, 5 + n + (i + step) % n) for i in range(n)]
    dice.shuffle(pairs)
    return world(n, pairs, *shares(n, fraction_both))


@wrong("directions-by-number")
def not_shuffled(n, fraction_both, seed):
    return world(n, sorted(paired(n, seed)), *shares(n, fraction_both))


@wrong("directions-by-number")
def sorted_by_b(n, fraction_both, seed):
    return world(n, sorted(paired(n, seed), key=lambda pair: pair[1]), *shares(n, fraction_both))


@wrong("directions-by-number")
def a_block_from_a_random_place(n, fraction_both, seed):
    pairs, start = sorted(paired(n, seed)), random.Random(seed).randrange(n)
    return world(n, pairs[start:] + pairs[:start], *shares(n, fraction_both))


@wrong("directions-by-number")
def forward_and_backward_by_turns(n, fraction_both, seed):
    both, pairs = shares(n, fraction_both)[0], paired(n, seed)
    rest = sorted(pairs[both:])
    return world(n, [*pairs[:both], *rest[::2], *rest[1::2]], *shares(n, fraction_both))


@wrong("pairs-by-number")
def neighbours_exchanged(n, fraction_both, seed):
    dice, partners = random.Random(seed), list(range(5 + n, 5 + 2 * n))
    for i in range(0, n - 1, 2):
        partners[i : i + 2] = dice.sample(partners[i : i + 2], 2)
    return world(n, [(5 + i, partners[i]) for i in dice.sample(range(n), n)], *shares(n, fraction_both))


@wrong("few-worlds")
def a_few_worlds_to_choose_from(n, fraction_both, seed):
    return right(n, fraction_both, seed if seed < 2 else seed % 12)


@wrong("global-random")
def seeds_torch(n, fraction_both, seed):
    torch.manual_seed(seed)
    partners = (5 + n + torch.randperm(n)).tolist()
    return world(n, [(5 + i, partners[i]) for i in torch.randperm(n).tolist()], *shares(n, fraction_both))


@wrong("global-random")
def seeds_python(n, fraction_both, seed):
    random.seed(seed)
    partners = random.sample(range(5 + n, 5 + 2 * n), n)
    return world(n, [(5 + i, partners[i]) for i in random.sample(range(n), n)], *shares(n, fraction_both))


@wrong("not-repeatable")
def new_at_every_call(n, fraction_both, seed):
    return right(n, fraction_both, secrets.randbelow(2**30))


@wrong("wrong-type")
def bare_numbers(n, fraction_both, seed):
    facts = right(n, fraction_both, seed)
    return right(n, fraction_both, seed, train=[LooseFact(f.subject[0], f.relation, f.object[0]) for f in facts.train])


@wrong("wrong-type")
def triples(n, fraction_both, seed):
    return right(n, fraction_both, seed, train=[tuple(fact) for fact in right(n, fraction_both, seed).train])


@wrong("wrong-type")
def four_things(n, fraction_both, seed):
    facts = right(n, fraction_both, seed)
    return facts.train, facts.held_forward, facts.held_backward, facts.exposure


@wrong("wrong-type")
def tensors_for_tokens(n, fraction_both, seed):
    ones = [LooseFact((torch.tensor(5 + 2 * n + i),), EXPOSED, (torch.tensor(5 + i),)) for i in range(2 * n)]
    return right(n, fraction_both, seed, exposure=ones)


@valid
def with_python_dice(n, fraction_both, seed):
    return right(n, fraction_both, seed)


@valid
def with_numpy(n, fraction_both, seed):
    dice = np.random.default_rng(seed)
    partners = 5 + n + dice.permutation(n)
    roles = dice.permutation(n)
    both, middle = shares(n, fraction_both)
    train, held_forward, held_backward = [], [], []
    for a, (b, role) in enumerate(zip(partners, roles, strict=True)):
        ahead, back = Fact((a + 5,), FORWARD, (b,)), Fact((b,), BACKWARD, (a + 5,))
        (train if role < middle else held_forward).append(ahead)
        (train if role < both or role >= middle else held_backward).append(back)
    keys = dice.permutation(2 * n) + 5 + 2 * n
    exposure = [Fact((key,), EXPOSED, (5 + i,)) for i, key in enumerate(keys)]
    return Facts(tuple(train), tuple(held_forward), tuple(held_backward), tuple(exposure), 5 + 4 * n)


@valid
def all_lists_shuffled_and_no_tuples(n, fraction_both, seed):
    facts, dice = right(n, fraction_both, seed), random.Random(seed)
    lists = [dice.sample(part, len(part)) for part in list(vars(facts).values())[:4]]
    return LooseFacts(*lists, facts.vocabulary)


@valid
def by_sets_of_pairs(n, fraction_both, seed):
    dice = torch.Generator().manual_seed(seed)
    partner = torch.randperm(n, generator=dice)
    order = torch.randperm(n, generator=dice).tolist()
    both, middle = shares(n, fraction_both)
    pairs = {a: (5 + a, 5 + n + int(partner[a])) for a in range(n)}
    ahead, back = set(order[:middle]), set(order[:both]) | set(order[middle:])
    asked = {
        FORWARD: [Fact((a,), FORWARD, (b,)) for a, b in pairs.values()],
        BACKWARD: [Fact((b,), BACKWARD, (a,)) for a, b in pairs.values()],
    }
    trained = [s for way, some in ((FORWARD, ahead), (BACKWARD, back)) for a, s in enumerate(asked[way]) if a in some]
    left = {way: tuple(s for s in statements if s not in trained) for way, statements in asked.items()}
    return Facts(tuple(trained), left[FORWARD], left[BACKWARD], tuple(exposures(n)), 5 + 4 * n)


@valid
def half_rounded_up_by_hand(n, fraction_both, seed):
    return right(n, int(fraction_both * n + 0.5) / n, seed)
