"""Rows of a chart: dots of seeds, and means with their intervals, beside each other within a row."""

import pytest

pytest.importorskip("plotly")

from chisel.core.estimates import Estimate
from chisel.core.plotting import new_figure, traces
from chisel.core.row_charts import add_rows


def test_each_quantity_has_its_dots_and_its_whiskers_in_the_order_of_the_rows():
    chart = new_figure("value (unit)", "")
    estimates = [Estimate(0.5, 0.4, 0.7, 10), Estimate(0.2, 0.1, 0.3, 10)]
    add_rows(chart, ["first", "second"], estimates, [("first", 0.45), ("second", 0.2)], "one", "#000000", "circle")
    add_rows(chart, ["first"], estimates[:1], [("first", 0.6)], "other", "#111111", "square")
    dots, means, _, other = traces(chart)
    assert list(dots.x) == [0.45, 0.2] and list(means.y) == ["first", "second"]
    assert list(means.error_x.array) == pytest.approx([0.2, 0.1])
    assert list(means.error_x.arrayminus) == pytest.approx([0.1, 0.1])
    assert dots.meta == "drawing" and not dots.showlegend and means.offsetgroup != other.offsetgroup
    assert chart.to_plotly_json()["layout"]["yaxis"]["categoryarray"][-1] == "first"  # the first row is on top


def test_as_many_estimates_as_rows():
    with pytest.raises(ValueError, match="zip"):
        add_rows(new_figure("x", "y"), ["a", "b"], [Estimate(0, 0, 0, 2)], [], "n", "#000000", "circle")
