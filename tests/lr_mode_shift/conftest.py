"""Property tests draw the same examples at every run, keep no files, and are not timed: this may be a busy machine."""

from hypothesis import settings

settings.register_profile("chisel", max_examples=40, deadline=None, derandomize=True, database=None)
settings.load_profile("chisel")
