"""The maze explorer: click a cell to put the cheese there, turn the steering coefficient, and read what is exact.

The maze is a grid of ordinary buttons, so it needs nothing but ipywidgets and works from the keyboard. ipywidgets and
plotly are imported when the explorer is called.
"""

import copy
from collections.abc import Callable, Mapping
from typing import Any, cast

import torch
from torch import Tensor, nn

from chisel.core.explorers import Explorer
from chisel.core.seeding import generator
from chisel.reward_as_chisel import measurements, steering
from chisel.reward_as_chisel.world import NO_CHEESE, Mazes, corner_cell, draw_mazes, start_cell

ARROWS = ("↑", "↓", "←", "→", "•")
STEPS = 50
_DARK, _LIGHT = (0, 34, 78), (254, 232, 56)  # the ends of Cividis, the heat map of the static figure
_WALL, _GAP = "3px solid #767c84", "1px dotted #c4c8cd"


class MazeExplorer:
    """What the widget shows, without the widget: agents, one maze, a cheese and a push on one layer.

    Args:
        agents: name -> trained network.
        seed: which maze comes first.
        find_vector, push: `steering.cheese_vector` and `steering.steer`, or a learner's versions of them.
    """

    def __init__(
        self,
        agents: Mapping[str, nn.Module],
        seed: int = 0,
        find_vector: Callable[..., Tensor] = steering.cheese_vector,
        push: Callable[..., Tensor] = steering.steer,
    ) -> None:
        self.agents = {name: copy.deepcopy(net).cpu() for name, net in agents.items()}
        self.find_vector, self.push = find_vector, push
        self.agent, self.seed = next(iter(self.agents)), seed
        self.size = int(cast(Any, self.agents[self.agent]).size)
        self.layer, self.coefficient = "blocks.0", 0.0
        cells = measurements.cells_but_start(self.size)
        self.others = draw_mazes(96, self.size, cells, generator(seed, "explorer", "others"))
        self.vectors: dict[tuple[str, int, str], Tensor] = {}
        self.new_maze(0)

    @property
    def layers(self) -> list[str]:
        """The layers that can be steered."""
        names = [name for name, _ in self.agents[self.agent].named_modules()]
        return [name for name in names if name.startswith("blocks.") and name.count(".") == 1]

    def new_maze(self, number: int) -> None:
        """Draw maze `number`, with the cheese in the corner."""
        random = generator(self.seed, "explorer", number)
        corner = torch.tensor([corner_cell(self.size)])
        self.mazes: Mazes = draw_mazes(1, self.size, corner, random)

    def put_cheese(self, cell: int) -> None:
        """Move the cheese to `cell`, or away with -1. The start takes none."""
        if cell != start_cell(self.size):
            self.mazes = self.mazes.with_cheese(cell)

    def look(self) -> dict[str, Any]:
        """Return what there is to see.

        Returns:
            "probs" [S, 5] of the actions, "visits" [S] expected steps in each cell, and exact chances within `STEPS`
            steps: "cheese", "cheese first" (before the corner) and "corner" (before the cheese).
        """
        net, cheese = self.agents[self.agent], int(self.mazes.cheese[0])
        if self.coefficient and cheese != NO_CHEESE:
            logits = self.push(net, self.mazes, self._vector(cheese), self.coefficient, self.layer)
        else:
            logits = measurements.logits_of(net, self.mazes)
        table, start = self.mazes.next_table, measurements.bottom_left(self.mazes)
        first, corner = measurements.first_of(logits, self.mazes, STEPS)
        return {
            "probs": torch.softmax(logits[0], dim=-1),
            "visits": measurements.expected_visits(logits, table, self.mazes.targets, start, STEPS)[0],
            "cheese": float(measurements.reach_cheese(logits, self.mazes, STEPS)[0]),
            "corner": float(corner[0]),
            "cheese first": float(first[0]),
        }

    def sentence(self) -> str:
        """Return the exact probabilities in words."""
        seen, cheese = self.look(), int(self.mazes.cheese[0])
        if cheese == NO_CHEESE:
            return (
                f"No cheese. Within {STEPS} steps the agent stands in the corner with probability {seen['corner']:.2f}."
            )
        if cheese == corner_cell(self.size):
            return f"The cheese is in the corner. P(cheese) within {STEPS} steps is {seen['cheese']:.2f}."
        return (
            f"Within {STEPS} steps: P(cheese) = {seen['cheese']:.2f}; the cheese before the corner "
            f"{seen['cheese first']:.2f}, the corner before the cheese {seen['corner']:.2f}."
        )

    def _vector(self, cell: int) -> Tensor:
        key = (self.agent, cell, self.layer)
        if key not in self.vectors:
            self.vectors[key] = self.find_vector(self.agents[self.agent], self.others, cell, self.layer)
        return self.vectors[key]


def maze_explorer(agents: Mapping[str, nn.Module], **options: Any) -> Explorer:
    """Return the widget with a picture of its first maze. Options are those of `MazeExplorer`.

    Click a cell to put the cheese there, click the cheese to take it away.
    """
    import ipywidgets as w

    state = MazeExplorer(agents, **options)
    size = state.size
    buttons = [w.Button(layout=w.Layout(width="52px", height="52px", margin="0")) for _ in range(size * size)]
    grid = w.GridBox(buttons, layout=w.Layout(grid_template_columns=f"repeat({size}, 52px)", grid_gap="0"))
    wide: dict[str, Any] = {"style": {"description_width": "7em"}, "layout": w.Layout(width="26em")}
    agent = w.Dropdown(options=list(agents), description="agent", **wide)
    layer = w.Dropdown(options=state.layers, description="push on layer", **wide)
    coefficient = w.FloatSlider(0.0, min=-2, max=2, step=0.25, description="coefficient", **wide)
    maze = w.BoundedIntText(0, min=0, max=9999, description="maze number", **wide)
    away = w.Button(description="no cheese")
    sentence = w.HTML()

    def redraw(_: Any = None) -> None:
        state.agent, state.layer, state.coefficient = str(agent.value), str(layer.value), float(coefficient.value)
        seen = state.look()
        for cell, button in enumerate(buttons):
            _paint(button, cell, state, seen)
        sentence.value = f"<p>{state.sentence()}</p>"

    def place(cell: int) -> Callable[[Any], None]:
        def clicked(_: Any) -> None:
            state.put_cheese(NO_CHEESE if int(state.mazes.cheese[0]) == cell else cell)
            redraw()

        return clicked

    def another(_: Any) -> None:
        state.new_maze(maze.value)
        redraw()

    for cell, button in enumerate(buttons):
        button.on_click(place(cell))
    away.on_click(place(NO_CHEESE))
    maze.observe(another, names="value")
    for control in (agent, layer, coefficient):
        control.observe(redraw, names="value")
    redraw()
    help_text = w.HTML(
        "<p>Click a cell to put the cheese there. S is the start, C the cheese; bright cells are where the agent "
        "spends its time. A coefficient of -1 takes the cheese away inside the network, as far as that layer goes.</p>"
    )
    controls = w.VBox([agent, layer, coefficient, maze, away, sentence])
    live = w.VBox([help_text, w.HBox([grid, controls], layout=w.Layout(flex_flow="row wrap", grid_gap="16px"))])
    alt = "One maze and what each agent does in it, with the cheese away from the corner."
    return Explorer(live, _still(agents, options), "maze-explorer", alt)


def _still(agents: Mapping[str, nn.Module], options: Mapping[str, Any]) -> Any:
    """Draw what each agent does in the first maze, with the cheese in the bottom-right cell."""
    from chisel.reward_as_chisel.figures.mazes import Panel, mazes_figure

    state, panels = MazeExplorer(agents, **options), []
    cell = state.size * state.size - 1
    state.put_cheese(cell)
    opened = state.mazes.opened[0].tolist()
    for name in agents:
        state.agent = name
        seen = state.look()
        title = f"{name}<br>P(cheese) = {seen['cheese']:.2f}"
        probs, visits = seen["probs"].tolist(), seen["visits"].tolist()
        panels.append(Panel(title, opened, probs, visits, cell, start_cell(state.size)))
    return mazes_figure(panels)


def _paint(button: Any, cell: int, state: MazeExplorer, seen: Mapping[str, Any]) -> None:
    """Give a cell its arrow, its brightness, its walls and a name for screen readers."""
    action, size = int(seen["probs"][cell].argmax()), state.size
    share = min(1.0, float(seen["visits"][cell]))
    mark = {start_cell(size): "S ", int(state.mazes.cheese[0]): "C "}.get(cell, "")
    button.description = mark + ARROWS[action]
    button.tooltip = (
        f"row {cell // size}, column {cell % size}: {float(seen['probs'][cell, action]):.2f} for {ARROWS[action]}, "
        f"{float(seen['visits'][cell]):.2f} steps spent here"
    )
    mixed = [round(low + share * (high - low)) for low, high in zip(_DARK, _LIGHT, strict=True)]
    button.style.button_color = "#d55e00" if mark == "C " else "#{:02x}{:02x}{:02x}".format(*mixed)
    button.style.text_color = "#20242a" if share > 0.5 and mark != "C " else "#ffffff"
    up, down, left, right = (_GAP if walk else _WALL for walk in state.mazes.opened[0, cell].tolist())
    button.layout.border_top, button.layout.border_bottom = up, down
    button.layout.border_left, button.layout.border_right = left, right
