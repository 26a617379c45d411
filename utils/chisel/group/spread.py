"""What a group predicted, question by question: where it is divided, and where the answer surprises it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from chisel.core.catalogue import find_chapters, find_questions
from chisel.core.questions import Question
from chisel.group.files import GroupError, Member
from chisel.journal.predictions import outcome_of


@dataclass(frozen=True)
class Spread:
    """A group's credences for one question.

    Attributes:
        question: what was asked.
        credences: (member, credence in "yes"), lowest first.
        outcome: the answer.
    """

    question: Question
    credences: tuple[tuple[str, float], ...]
    outcome: bool

    @property
    def mean(self) -> float:
        """The mean credence."""
        return math.fsum(credence for _, credence in self.credences) / len(self.credences)

    @property
    def division(self) -> float:
        """The standard deviation of the credences: 0 where all agree, .5 where half say yes and half say no."""
        return math.sqrt(math.fsum((credence - self.mean) ** 2 for _, credence in self.credences) / len(self.credences))

    @property
    def surprise(self) -> float:
        """The mean Brier score: 0 where all were right and sure, 1 where all were wrong and sure."""
        return math.fsum((credence - self.outcome) ** 2 for _, credence in self.credences) / len(self.credences)


def spreads(members: Sequence[Member], chapter: str | None = None) -> list[Spread]:
    """Return the spread for each question that somebody answered, in the book's order.

    Args:
        chapter: of this chapter alone, by the name of its package, such as "reversal_curse".

    Raises:
        GroupError: there is no such chapter.
    """
    claims = {one.package.rpartition(".")[2]: {claim.id for claim in one.claims} for one in find_chapters()}
    if chapter is not None and chapter not in claims:
        raise GroupError(f"no chapter is called {chapter!r}: there are {', '.join(claims)}")
    found = []
    for question in find_questions():
        if chapter is not None and question.claim not in claims[chapter]:
            continue
        said = [(m.name, m.predictions[question.id]) for m in members if question.id in m.predictions]
        if said:
            ordered = tuple(sorted(said, key=lambda pair: (pair[1], pair[0])))
            found.append(Spread(question, ordered, outcome_of(question)))
    return found


def most_divided(found: Sequence[Spread]) -> list[Spread]:
    """Return the questions by division, the most divided first. One answer alone divides nobody and is left out."""
    return sorted((s for s in found if len(s.credences) > 1), key=lambda s: (-s.division, s.question.id))


def most_surprising(found: Sequence[Spread]) -> list[Spread]:
    """Return the questions by surprise, the most surprising first."""
    return sorted(found, key=lambda s: (-s.surprise, s.question.id))
