"""Predictions of a reader: asked for before a result is shown, sealed when it is, then scored.

In a notebook `ask("region-size")` shows sliders for the questions about that claim; `predict("id", 0.7)` does the same
without a front end. `reveal("region-size")` seals what was said, and answers.
"""

import difflib
import numbers
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chisel.core.catalogue import find_chapters, find_questions
from chisel.core.estimates import Estimate
from chisel.core.journal import PREDICTION, SEALED, Event, JournalError, open_journal, record, switched_off
from chisel.core.questions import Question
from chisel.core.results import ResultError, load_result
from chisel.journal.scoring import Scored
from chisel.journal.telling import answer, moment, running, verdict


class PredictionError(ValueError):
    """A prediction that cannot be taken. The message is one line."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows in place of a traceback, which would say nothing to a reader."""
        return [str(self)]


@dataclass(frozen=True)
class Prediction:
    """What stands for one question: the last credence before the seal.

    Attributes:
        credence: in "yes", 0 to 1.
        at: when it was said, in UTC.
        sealed: when the answer was shown, or None.
    """

    question: str
    credence: float
    at: str
    sealed: str | None


def questions_of(*claims: str) -> tuple[Question, ...]:
    """Return the questions about these claims.

    Raises:
        PredictionError: there are none about one of them.
    """
    every = find_questions()
    for claim in claims:
        if claim not in (known := {question.claim for question in every}):
            raise PredictionError(f"no question is about a claim {claim!r}{_near(claim, known)}")
    return tuple(question for claim in claims for question in every if question.claim == claim)


def predict(question: str, credence: float) -> None:
    """Record a credence that the answer to a question is yes, and say so. Until the seal, a later one takes its place.

    Where nothing can be recorded, that is said on standard error, and the notebook goes on.

    Raises:
        PredictionError: an unknown question, a credence outside 0 to 1, or an answer that was shown already.
    """
    try:
        said = take(question, credence)
    except JournalError as error:
        print(f"not recorded: {error}", file=sys.stderr)
    else:
        print(f"{question}: {said:.2f} that the answer is yes")


def take(question: str, credence: float) -> float:
    """Record a credence and return it; errors as in `predict`.

    Raises:
        JournalError: it cannot be recorded.
    """
    known = _question(question)
    if isinstance(credence, bool) or not isinstance(credence, numbers.Real) or not 0 <= credence <= 1:
        raise PredictionError(f"a credence is a number from 0 (surely no) to 1 (surely yes), not {credence!r}")
    if switched_off():
        return float(credence)
    journal = open_journal()
    events = journal.events(PREDICTION, SEALED)
    sealed = next((event.at for event in events if event.kind == SEALED and event.subject == known.id), None)
    if sealed:
        own = standing(events).get(known.id)
        before = f"so your {own.credence:.2f} stands" if own else "before you said anything: it would be no prediction"
        raise PredictionError(f"{known.id}: the answer was shown on {moment(sealed)}, {before}")
    journal.add(PREDICTION, known.id, {"credence": float(credence)})
    return float(credence)


def standing(events: Sequence[Event]) -> dict[str, Prediction]:
    """Return what stands for each question that was predicted: the last credence before its first seal."""
    found: dict[str, Prediction] = {}
    shown: dict[str, str] = {}
    for event in events:
        if event.kind == SEALED:
            shown.setdefault(event.subject, event.at)
        elif event.kind == PREDICTION and event.subject not in shown:
            found[event.subject] = Prediction(event.subject, float(event.value["credence"]), event.at, None)
    return {name: Prediction(p.question, p.credence, p.at, shown.get(name)) for name, p in found.items()}


def seal(*claims: str) -> None:
    """Seal the predictions about these claims, because a result is about to be shown. Nothing is printed.

    Raises:
        PredictionError: there are no questions about one of them.
    """
    for question in questions_of(*claims):
        if record(SEALED, question.id, {}) is None:
            return  # that nothing is recorded is said once


def reveal(*claims: str) -> None:
    """Seal the predictions about these claims, print the answers, and score what was predicted.

    Raises:
        PredictionError: there are no questions about one of them, or a result is not stored.
    """
    asked = questions_of(*claims)
    measured = {question.id: _estimate(question) for question in asked}  # first, for without them nothing is shown
    seal(*claims)
    said = _said()
    for question in asked:
        print(answer(question, measured[question.id]))
        if said is not None:
            print(verdict(question, measured[question.id], said[question.id].credence if question.id in said else None))
    every = score((said or {}).values())
    scored = [each for each in every if each.question in measured]
    if scored:
        print(running(scored, every))


def score(predictions: Any) -> list[Scored]:
    """Return the sealed predictions with their outcomes. A question that is gone from the book is left out."""
    known = {question.id: question for question in find_questions()}
    chapters = {claim.id: chapter.package.rpartition(".")[2] for chapter in find_chapters() for claim in chapter.claims}
    return [
        Scored(p.question, chapters[known[p.question].claim], p.credence, outcome_of(known[p.question]))
        for p in predictions
        if p.sealed and p.question in known
    ]


def outcome_of(question: Question) -> bool:
    """Return the answer that the stored result gives.

    Raises:
        PredictionError: the result is not stored, or has no such measurement.
    """
    return question.settled_by(_estimate(question))


def _estimate(question: Question) -> Estimate:
    claims = {claim.id: claim for chapter in find_chapters() for claim in chapter.claims}
    try:
        measurements = load_result(claims[question.claim]).measurements
    except ResultError as error:
        raise PredictionError(f"{question.id}: its answer is not stored ({error})") from error
    if question.measurement not in measurements:
        raise PredictionError(f"{question.id}: the result of {question.claim} has no {question.measurement!r}")
    return measurements[question.measurement]


def _said() -> dict[str, Prediction] | None:
    """Return what stands, or None where nothing is recorded or, which is said, where it cannot be read."""
    if switched_off():
        return None
    try:
        return standing(open_journal().events(PREDICTION, SEALED))
    except JournalError as error:
        print(f"your predictions cannot be read: {error}")
        return None


def _question(name: str) -> Question:
    known = {question.id: question for question in find_questions()}
    if not isinstance(name, str) or name not in known:
        raise PredictionError(f"no question is called {name!r}{_near(name, known)}")
    return known[name]


def _near(name: object, known: Any) -> str:
    near = difflib.get_close_matches(str(name), list(known), n=1)
    return f": did you mean {near[0]}?" if near else ""
