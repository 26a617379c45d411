"""A verdict that somebody has to look at, because the fault is not the submission's."""

from typing import Any

UNGRADED = "ungraded"


def ungraded(words: str, *, lost: bool = False) -> dict[str, Any]:
    """Return it, as plain data.

    Args:
        words: what happened.
        lost: whether it happened to the process that looks at answers, so that an answer may be the reason.
    """
    last = (words.strip().splitlines() or [""])[-1][:500]
    text = f"This exercise could not be graded; an instructor has to look at it. ({last})"
    return {"status": UNGRADED, "id": UNGRADED, "text": text, "notes": [], "printed": "", "seed": None, "lost": lost}
