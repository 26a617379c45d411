"""The checks of this chapter's exercises, one a function that a learner writes: `checks.gae(gae)`."""

__all__: list[str] = []
