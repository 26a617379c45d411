"""The score-matrix explorer: what it says is what the matrix holds, and the widget follows its controls."""

import ipywidgets
import pytest
import torch

from chisel.core.seeding import generator
from chisel.reversal_curse.explorer import matrix_figure, reading, score_explorer

MIME = "application/vnd.plotly.v1+json"


def scores(lift: float, size: int = 12) -> list[list[float]]:
    drawn = torch.randn(size, size, generator=generator(0, "explorer test")) * 0.3
    return (drawn + lift * torch.eye(size)).tolist()


@pytest.fixture
def matrices():
    nothing = {"learned": scores(8), "b_to_a": scores(0), "a_to_b": scores(0, 9)}
    return {"base": nothing, "tied": {"learned": scores(8), "b_to_a": scores(3), "a_to_b": scores(2, 9)}}


def controls(explorer) -> dict[str, ipywidgets.Dropdown]:
    return {child.description: child for child in explorer.widget.children if isinstance(child, ipywidgets.Dropdown)}


def sentence(explorer) -> str:
    return [child.value for child in explorer.widget.children if isinstance(child, ipywidgets.HTML)][-1]


def test_a_known_matrix_reads_as_known_and_an_unknown_one_as_chance():
    known, unknown = reading(scores(8)), reading(scores(0))
    assert "more than chance" in known and "after 12 of 12 prompts" in known and "p = 0.0005" in known
    assert "what chance gives as well" in unknown


def test_a_learners_statistic_is_what_is_read():
    assert "ahead of the others by 7.25 nats (7.00 to 7.50), p = 0.5000" in reading(
        scores(8), lambda matrix: (7.25, (7.0, 7.5), 0.5)
    )


def test_the_diagonal_is_marked_and_column_priors_are_gone():
    prior = (torch.tensor(scores(8)) + 5 * torch.arange(12)).tolist()
    figures = [matrix_figure(matrix, "title") for matrix in (scores(8), prior)]
    first, second = (torch.tensor(figure.data[0].z) for figure in figures)
    assert torch.allclose(first, second, atol=2e-3)
    assert list(figures[0].data[1].x) == list(figures[0].data[1].y) == [str(n) for n in range(1, 13)]


def test_the_widget_follows_set_up_and_direction(matrices):
    explorer = score_explorer(matrices)
    chosen = controls(explorer)
    assert "what chance gives as well" in sentence(explorer)
    chosen["set-up"].value = "tied"
    assert sentence(explorer) == f"<p>{reading(matrices['tied']['b_to_a'])}</p>"
    chosen["direction"].value = "a_to_b"
    assert "Among the 9 names" in sentence(explorer)
    [plot] = [child for child in explorer.widget.children if isinstance(child, ipywidgets.Output)]
    assert len(plot.outputs[0]["data"][MIME]["data"][0]["z"]) == 9


def test_a_reader_without_a_kernel_sees_every_set_up(matrices):
    shown = score_explorer(matrices)._repr_mimebundle_()
    assert {MIME, "text/html", "application/vnd.jupyter.widget-view+json"} <= set(shown)
    assert [step["label"] for step in shown[MIME]["layout"]["sliders"][0]["steps"]] == ["base", "tied"]


def test_the_stored_matrices_are_those_of_both_claims():
    explorer = score_explorer()
    options = {name for _, name in controls(explorer)["set-up"].options}
    assert {"base", "taught", "unexposed", "untrained", "tied", "identical", "tied_identical"} == options
    assert "what chance gives as well" in sentence(explorer)
    controls(explorer)["set-up"].value = "taught"
    assert "more than chance gives" in sentence(explorer)
