import pytest

from chisel.core.tables import as_columns, as_rows

TABLE = {"arm": ["a", "b", "a"], "step": [0, 0, 1]}


def test_rows_and_columns_are_each_others_inverse():
    assert as_columns(TABLE, [tuple(row.values()) for row in as_rows(TABLE)]) == TABLE


def test_rows_are_chosen_by_all_the_values_asked_for():
    assert as_rows(TABLE, arm="a", step=1) == [{"arm": "a", "step": 1}]
    assert as_rows(TABLE, arm="c") == []


def test_without_rows_the_columns_are_there_and_empty():
    assert as_columns(("x", "y"), []) == {"x": [], "y": []}
    assert as_rows({"x": [], "y": []}) == []


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="zip"):
        as_columns(("x", "y"), [(1, 2), (3,)])
    with pytest.raises(ValueError, match="zip"):
        as_rows({"x": [1], "y": []})
    with pytest.raises(KeyError):
        as_rows(TABLE, wing="a")
