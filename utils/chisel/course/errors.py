"""Errors of grading."""


class CourseError(RuntimeError):
    """Something is wrong with a folder, a chapter or this machine. The message says what, and the way out."""


class CheckLost(RuntimeError):
    """A check has stumbled, over what came back or by a fault of its own."""
