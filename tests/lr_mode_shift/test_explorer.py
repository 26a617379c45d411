"""The phase explorer: what it offers exists, what it says is what the table holds, and it follows its controls."""

import json
from dataclasses import replace
from importlib.resources import files

import pytest

pytest.importorskip("plotly")
pytest.importorskip("ipywidgets")

import ipywidgets

from chisel.core.plotting import traces
from chisel.core.results import Result
from chisel.core.tables import as_columns, as_rows
from chisel.lr_mode_shift.explorer import PhaseExplorer, phase_explorer, reading
from chisel.lr_mode_shift.figures import phase
from chisel.lr_mode_shift.figures.cell import starts_figure
from chisel.lr_mode_shift.records import OUTCOMES

MIME = "application/vnd.plotly.v1+json"
ROW = {**dict.fromkeys(OUTCOMES, 0), "runs": 5, "tandem": 5, "generalised": 5, "steps": 80.0, "rise_gap": 0.2}


@pytest.fixture(scope="module")
def measured() -> Result:
    """Return what is stored, whether or not the claim has been declared anew since."""
    text = (files("chisel.lr_mode_shift") / "results" / "fresh-start.laptop.json").read_text(encoding="utf-8")
    document = json.loads(text)
    return Result("fresh-start", "laptop", document["verdict"], (), {}, document["tables"], document["provenance"])


def small(cells: dict[tuple[str, int, str], dict]) -> Result:
    """Return a result with these cells; what a cell does not say is as in `ROW`."""
    rows = [
        {"architecture": letter, "switch": step, "arm": arm, **ROW, **own} for (letter, step, arm), own in cells.items()
    ]
    names = [f"{curve}_{end}" for curve in ("train_acc", "val_acc") for end in ("low", "mean", "high")]
    curves = [(*cell, *([k / 10 + place / 100] * 4 for k in range(6))) for place, cell in enumerate(cells)]
    groups = {f"{letter}_{step}": [-300, -200, 0, 400] if step else [0, 10, 20, 400] for letter, step, _ in cells}
    tables = {
        "cells": as_columns(rows[0], [tuple(row.values()) for row in rows]),
        "curves": as_columns(("architecture", "switch", "arm", *names), curves),
        "looks": as_columns(("group", "after"), groups.items()),
    }
    return Result("fresh-start", "laptop", "holds", (), {}, tables, {})


def controls(explorer) -> dict[str, ipywidgets.Dropdown]:
    return {child.description: child for child in explorer.widget.children if isinstance(child, ipywidgets.Dropdown)}


def sentence(explorer) -> str:
    return [child.value for child in explorer.widget.children if isinstance(child, ipywidgets.HTML)][-1]


def drawn(explorer) -> dict:
    [plot] = [child for child in explorer.widget.children if isinstance(child, ipywidgets.Output)]
    return plot.outputs[0]["data"][MIME]


def lines(figure: dict) -> dict[str, dict]:
    return {trace["name"]: trace for trace in figure["data"] if trace.get("meta") != "band"}


def chosen(explorer) -> tuple:
    return tuple(control.value for control in controls(explorer).values())


def test_every_offered_combination_draws_its_curves_and_reads_its_cell(measured):
    explorer = phase_explorer(measured)
    cells = {(row["architecture"], row["switch"], row["arm"]): row for row in as_rows(measured.tables["cells"])}
    curves = {(row["architecture"], row["switch"], row["arm"]): row for row in as_rows(measured.tables["curves"])}
    network, switch, arm = controls(explorer).values()
    seen = set()
    for _, letter in network.options:
        network.value = letter
        for _, step in switch.options:
            switch.value = step
            for _, name in arm.options:
                arm.value = name
                cell = (letter, step, name)
                assert chosen(explorer) == cell
                row, own = cells[cell], lines(drawn(explorer))
                for words, curve in (("training", "train_acc"), ("validation", "val_acc")):
                    count = len(own[words]["y"])
                    assert own[words]["y"] == curves[cell][f"{curve}_mean"][-count:]
                    spread = [curves[cell][f"{curve}_{end}"][-count:] for end in ("low", "high")]
                    assert [list(end) for end in zip(*own[words]["customdata"], strict=True)] == spread
                most = max(OUTCOMES, key=lambda outcome: row[outcome])
                assert most in sentence(explorer) and f"{row[most]} of {row['runs']} runs" in sentence(explorer)
                assert f"gap of the rise is {row['rise_gap']:.2f}" in sentence(explorer)
                seen.add(cell)
    assert seen == set(cells)


def test_a_cell_reads_as_its_row_does():
    assert reading(ROW, 600) == (
        "Most frequent outcome: <b>tandem</b>, 5 of 5 runs. 5 of 5 generalised; the median is 80 steps. "
        "The gap of the rise is 0.20."
    )
    assert "the median is 82.5 steps" in reading({**ROW, "steps": 82.5}, 600)


def test_a_median_run_that_never_generalised_has_no_number_of_steps():
    some = reading({**ROW, "generalised": 2, "steps": None}, 2000)
    assert "2 of 5 generalised within 2,000 steps, so the median run did not." in some
    assert "None generalised within 600 steps." in reading({**ROW, "generalised": 0, "steps": None}, 600)


def test_outcomes_that_are_equally_frequent_are_both_named():
    tied = reading({**ROW, "tandem": 2, "re-memorised": 2, "no-drop": 1}, 600)
    assert "<b>tandem and re-memorised</b>, 2 of 5 runs each" in tied


def test_the_gap_of_a_dead_network_is_not_taken_for_a_finding():
    assert "near chance" in reading({**ROW, "tandem": 0, "dead": 5}, 600)
    assert "near chance" not in reading(ROW, 600)


def test_the_widget_starts_where_the_claim_is_about(measured):
    explorer = phase_explorer(measured)
    assert chosen(explorer) == ("T", 600, "x20")
    assert [label for label, _ in controls(explorer)["arm"].options][-3:] == ["noise .003", "noise .010", "noise .020"]


def test_changing_a_control_changes_sentence_and_curves():
    cells = {("T", 600, "x20"): {"rise_gap": 0.2}, ("T", 600, "x50"): {"rise_gap": 0.3}, ("T", 0, "x20"): {"dead": 9}}
    explorer = phase_explorer(small({**cells, ("E", 600, "x20"): {"rise_gap": 0.4}}))
    before, figure = sentence(explorer), drawn(explorer)
    for name, other in (("arm", "x50"), ("switch step", 0), ("network", "E")):
        control = controls(explorer)[name]
        own, control.value = control.value, other
        assert sentence(explorer) != before and drawn(explorer)["data"] != figure["data"]
        control.value = own
        if name == "switch step":
            controls(explorer)["arm"].value = "x20"
        assert sentence(explorer) == before and drawn(explorer) == figure


def test_choices_that_do_not_exist_give_way_to_the_nearest_that_do():
    cells = [("T", 600, "x1"), ("T", 600, "x20"), ("T", 600, "noise_10"), ("T", 0, "x1"), ("T", 0, "x20")]
    cells += [("Q", 500, "x1"), ("Q", 500, "x10"), ("Q", 500, "x100"), ("Q", 0, "x1")]
    explorer = phase_explorer(small({cell: {} for cell in cells}))
    own = controls(explorer)
    own["network"].value = "Q"
    assert chosen(explorer) == ("Q", 500, "x10")
    assert [value for _, value in own["arm"].options] == ["x1", "x10", "x100"]
    own["arm"].value = "x100"
    own["network"].value = "T"
    assert chosen(explorer) == ("T", 600, "x20")
    own["arm"].value = "noise_10"
    own["switch step"].value = 0
    assert chosen(explorer) == ("T", 0, "x1")
    assert [value for _, value in own["arm"].options] == ["x1", "x20"]


def test_a_result_without_the_usual_start_starts_elsewhere():
    assert chosen(phase_explorer(small({("E", 150, "x10"): {}, ("E", 300, "x50"): {}}))) == ("E", 300, "x50")


def test_the_switch_is_marked_where_there_is_something_before_it():
    state = PhaseExplorer(small({("T", 600, "x20"): {}, ("T", 0, "x20"): {}}))
    later, fresh = (state.figure(("T", step, "x20")) for step in (600, 0))
    assert len(later.layout.shapes) == 1 and not fresh.layout.shapes
    assert min(later.data[1].x) == -200 and min(fresh.data[1].x) == 0


def test_a_result_without_cells_or_curves_is_refused_by_name():
    good = small({("T", 600, "x20"): {}, ("T", 0, "x20"): {}})
    first = {name: column[:1] for name, column in good.tables["curves"].items()}
    for tables, words in (
        ({}, "has no cells"),
        ({**good.tables, "cells": {name: [] for name in good.tables["cells"]}}, "has no cells"),
        ({**good.tables, "cells": {"group": ["T"]}}, "without 'architecture'"),
        ({**good.tables, "curves": first}, "T, switch 0, x20 .* curves"),
        ({**good.tables, "looks": {"group": ["T_600"], "after": [[0]]}}, "T, switch 0, x20 .* curves"),
    ):
        with pytest.raises(ValueError, match=words):
            phase_explorer(replace(good, claim="tandem", tables=tables))
    with pytest.raises(ValueError, match="no network 'X': use T"):
        PhaseExplorer(good).nearest("X", 0, "x1")


def test_a_reader_without_a_kernel_sees_a_switch_above_a_fresh_start(measured):
    explorer = phase_explorer(measured)
    shown = explorer._repr_mimebundle_()
    assert {MIME, "text/html", "application/vnd.jupyter.widget-view+json"} <= set(shown)
    assert shown["text/plain"] == explorer.alt
    own = {(row["switch"], row["arm"]): row for row in as_rows(measured.tables["curves"], architecture="T")}
    layout = shown[MIME]["layout"]
    slider = layout["sliders"][0]
    arms = ["x1", "x2", "x5", "x10", "x20", "x50"]
    assert [step["label"] for step in slider["steps"]] == ["base rate", "2x", "5x", "10x", "20x", "50x"]
    assert slider["active"] == arms.index("x20")
    for arm, step in zip(arms, slider["steps"], strict=True):
        visible = [t for t, on in zip(shown[MIME]["data"], step["args"][0]["visible"], strict=True) if on]
        named = [trace for trace in visible if trace.get("meta") != "band"]
        assert len(visible) == 8 and len([trace for trace in named if trace.get("showlegend") is not False]) == 2
        for trace in named:
            curve = {"training": "train_acc", "validation": "val_acc"}[trace["name"]]
            switch = {"y": 600, "y2": 0}[trace["yaxis"]]
            assert trace["y"] == own[switch, arm][f"{curve}_mean"][-len(trace["y"]) :]


def test_the_static_figure_says_what_its_two_cells_hold():
    cells = {("T", 600, "x20"): {"rise_gap": 0.31}, ("T", 0, "x20"): {"generalised": 2, "rise_gap": 0.17}}
    explorer = phase_explorer(small(cells))
    assert "At 20x: with the switch at step 600, 5 of 5 runs generalise, and the gap of the rise is 0.31;" in (
        explorer.alt
    )
    assert explorer.alt.endswith("from the start, 2 of 5 runs generalise, and the gap of the rise is 0.17.")


def test_the_static_figure_needs_the_arm_that_it_starts_with():
    with pytest.raises(ValueError, match="T has no arm x20 at switch 600 or 0: x1"):
        starts_figure(small({("T", 600, "x1"): {}}))


def test_a_phase_diagram_leaves_cells_empty_that_were_not_measured():
    figure = phase.figure(small({("T", 600, "x1"): {}, ("T", 600, "x20"): {}, ("T", 0, "x20"): {}}))
    assert [list(line) for line in traces(figure)[0].text] == [["", "tandem<br>5/5"], ["tandem<br>5/5"] * 2]
