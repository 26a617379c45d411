"""What the checks about statements share: the promise about `Facts`, and statements written to be read."""

import numbers
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from chisel.checking.contract import WRONG_TYPE, Arguments, Problem
from chisel.reversal_curse.statements import Fact, Facts

PARTS = ("train", "held_forward", "held_backward", "exposure")
RELATIONS = ("FORWARD", "BACKWARD", "EXPOSED", "IDENTICAL", "MASK")
_SHOWN = 10  # statements of a list


@dataclass(frozen=True)
class World:
    """A `Facts` whose four parts are tuples (or lists) of `Fact`, with entities that are tuples of whole numbers."""

    def problem(self, result: Any, arguments: Arguments) -> Problem | None:
        """See `Contract.problem`."""
        if not isinstance(result, Facts):
            return WRONG_TYPE, f"{type(result).__name__}, where `Facts` are promised"
        for part in PARTS:
            statements = getattr(result, part)
            if not isinstance(statements, tuple | list):
                return WRONG_TYPE, f"`{part}` is a {type(statements).__name__}, where a tuple of `Fact` is promised"
            odd = next((statement for statement in statements if not _proper(statement)), None)
            if odd is not None:
                want = "where `Fact(subject, relation, object)` is promised, its entities as tuples of whole numbers"
                return WRONG_TYPE, f"in `{part}`: {odd!r}, {want}"
        if not _whole(result.vocabulary):
            return WRONG_TYPE, f"`vocabulary` is {result.vocabulary!r}, where a whole number is promised"
        return None

    def same(self, a: Facts, b: Facts, relative: float, absolute: float) -> bool:
        """See `Contract.same`."""
        return content(a) == content(b)


def _proper(statement: Any) -> bool:
    if not isinstance(statement, Fact) or not _whole(statement.relation):
        return False
    entities = (statement.subject, statement.object)
    return all(isinstance(entity, tuple) and entity and all(map(_whole, entity)) for entity in entities)


def _whole(value: Any) -> bool:
    return type(value) is int or (isinstance(value, numbers.Integral) and not isinstance(value, bool))


def content(facts: Facts) -> tuple[Any, ...]:
    """All that facts say, whether their parts are tuples or lists."""
    return (*(tuple(getattr(facts, part)) for part in PARTS), facts.vocabulary)


def written(statement: Fact) -> str:
    """Write one statement: `5 FORWARD 9`, an entity of several tokens as `5-6`."""
    relation = int(statement.relation)
    name = RELATIONS[relation] if 0 <= relation < len(RELATIONS) else f"relation {relation}"
    return f"{entity(statement.subject)} {name} {entity(statement.object)}"


def entity(tokens: Iterable[int]) -> str:
    """Write an entity: its tokens, joined by hyphens."""
    return "-".join(str(int(token)) for token in tokens)


def listed(statements: Iterable[Fact]) -> str:
    """Write statements in a row, the first few of them if there are many."""
    texts = [written(statement) for statement in statements]
    more = f" · and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return " · ".join(texts[:_SHOWN]) + more if texts else "nothing"
