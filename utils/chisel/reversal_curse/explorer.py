"""The score-matrix explorer: pick a set-up and a direction, and see who is given which name, and what that amounts to.

It shows the stored matrices of one seed, so nothing is trained. ipywidgets and plotly are imported when it is called.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from chisel.core.explorers import Explorer
from chisel.core.results import load_result
from chisel.reversal_curse.claims_scratch import REVERSAL_CURSE, TYING_AND_IDENTITY
from chisel.reversal_curse.measurements import forced_choice, reversal_statistic

Matrices = Mapping[str, Mapping[str, Sequence[Sequence[float]]]]
START = ("base", "b_to_a")


def reading(scores: Sequence[Sequence[float]], statistic: Callable[..., Any] = reversal_statistic) -> str:
    """Return what a score matrix amounts to, as two sentences: the difference, its interval, p and the forced choice.

    Args:
        scores: [N, N], as `statistic` takes them.
        statistic: `reversal_statistic`, or a learner's version of it.
    """
    matrix = torch.tensor(scores)
    difference, (low, high), p = statistic(matrix)
    count, right = len(matrix), int(forced_choice(matrix).sum())
    verdict = "more than chance gives" if p < 0.05 else "what chance gives as well"
    return (
        f"The right name is ahead of the others by {difference:.2f} nats ({low:.2f} to {high:.2f}), p = {p:.4f}: "
        f"{verdict}. Among the {count} names it has the highest score after {right} of {count} prompts."
    )


def matrix_figure(scores: Sequence[Sequence[float]], title: str) -> Any:
    """Draw one score matrix without the means of its rows and columns, with the right names marked."""
    from chisel.core.plotting import new_figure
    from chisel.reversal_curse.figures.matrices import frame_matrices, matrix_traces

    chart = new_figure("name", "prompt")
    chart.add_traces(matrix_traces(scores, title))
    frame_matrices(chart)
    return chart


def score_explorer(matrices: Matrices | None = None) -> Explorer:
    """Return the widget, with a static figure of the same matrices.

    Args:
        matrices: set-up -> direction -> scores; by default those of the stored results.

    Raises:
        ResultError: a stored result is missing, stale or damaged.
    """
    import ipywidgets as w

    from chisel.reversal_curse.figures.matrices import DIRECTIONS, SET_UPS, matrices_figure, stored

    found = matrices or stored(load_result(REVERSAL_CURSE), load_result(TYING_AND_IDENTITY))
    wide: dict[str, Any] = {"style": {"description_width": "6em"}, "layout": w.Layout(width="26em")}
    start = START[0] if START[0] in found else next(iter(found))
    set_up = w.Dropdown(
        options=[(SET_UPS.get(name, name), name) for name in found], value=start, description="set-up", **wide
    )
    direction = w.Dropdown(
        options=[(words, name) for name, words in DIRECTIONS.items()], value=START[1], description="direction", **wide
    )
    sentence, plot = w.HTML(), w.Output()

    def redraw(_: Any = None) -> None:
        scores = found[str(set_up.value)][str(direction.value)]
        sentence.value = f"<p>{reading(scores)}</p>"
        figure = matrix_figure(scores, DIRECTIONS[str(direction.value)])
        data = {**_bundle(figure), "text/plain": reading(scores)}
        plot.outputs = ({"output_type": "display_data", "data": data, "metadata": {}},)

    for control in (set_up, direction):
        control.observe(redraw, names="value")
    redraw()
    help_text = w.HTML(
        "<p>Row: a prompt. Column: a name. Bright: the name is likelier after this prompt than its row and its column "
        "alone would have it. White squares mark the right names.</p>"
    )
    live = w.VBox([help_text, set_up, direction, sentence, plot])
    still = matrices_figure({SET_UPS.get(name, name): own for name, own in found.items()})
    alt = "Score matrices by set-up. As stated the diagonal is bright; in reverse it is not, save where names are tied."
    return Explorer(live, still, "score-explorer", alt)


def _bundle(figure: Any) -> dict[str, Any]:
    """Return a plotly figure as JSON-able data under plotly's own type."""
    from chisel.core.plotting import PLOTLY_MIME

    return {PLOTLY_MIME: json.loads(figure.to_json(engine="json"))}
