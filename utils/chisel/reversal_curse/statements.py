"""Statements: who stands in a relation to whom, which are trained, and which are asked for later.

A statement is a sequence `subject relation object` of tokens. A pair of entities (A, B) can be stated forward, as
`A FORWARD B`, and backward, as `B BACKWARD A`. A pair that is stated in one direction leaves the other to be asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor

FORWARD, BACKWARD, EXPOSED, IDENTICAL, MASK = range(5)  # the first tokens of every vocabulary
FIRST_ENTITY = 5


class Fact(NamedTuple):
    """A statement `subject relation object`; an entity may have several tokens."""

    subject: tuple[int, ...]
    relation: int
    object: tuple[int, ...]


@dataclass(frozen=True)
class Facts:
    """What is trained and what is asked.

    Attributes:
        train: the statements about pairs that are trained.
        held_forward: true statements with the relation FORWARD that are not trained; those pairs are stated backward.
        held_backward: true statements with the relation BACKWARD that are not trained; those pairs are stated forward.
        exposure: one statement `key EXPOSED entity` an entity, each with a key of its own. They are trained as well.
        vocabulary: how many tokens there are.
    """

    train: tuple[Fact, ...]
    held_forward: tuple[Fact, ...]
    held_backward: tuple[Fact, ...]
    exposure: tuple[Fact, ...]
    vocabulary: int


def both_ways(facts: Facts) -> Facts:
    """Return the facts with every held-out statement trained. What was held out is still listed, and is now a check."""
    return replace(facts, train=(*facts.train, *facts.held_forward, *facts.held_backward))


def sequences(statements: Sequence[Fact]) -> Tensor:
    """Return the statements as token ids [N, L].

    Raises:
        ValueError: there are none, or they differ in length.
    """
    rows = [(*fact.subject, fact.relation, *fact.object) for fact in statements]
    lengths = {len(row) for row in rows}
    if not rows:
        raise ValueError("there are no statements: a model needs at least one")
    if len(lengths) > 1:
        raise ValueError(f"statements of one batch must have one length, these have {sorted(lengths)}")
    return torch.tensor(rows)


def prompts(statements: Sequence[Fact]) -> Tensor:
    """Return `subject relation` of each statement as token ids [N, L]; errors as `sequences`."""
    return sequences([Fact(fact.subject, fact.relation, ()) for fact in statements])


def names(statements: Sequence[Fact]) -> Tensor:
    """Return the objects of statements as token ids [N, L].

    Raises:
        ValueError: there are none, they differ in length, or two are the same.
    """
    objects = [fact.object for fact in statements]
    if len(set(objects)) < len(objects):
        raise ValueError("two statements have the same object: a forced choice among names needs each name once")
    if not objects or len({len(entity) for entity in objects}) > 1:
        raise ValueError("a forced choice needs at least one name, and all of one length")
    return torch.tensor(objects)
