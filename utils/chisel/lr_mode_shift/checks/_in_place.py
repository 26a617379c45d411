"""For functions whose task is to change what they are given: the engine sees a function that returns what was left."""

from collections.abc import Callable
from typing import Any

from chisel.checking import Attempt


class Recipe:
    """Something that each call gets a new copy of. To the engine it is a value that never changes."""

    def __init__(self, words: str, make: Callable[[], Any]):
        self.words = words
        self.make = make

    def __deepcopy__(self, memo: dict[int, Any]) -> "Recipe":
        return self

    def __str__(self) -> str:
        return self.words


class InPlace:
    """A learner's function, called with something new by a recipe; returns what `watch` sees of the call.

    Attributes:
        watch: gets the new thing and a function that makes the call.
    """

    def __init__(self, function: Callable[..., Any], watch: Callable[[Any, Callable[[], Any]], Any]):
        self.function = function
        self.watch = watch
        self.__code__ = getattr(function, "__code__", None)  # by which the engine finds the learner's line in a trace

    def __call__(self, recipe: Recipe, *rest: Any) -> Any:
        given = recipe.make()
        return self.watch(given, lambda: self.function(given, *rest))


def watched(attempt: Attempt, watch: Callable[[Any, Callable[[], Any]], Any]) -> Attempt:
    """Return the attempt, whose first argument from now on is a recipe."""
    if not isinstance(attempt.function, InPlace):
        attempt.function = InPlace(attempt.function, watch)
    return attempt
