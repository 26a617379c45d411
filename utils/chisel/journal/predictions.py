"""Predictions of a reader: asked for before a result is shown, sealed when it is, then scored.

In a notebook `ask("region-size")` shows sliders for the questions about that claim; `predict("id", 0.7)` does the same
without a front end. `reveal("region-size")` seals what was said, and answers.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chisel.core.catalogue import Chapter, find_chapters, find_questions
from chisel.core.journal import PREDICTION, SEALED, Event, JournalError, open_journal, record, switched_off
from chisel.core.questions import Question
from chisel.core.results import ResultError, load_result
from chisel.journal.scoring import Scored, mean_brier, mean_log


class PredictionError(ValueError):
    """A prediction that cannot be taken. The message is one line."""


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
    """Record a credence that the answer to a question is yes. Until the seal, a later one takes its place.

    Raises:
        PredictionError: an unknown question, a credence outside 0 to 1, or an answer that was shown already.
        JournalError: it cannot be recorded.
    """
    known = _question(question)
    if isinstance(credence, bool) or not isinstance(credence, int | float) or not 0 <= credence <= 1:
        raise PredictionError(f"a credence is a number from 0 to 1, not {credence!r}: how sure are you of a yes?")
    journal = open_journal()
    now = standing(journal.events(PREDICTION, SEALED)).get(known.id)
    if now is not None and now.sealed:
        raise PredictionError(f"{known.id}: the answer was shown at {now.sealed}; your {now.credence:.2f} stands")
    if now is None and known.id in _shown(journal.events(SEALED)):
        raise PredictionError(
            f"{known.id}: the answer was shown before you said anything, so it would be no prediction"
        )
    if not switched_off():
        journal.add(PREDICTION, known.id, {"credence": float(credence)})
    print(f"{known.id}: {credence:.2f} that the answer is yes")


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
        record(SEALED, question.id, {})


def reveal(*claims: str) -> None:
    """Seal the predictions about these claims, print the answers, and score what was predicted.

    Raises:
        PredictionError: there are no questions about one of them, or a result is not stored.
    """
    asked = questions_of(*claims)
    answers = {question.id: outcome_of(question) for question in asked}
    seal(*claims)
    said = {} if switched_off() else standing(_events_or_none())
    for question in asked:
        print(_answer_lines(question, answers[question.id], said.get(question.id)))
    every = score(said.values())
    scored = [each for each in every if each.question in answers]
    if scored:
        print(
            f"This time: Brier {mean_brier(scored):.2f}, log {mean_log(scored):.2f} bits. "
            f"So far, over {len(every)}: Brier {mean_brier(every):.2f} (always saying one half: .25), "
            f"log {mean_log(every):.2f} bits (one half: 1.00)."
        )


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
    claims = {claim.id: claim for chapter in find_chapters() for claim in chapter.claims}
    try:
        measurements = load_result(claims[question.claim]).measurements
    except ResultError as error:
        raise PredictionError(f"{question.id}: its answer is not stored ({error})") from error
    if question.measurement not in measurements:
        raise PredictionError(f"{question.id}: the result of {question.claim} has no {question.measurement!r}")
    return question.settled_by(measurements[question.measurement])


def chapters_with_questions() -> tuple[Chapter, ...]:
    """Return the chapters that ask something."""
    asking = {question.claim for question in find_questions()}
    return tuple(c for c in find_chapters() if any(claim.id in asking for claim in c.claims))


def _answer_lines(question: Question, answer: bool, said: Prediction | None) -> str:
    own = "" if switched_off() else f"; you said {said.credence:.2f}" if said else "; you said nothing"
    reason = f" {question.because}" if question.because else ""
    return f"{question.text}\n    {'yes' if answer else 'no'}{own}.{reason}"


def _events_or_none() -> list[Event]:
    try:
        return open_journal().events(PREDICTION, SEALED)
    except JournalError as error:
        print(f"your predictions cannot be read: {error}")
        return []


def _shown(events: Sequence[Event]) -> set[str]:
    return {event.subject for event in events}


def _question(name: str) -> Question:
    known = {question.id: question for question in find_questions()}
    if name not in known:
        raise PredictionError(f"no question is called {name!r}{_near(name, known)}")
    return known[name]


def _near(name: object, known: Any) -> str:
    near = difflib.get_close_matches(str(name), list(known), n=1)
    return f": did you mean {near[0]}?" if near else ""
