"""The phase explorer: pick a network, a switch step and a rate, and see its curves and what became of its runs.

It shows the stored result of the claim `fresh-start`, so nothing is trained. ipywidgets and plotly are imported when it
is called.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

from chisel.core.explorers import Explorer
from chisel.core.results import Result, load_result
from chisel.core.tables import as_rows
from chisel.lr_mode_shift.claims_phase import FRESH_START
from chisel.lr_mode_shift.records import DEAD, OUTCOMES

Cell = tuple[str, int, str]  # architecture, switch step, arm
START: Cell = ("T", 600, "x20")


class PhaseExplorer:
    """What the widget shows, without the widget: the cells of one result.

    Args:
        result: of the claim `fresh-start`.

    Raises:
        ValueError: the result has no such cells, or not the curves of each of them.
    """

    def __init__(self, result: Result) -> None:
        for table in ("cells", "curves", "looks"):
            if not result.tables.get(table) or not all(result.tables[table].values()):
                raise ValueError(f"the {result.scale} result of {result.claim} has no {table}: use that of fresh-start")
        self.cells, self.curves = (_by_cell(result, table) for table in ("cells", "curves"))
        self.after = {row["group"]: row["after"] for row in as_rows(result.tables["looks"])}
        for architecture, switch, arm in self.cells:
            if (architecture, switch, arm) not in self.curves or f"{architecture}_{switch}" not in self.after:
                raise ValueError(f"{architecture}, switch {switch}, {arm} has runs in the result, but no curves")

    def architectures(self) -> list[str]:
        """Return the networks, as letters."""
        from chisel.lr_mode_shift.figures.names import NETWORKS

        return [letter for letter in NETWORKS if any(letter == cell[0] for cell in self.cells)]

    def switches(self, architecture: str) -> list[int]:
        """Return the switch steps that a network was measured with."""
        return sorted({switch for letter, switch, _ in self.cells if letter == architecture})

    def arms(self, architecture: str, switch: int) -> list[str]:
        """Return the arms of a network and switch step, multipliers in order and then noise."""
        from chisel.lr_mode_shift.figures.names import by_size

        found = [arm for letter, step, arm in self.cells if (letter, step) == (architecture, switch)]
        return sorted(found, key=lambda arm: (_size(arm) is None, by_size(arm)))

    def nearest(self, architecture: str, switch: int, arm: str) -> Cell:
        """Return the cell that is there and nearest: first by switch step, then by the ratio of multipliers.

        Raises:
            ValueError: there is no such network.
        """
        steps = self.switches(architecture)
        if not steps:
            raise ValueError(f"no network {architecture!r}: use {', '.join(self.architectures())}")
        step = min(steps, key=lambda own: abs(own - switch))
        offered = self.arms(architecture, step)
        if arm in offered:
            return architecture, step, arm
        wanted = math.log(_size(arm) or 1.0)
        rates = [own for own in offered if _size(own) is not None] or offered
        return architecture, step, min(rates, key=lambda own: abs(math.log(_size(own) or 1.0) - wanted))

    def figure(self, cell: Cell) -> Any:
        """Draw the curves of one cell."""
        from chisel.lr_mode_shift.figures.cell import curves_figure

        return curves_figure(self.curves[cell], self.after[f"{cell[0]}_{cell[1]}"])

    def sentence(self, cell: Cell) -> str:
        """Return in words what became of the runs of one cell."""
        return reading(self.cells[cell], self.after[f"{cell[0]}_{cell[1]}"][-1])


def reading(row: Mapping[str, Any], horizon: int) -> str:
    """Return what a row of the table "cells" says: outcome, how many generalised and how soon, and the gap of the rise.

    Args:
        row: counts of "runs", of each outcome and of those "generalised", median "steps" or None, mean "rise_gap".
        horizon: how many steps after the switch the runs were watched.
    """
    runs, most = row["runs"], max(row[outcome] for outcome in OUTCOMES)
    first = [outcome for outcome in OUTCOMES if row[outcome] == most]
    how_many = f"{most} of {runs} runs" if len(first) == 1 else f"{most} of {runs} runs each"
    outcome = f"Most frequent outcome: <b>{' and '.join(first)}</b>, {how_many}."
    if not row["generalised"]:
        soon = f"None generalised within {horizon:,} steps."
    elif row["steps"] is None:
        soon = f"{row['generalised']} of {runs} generalised within {horizon:,} steps, so the median run did not."
    else:
        soon = f"{row['generalised']} of {runs} generalised; the median is {_number(row['steps'])} steps."
    gap = f"The gap of the rise is {row['rise_gap']:.2f}"
    end = "; of a dead network it says little, as both curves stay near chance." if DEAD in first else "."
    return f"{outcome} {soon} {gap}{end}"


def phase_explorer(result: Result | None = None) -> Explorer:
    """Return the widget; its static figure has the curves after a switch beside those of a fresh start.

    Args:
        result: of the claim `fresh-start`; by default the stored one.

    Raises:
        ResultError: the stored result is missing, stale or damaged.
        ValueError: `result` has no cells, or not the curves of each of them.
    """
    import ipywidgets as w

    from chisel.lr_mode_shift.figures.cell import starts_figure
    from chisel.lr_mode_shift.figures.names import NETWORKS, arm_words

    shown = result or load_result(FRESH_START)
    state = PhaseExplorer(shown)
    wide: dict[str, Any] = {"style": {"description_width": "6em"}, "layout": w.Layout(width="20em", max_width="100%")}
    letters = state.architectures()
    place = state.nearest(START[0] if START[0] in letters else letters[0], *START[1:])
    network = w.Dropdown(
        options=[(NETWORKS[letter], letter) for letter in letters], value=place[0], description="network", **wide
    )
    switch, arm = w.Dropdown(description="switch step", **wide), w.Dropdown(description="arm", **wide)
    sentence, plot = w.HTML(), w.Output()
    adapting = False

    def chosen() -> Cell:
        return str(network.value), int(cast(Any, switch.value)), str(arm.value)

    def adapt(wanted: Cell) -> None:
        nonlocal adapting
        adapting = True  # new options set a first value, which is not the reader's
        try:
            letter, step, name = state.nearest(*wanted)
            _offer(switch, [(_switch_words(own), own) for own in state.switches(letter)], step)
            _offer(arm, [(arm_words(own), own) for own in state.arms(letter, step)], name)
        finally:
            adapting = False

    def redraw(_: Any = None) -> None:
        if adapting:
            return
        adapt(chosen())
        cell = chosen()
        words = state.sentence(cell)
        sentence.value = f"<p>{words}</p>"
        data = {**_bundle(state.figure(cell)), "text/plain": words.replace("<b>", "").replace("</b>", "")}
        plot.outputs = ({"output_type": "display_data", "data": data, "metadata": {}},)

    adapt(place)
    for control in (network, switch, arm):
        control.observe(redraw, names="value")
    redraw()
    help_text = w.HTML(
        "<p>The line is the mean over seeds, the band reaches from the lowest to the highest seed. Left of the dashed "
        "line all runs have the base rate. The gap of the rise is the mean distance of the two curves, from the lowest "
        "training accuracy until validation accuracy is at .95.</p>"
    )
    live = w.VBox([help_text, network, switch, arm, sentence, plot])
    return Explorer(live, starts_figure(shown, *place), "phase-explorer", summary(state, place))


def summary(state: PhaseExplorer, cell: Cell) -> str:
    """Return what the static figure shows: the curves after a switch, and those of a fresh start at the same rate."""
    from chisel.lr_mode_shift.figures.names import NETWORKS, arm_words

    letter, step, arm = cell
    parts = []
    starts = {step: f"with the switch at step {step:,}", 0: "from the start"}
    for switch, words in starts.items():
        row = state.cells.get((letter, switch, arm))
        if row:
            generalised = f"{row['generalised']} of {row['runs']} runs generalise"
            parts.append(f"{words}, {generalised}, and the gap of the rise is {row['rise_gap']:.2f}")
    return (
        f"Training and validation accuracy of the {NETWORKS[letter]}, above after a switch at step {step:,}, below "
        f"with the raised rate from the start; a slider sets the rate. At {arm_words(arm)}: {'; '.join(parts)}."
    )


def _by_cell(result: Result, table: str) -> dict[Cell, dict[str, Any]]:
    """Return the rows of a table by architecture, switch step and arm."""
    rows = as_rows(result.tables[table])
    try:
        return {(row["architecture"], row["switch"], row["arm"]): row for row in rows}
    except KeyError as error:
        message = f"the {result.scale} result of {result.claim} has {table} without {error}: use that of fresh-start"
        raise ValueError(message) from None


def _size(arm: str) -> float | None:
    """Return the multiplier of an arm, None for one that has another name."""
    number = arm.removeprefix("x")
    return float(number) if number != arm and number.replace(".", "").isdigit() else None


def _switch_words(step: int) -> str:
    return f"{step:,}" if step else "0 (fresh start)"


def _number(value: float) -> str:
    """Return a median with its half, if it has one."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def _offer(control: Any, options: Sequence[tuple[str, Any]], value: Any) -> None:
    """Give a control these choices and this value."""
    if control.options != tuple(options):
        control.options = tuple(options)
    control.value = value


def _bundle(figure: Any) -> dict[str, Any]:
    """Return a plotly figure as JSON-able data under plotly's own type."""
    from chisel.core.plotting import PLOTLY_MIME

    return {PLOTLY_MIME: json.loads(figure.to_json(engine="json"))}
