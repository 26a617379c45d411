"""The explorer "baseline and learning rate against lock-in", on stored runs: live in a notebook, static in the book.

It draws nothing anew, so a setting that was not measured cannot be shown. ipywidgets is imported when it is called.
"""

import json
from typing import Any

from chisel.core.explorers import Explorer
from chisel.core.results import Result


def reading(result: Result, algorithm: str, baseline: str, learning_rate: float) -> str:
    """Return one setting of the stored claim `baseline-commitment` as a plain sentence or two.

    Raises:
        ValueError: that setting was not measured.
    """
    from chisel.update_strength.figures.baselines import ALGORITHMS, rows

    found = rows(result, algorithm=algorithm, baseline=baseline, learning_rate=learning_rate)
    if not found:
        raise ValueError(f"no stored runs with {algorithm} PG, baseline {baseline}, learning rate {learning_rate:g}")
    last, peak = found[-1], max(found, key=lambda row: row["worse"])
    undecided = max(0.0, 1 - last["worse"] - last["best"])
    text = (
        f"With {ALGORITHMS[algorithm]}, baseline {baseline} and learning rate {learning_rate:g}, "
        f"{last['worse']:.0%} of the runs ({last['low']:.0%} to {last['high']:.0%}) are committed to a worse arm after "
        f"{last['step']} updates, {last['best']:.0%} to the best one, and {undecided:.0%} to none."
    )
    if peak["worse"] - last["worse"] > 0.02:
        text += f" After {peak['step']} updates it was {peak['worse']:.0%}: some runs left a worse arm again."
    return text


def curve_figure(result: Result, algorithm: str, baseline: str, learning_rate: float) -> Any:
    """Draw one setting over time: shares of runs committed to a worse arm (with its interval) and to the best one."""
    from chisel.core.plotting import DASHES, PALETTE, add_band, new_figure
    from chisel.update_strength.figures.baselines import rows

    found = rows(result, algorithm=algorithm, baseline=baseline, learning_rate=learning_rate)
    steps, worse, low, high, best = ([row[key] for row in found] for key in ("step", "worse", "low", "high", "best"))
    chart = new_figure("updates", "share of runs")
    add_band(chart, steps, worse, low, high, "committed to a worse arm", PALETTE[1])
    chart.add_scatter(
        x=steps, y=best, mode="lines", name="committed to the best arm", line={"color": PALETTE[0], "dash": DASHES[1]}
    )
    chart.update_xaxes(type="log")
    chart.update_yaxes(range=[-0.03, 1.03])
    return chart


def explorer_figure(result: Result) -> Any:
    """Return the static counterpart: natural PG over time, one band a baseline, a slider for the learning rate."""
    from chisel.core.plotting import add_slider, new_figure
    from chisel.update_strength.figures.baselines import add_over_time

    chart = new_figure("updates", "runs committed to a worse arm (share)")
    chart.update_xaxes(type="log")
    chart.update_yaxes(range=[-0.03, 1.03])
    rates = sorted(set(result.tables["commitment"]["learning_rate"]))
    groups = {f"{rate:g}": add_over_time(chart, result, rate, "natural") for rate in rates}
    return add_slider(chart, "learning rate ", groups, active=_position(rates, 0.1))


def baseline_explorer(result: Result) -> Explorer:
    """Return the explorer for a stored result of `baseline-commitment`: sliders for baseline and learning rate.

    The plot is data that JupyterLab's plotly extension draws, so nothing is fetched.
    """
    import ipywidgets

    from chisel.update_strength.figures.baselines import ordered

    table = result.tables["commitment"]
    baselines, rates = ordered(set(table["baseline"])), sorted(set(table["learning_rate"]))
    wide = {"style": {"description_width": "8em"}, "layout": {"width": "32em"}, "continuous_update": False}
    baseline = ipywidgets.SelectionSlider(
        options=baselines, index=_position(baselines, "b* - 0.5"), description="baseline", **wide
    )
    rate = ipywidgets.SelectionSlider(
        options=[(f"{value:g}", value) for value in rates],
        index=_position(rates, 0.1),
        description="learning rate",
        **wide,
    )
    algorithm = ipywidgets.ToggleButtons(options=sorted(set(table["algorithm"])), tooltips=[])
    sentence, plot = ipywidgets.HTML(), ipywidgets.Output()

    def redraw(_: Any = None) -> None:
        setting: Any = (algorithm.value, baseline.value, rate.value)
        sentence.value = f"<p>{reading(result, *setting)}</p>"
        data = {**_bundle(curve_figure(result, *setting)), "text/plain": reading(result, *setting)}
        plot.outputs = ({"output_type": "display_data", "data": data, "metadata": {}},)

    for control in (baseline, rate, algorithm):
        control.observe(redraw, names="value")
    redraw()
    live = ipywidgets.VBox([algorithm, baseline, rate, sentence, plot])
    alt = "Commitment to a worse arm over time, by baseline."
    return Explorer(live, explorer_figure(result), "baseline-explorer", alt)


def _position(options: list, wanted: Any) -> int:
    return options.index(wanted) if wanted in options else 0


def _bundle(figure: Any) -> dict[str, Any]:
    """Return a plotly figure as JSON-able data under plotly's own type."""
    from chisel.core.plotting import PLOTLY_MIME

    return {PLOTLY_MIME: json.loads(figure.to_json(engine="json"))}
