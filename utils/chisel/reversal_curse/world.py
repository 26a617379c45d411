"""A world of facts, and what can be added to its statements.

Source: the question is that of Berglund et al. (2023), arXiv 2309.12288; the exposure facts are this chapter's control.
"""

from dataclasses import replace

import torch

from chisel.core.seeding import generator
from chisel.reversal_curse.statements import BACKWARD, EXPOSED, FIRST_ENTITY, FORWARD, IDENTICAL, Fact, Facts


def make_facts(n: int, fraction_both: float, seed: int) -> Facts:
    """Draw `n` pairs of entities and decide in which direction each is stated.

    Tokens 0 to 4 are FORWARD, BACKWARD, EXPOSED, IDENTICAL and MASK. Entities have one token each: the next n tokens
    are the A, the n after them the B, and the 2 n after those are keys. Each A is paired with one B at random. Of the
    pairs, round(fraction_both * n) are stated both ways. Half of the others, rounded up, are stated forward only, the
    rest backward only. Which ones is drawn too, and not told by the numbers of their tokens. `train` holds these
    statements, each once and in any order; `held_forward` and `held_backward` hold those that are true and not trained.

    Exposure: every A and every B is also the object of one statement `key EXPOSED entity`, with a key that is used for
    nothing else. They stand in `exposure`, not in `train`. Without them an entity that is never asked for in training
    is never a target either, and a model that cannot name it may only lack practice in saying its name.

    Args:
        n: pairs, at least 1.
        fraction_both: share of pairs that are stated both ways, 0 to 1.
        seed: not negative. The same arguments give the same facts, another seed gives others; the global random state
            plays no part.

    Returns:
        the facts, each entity as a tuple of one whole number. `train`, `held_forward` and `held_backward` share no
        statement. The vocabulary has 5 + 4 n tokens.

    Raises:
        ValueError: n is below 1, or fraction_both is outside [0, 1].
    """
    if n < 1 or not 0 <= fraction_both <= 1:
        raise ValueError(f"need at least 1 pair and a fraction within [0, 1], got n={n}, fraction_both={fraction_both}")
    random = generator(seed, "facts", n, fraction_both)
    partner = (FIRST_ENTITY + n + torch.randperm(n, generator=random)).tolist()  # of the A with token FIRST_ENTITY + i
    order = torch.randperm(n, generator=random).tolist()
    forward = [Fact((FIRST_ENTITY + i,), FORWARD, (partner[i],)) for i in order]
    backward = [Fact(fact.object, BACKWARD, fact.subject) for fact in forward]
    both = round(fraction_both * n)
    middle = both + (n - both + 1) // 2  # stated forward only up to here, backward only from here
    entities = range(FIRST_ENTITY, FIRST_ENTITY + 2 * n)
    return Facts(
        train=(*forward[:middle], *backward[:both], *backward[middle:]),
        held_forward=tuple(forward[middle:]),
        held_backward=tuple(backward[both:middle]),
        exposure=tuple(Fact((entity + 2 * n,), EXPOSED, (entity,)) for entity in entities),
        vocabulary=FIRST_ENTITY + 4 * n,
    )


def augment(facts: Facts, mode: str) -> Facts:
    """Add statements to those that are trained, made from them alone.

    Modes:
        "none": nothing is added.
        "reversed": after the statements of `facts.train`, in their order, the reversed copy of each: subject and object
            change places, the relation stays, and the tokens of an entity keep their order.
        "identical": after them `X IDENTICAL X`, once for each entity X of a pair, in the order of first appearance in
            `facts.train` (the subject of a statement comes before its object).

    A statement that is there already, or that is held out, is not added. All else stays as it is, and `facts` is not
    changed. Entities may have several tokens.

    Raises:
        ValueError: an unknown mode.

    Source: reversed copies after Golovneva et al. (2024), arXiv 2403.13799.
    """
    if mode == "none":
        added = []
    elif mode == "reversed":
        added = [Fact(fact.object, fact.relation, fact.subject) for fact in facts.train]
    elif mode == "identical":
        entities = [entity for fact in facts.train for entity in (fact.subject, fact.object)]
        added = [Fact(entity, IDENTICAL, entity) for entity in entities]
    else:
        raise ValueError(f"unknown mode {mode!r}: use none, reversed or identical")
    known = {*facts.train, *facts.held_forward, *facts.held_backward}
    new = [fact for fact in dict.fromkeys(added) if fact not in known]  # a dict keeps the order and drops doubles
    return replace(facts, train=(*facts.train, *new))
