"""Tables of results: rows while they are made and read, columns by name while they are stored. Without torch."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Table = Mapping[str, Sequence[Any]]


def as_columns(names: Iterable[str], rows: Iterable[Sequence[Any]]) -> dict[str, list]:
    """Return rows as columns of these names; without any row they are empty.

    Raises:
        ValueError: a row has more or fewer values than there are names.
    """
    found: dict[str, list] = {name: [] for name in names}
    for row in rows:
        for column, value in zip(found.values(), row, strict=True):
            column.append(value)
    return found


def as_rows(table: Table, **wanted: object) -> list[dict[str, Any]]:
    """Return the rows of a table, each a dict by column: all of them, or those with these values.

    Raises:
        KeyError: the table has no such column.
        ValueError: the columns are not equally long.
    """
    every = [dict(zip(table, values, strict=True)) for values in zip(*table.values(), strict=True)]
    return [row for row in every if all(row[column] == value for column, value in wanted.items())]
