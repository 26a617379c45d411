"""What a reader is told when an answer is shown: the result, the scores of what was predicted, and how they add up."""

import textwrap
from collections.abc import Sequence
from datetime import datetime

from chisel.core.estimates import Estimate
from chisel.core.questions import Question
from chisel.journal.scoring import (
    ALWAYS_HALF_BRIER,
    ALWAYS_HALF_LOG,
    Scored,
    calibration,
    in_bits,
    mean_brier,
    mean_log,
)

WIDTH = 100  # columns: a notebook's output breaks longer lines in the middle of a word
MARGIN = "    "


def answer(question: Question, estimate: Estimate) -> str:
    """Return the question, the answer that a measurement gives, and why."""
    word = "Yes" if question.settled_by(estimate) else "No"
    return f"{folded(question.text)}\n{folded(f'{word}. {measured(question, estimate)}. {question.because}', MARGIN)}"


def measured(question: Question, estimate: Estimate) -> str:
    """Return the number that settles a question, with its interval, to the digits that the question asks about."""
    form = "z.2f" if abs(question.threshold) < 2 else "z.1f"
    value, low, high = (format(number, form) for number in (estimate.value, estimate.low, estimate.high))
    what = question.what[:1].upper() + question.what[1:] or "Measured"
    return f"{what}: {value}" if low == high else f"{what}: {value} ({low} to {high})"


def verdict(question: Question, estimate: Estimate, credence: float | None) -> str:
    """Return what was said about a question, and how it scores."""
    if credence is None:
        return f"{MARGIN}You said nothing."
    own = Scored(question.id, "", credence, question.settled_by(estimate))
    return f"{MARGIN}You said {credence:.2f}: Brier {own.brier:.2f}, log {in_bits(own.log)}."


def running(scored: Sequence[Scored], every: Sequence[Scored]) -> str:
    """Say how these predictions scored, how all did so far, and how often yes came after which credence."""
    rows = [("Your mean here", len(scored), mean_brier(scored), mean_log(scored))]
    if len(every) > len(scored):
        rows.append(("Your mean so far", len(every), mean_brier(every), mean_log(every)))
    rows.append(("Always one half", 0, ALWAYS_HALF_BRIER, ALWAYS_HALF_LOG))
    lines = [
        f"{name:<16} {f'(of {n})' if n else '':<8} Brier {brier:.2f}, log {in_bits(log)}"
        for name, n, brier, log in rows
    ]
    came = "; ".join(
        f"{found.low:.1f} to {found.high:.1f}: {round(found.share * found.n)} of {found.n}"
        for found in calibration(every)
    )
    return "\n".join([*lines, folded(f"Your calibration, what you said and how often yes came: {came}.")])


def moment(at: str) -> str:
    """Write a time of the journal as the reader's clock has it."""
    return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d at %H:%M")


def folded(text: str, margin: str = "") -> str:
    """Return the text in lines that no notebook has to break."""
    return textwrap.fill(text.strip(), WIDTH, initial_indent=margin, subsequent_indent=margin)
