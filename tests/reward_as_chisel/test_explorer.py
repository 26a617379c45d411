"""The maze explorer: what its state says is exact, and the widget follows clicks and sliders."""

from itertools import pairwise

import ipywidgets
import pytest
import torch

from chisel.core.seeding import generator
from chisel.reward_as_chisel.explorer import ARROWS, MazeExplorer, maze_explorer
from chisel.reward_as_chisel.model import FieldPolicy, new_policy
from chisel.reward_as_chisel.world import corner_cell, start_cell


@pytest.fixture
def agents():
    return {
        name: new_policy("field", generator(seed, "net"), size=4, channels=6, blocks=2)
        for seed, name in enumerate(("one", "two"))
    }


def widgets(kind, widget):
    """All widgets of a kind inside `widget`."""
    found = [widget] if isinstance(widget, kind) else []
    for child in getattr(widget, "children", ()):
        found += widgets(kind, child)
    return found


def test_the_cheese_starts_in_the_corner_and_never_lies_on_the_start(agents):
    state = MazeExplorer(agents)
    assert int(state.mazes.cheese[0]) == corner_cell(4)
    state.put_cheese(start_cell(4))
    assert int(state.mazes.cheese[0]) == corner_cell(4)
    state.put_cheese(5)
    assert int(state.mazes.cheese[0]) == 5


def test_chances_are_chances_and_visits_begin_at_the_start(agents):
    state = MazeExplorer(agents)
    state.put_cheese(6)
    seen = state.look()
    assert 0 <= seen["cheese first"] <= seen["cheese"] <= 1
    assert seen["cheese first"] + seen["corner"] <= 1 + 1e-6
    assert seen["visits"][start_cell(4)] >= 1
    assert torch.allclose(seen["probs"].sum(-1), torch.ones(16))


def test_a_coefficient_of_zero_and_a_missing_cheese_push_nothing(agents):
    state = MazeExplorer(agents, push=lambda *_: pytest.fail("pushed"))
    state.look()
    state.coefficient = 1.0
    state.put_cheese(-1)
    assert state.look()["cheese"] == 0


def test_a_push_changes_what_the_agent_does(agents):
    state = MazeExplorer(agents)
    state.put_cheese(6)
    before = state.look()["probs"]
    state.coefficient = -1.0
    assert not torch.allclose(state.look()["probs"], before)


def test_networks_are_copied_and_left_without_hooks(agents):
    state = MazeExplorer(agents)
    state.coefficient = 2.0
    state.look()
    for name, net in agents.items():
        assert isinstance(net, FieldPolicy) and state.agents[name] is not net
        assert not any(module._forward_hooks for module in state.agents[name].modules())


def test_sentences_speak_of_what_is_there(agents):
    state = MazeExplorer(agents)
    assert "in the corner" in state.sentence()
    state.put_cheese(-1)
    assert state.sentence().startswith("No cheese")
    state.put_cheese(2)
    assert "before the corner" in state.sentence()


def test_a_click_puts_the_cheese_and_a_second_takes_it_away(agents):
    explorer = maze_explorer(agents).widget
    cells = widgets(ipywidgets.Button, widgets(ipywidgets.GridBox, explorer)[0])
    assert len(cells) == 16
    cells[5].click()
    assert cells[5].description.startswith("C ") and cells[5].description[-1] in ARROWS
    cells[5].click()
    assert not any(cell.description.startswith("C ") for cell in cells)


def test_the_controls_redraw(agents):
    explorer = maze_explorer(agents).widget
    cells = widgets(ipywidgets.Button, widgets(ipywidgets.GridBox, explorer)[0])

    def shown():
        return [cell.tooltip for cell in cells]

    views = [shown()]
    [slider] = widgets(ipywidgets.FloatSlider, explorer)
    slider.value = 2.0
    views.append(shown())
    widgets(ipywidgets.Dropdown, explorer)[0].value = "two"
    views.append(shown())
    [number] = widgets(ipywidgets.BoundedIntText, explorer)
    walls = [cell.layout.border_top for cell in cells]
    number.value = 1
    views.append(shown())
    assert all(one != other for one, other in pairwise(views))
    assert walls != [cell.layout.border_top for cell in cells]


def test_a_reader_without_a_kernel_sees_a_picture_of_every_agent(agents):
    shown = maze_explorer(agents)._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in shown
    assert "one<br>P(cheese)" in str(shown["application/vnd.plotly.v1+json"]) and "two\\u003cbr>" in shown["text/html"]
