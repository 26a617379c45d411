"""The error whose message is meant for the instructor."""


class CourseError(RuntimeError):
    """Something is wrong with a folder, a chapter or this machine. The message says what, and the way out."""
