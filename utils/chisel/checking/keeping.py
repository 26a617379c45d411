"""What a check leaves in the reader's journal, and when it says where the solution is."""

from chisel.checking.report import FAILED, NOT_ATTEMPTED, PASSED, Report
from chisel.core.journal import CHECK, JournalError, open_journal, record, switched_off

ENOUGH_TRIES = 3


def keep_outcome(report: Report) -> str:
    """Record the outcome of a check, and return what is to be said under the report: where the solution is, or nothing.

    The solution is named after a pass, to compare with, and after three failed tries. It is a notice and no lock.
    """
    if switched_off() or report.status == NOT_ATTEMPTED:
        return ""
    subject = subject_of(report)
    record(CHECK, subject, {"status": report.status, "diagnosis": report.id, "seed": report.seed})
    if report.status == PASSED:
        return f"  To compare: the notebook in solutions/, or {report.solution.replace(':', '.')} in the library."
    try:
        failed = sum(e.subject == subject and e.value.get("status") == FAILED for e in open_journal().events(CHECK))
    except JournalError:
        return ""  # that it cannot be read was said when it could not be written
    if failed < ENOUGH_TRIES:
        return ""
    return f"  Tried {failed} times. If the hints do not help: the notebook in solutions/ has this exercise solved."


def subject_of(report: Report) -> str:
    """Return "chapter/exercise" of a report."""
    return f"{report.solution.split('.')[1]}/{report.exercise}"
