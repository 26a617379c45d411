"""The phase diagram of the claim `fresh-start`: multiplier by switch step."""

import math
from collections.abc import Mapping
from typing import Any

import plotly.colors
import plotly.graph_objects as go

from chisel.core.plotting import NEUTRAL, add_slider, new_figure
from chisel.core.results import Result
from chisel.core.tables import as_rows
from chisel.lr_mode_shift.figures.names import NETWORKS
from chisel.lr_mode_shift.records import OUTCOMES

SHORT = {"dead": "dead", "val-collapse": "val<br>falls", "no-drop": "no drop", "tandem": "tandem",
         "re-memorised": "re-<br>mem."}  # fmt: skip


def figure(result: Result, what: str = "outcome") -> go.Figure:
    """Draw one cell a multiplier and switch step; the slider sets the network. What was not measured stays empty.

    Args:
        what: "outcome", the most frequent one and in how many runs; or "steps", the median number of steps from the
            switch until a run had generalised.

    Raises:
        ValueError: another `what`.
    """
    if what not in ("outcome", "steps"):
        raise ValueError(f"unknown quantity {what!r}: use outcome or steps")
    chart = new_figure("learning rate", "switch at step")
    cells = [row for row in as_rows(result.tables["cells"]) if row["arm"].startswith("x")]
    groups: dict[str, list[int]] = {}
    for architecture in (name for name in NETWORKS if name in result.tables["cells"]["architecture"]):
        own = {(row["switch"], row["arm"]): row for row in cells if row["architecture"] == architecture}
        switches = sorted({switch for switch, _ in own})
        arms = sorted({arm for _, arm in own}, key=lambda arm: float(arm[1:]))
        rows = [[own.get((switch, arm)) for arm in arms] for switch in switches]
        groups[NETWORKS[architecture]] = [len(groups)]
        read = outcome_cell if what == "outcome" else steps_cell
        shown = [[(None, "") if row is None else read(row) for row in line] for line in rows]
        chart.add_heatmap(
            z=[[z for z, _ in line] for line in shown],
            text=[[text for _, text in line] for line in shown],
            x=[f"{arm[1:]}x" for arm in arms],
            y=[str(switch) for switch in switches],
            texttemplate="%{text}",
            name=NETWORKS[architecture],
            hovertemplate="%{x} from step %{y}: %{text}<extra></extra>",
            xgap=2,
            ygap=2,
            **(_OUTCOME_SCALE if what == "outcome" else _STEPS_SCALE),
        )
    chart.update_xaxes(type="category", showgrid=False, zeroline=False)
    chart.update_yaxes(type="category", showgrid=False, zeroline=False)
    return add_slider(chart, "", groups).update_layout(sliders=[{"pad": {"t": 84, "r": 32}}])


def outcome_cell(row: Mapping[str, Any]) -> tuple[float, str]:
    """Return the place of a cell's most frequent outcome among all, and its name with how many runs had it."""
    place = max(range(len(OUTCOMES)), key=lambda k: row[OUTCOMES[k]])
    return float(place), f"{SHORT[OUTCOMES[place]]}<br>{row[OUTCOMES[place]]}/{row['runs']}"


def steps_cell(row: Mapping[str, Any]) -> tuple[float | None, str]:
    """Return the decimal logarithm of a cell's median number of steps, and the number; None where there is none."""
    if row["steps"] is None:
        return None, "never"
    return math.log10(max(1, row["steps"])), f"{row['steps']:.0f}"


_COLORS = plotly.colors.sample_colorscale("Cividis", [k / (len(OUTCOMES) - 1) for k in range(len(OUTCOMES))])
_OUTCOME_SCALE = {
    "zmin": -0.5,
    "zmax": len(OUTCOMES) - 0.5,
    "colorscale": [
        (edge, color) for k, color in enumerate(_COLORS) for edge in (k / len(OUTCOMES), (k + 1) / len(OUTCOMES))
    ],
    "showscale": False,
}
_STEPS_SCALE = {
    "zmin": 1.0,
    "zmax": 3.0,
    "colorscale": "Cividis",
    "reversescale": True,
    "colorbar": {
        "title": {"text": "steps"},
        "tickvals": [1, 2, 3],
        "ticktext": ["10", "100", "1,000"],
        "outlinecolor": NEUTRAL,
        "thickness": 12,
    },
}
