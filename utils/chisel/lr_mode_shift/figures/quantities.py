"""Numbers of each run beside each other: one row an arm, a dot a seed, and mean and interval."""

from collections.abc import Mapping

import plotly.graph_objects as go

from chisel.core.plotting import NEUTRAL, PALETTE, SYMBOLS, new_figure
from chisel.core.results import Result
from chisel.core.row_charts import add_rows
from chisel.core.tables import as_rows
from chisel.lr_mode_shift.figures.names import NETWORKS, pairs_of, row_words

FALL = {"fall": "training accuracy falls by", "above": "then above validation by"}
CORRELATION = {"whole_r": "accuracies", "change_r": "their changes"}
RISE = {"gap": "to the end", "rise_gap": "while they rise", "above": "at the lowest point"}


def fall_figure(result: Result) -> go.Figure:
    """Draw how far training accuracy falls within 25 steps, and how far above validation accuracy it then is."""
    return quantities_figure(result, FALL, "accuracy")


def correlation_figure(result: Result) -> go.Figure:
    """Draw the correlation of the two accuracies over the whole run, and that of their changes."""
    return quantities_figure(result, CORRELATION, "correlation")


def gap_figure(result: Result) -> go.Figure:
    """Draw the distance of the two curves, by the part of the run that it is read from."""
    return quantities_figure(result, RISE, "gap (accuracy)")


def quantities_figure(result: Result, quantities: Mapping[str, str], title: str) -> go.Figure:
    """Draw quantities of `experiments.grid`, name -> words, as rows of a chart."""
    chart = new_figure(title, "")
    rows = as_rows(result.tables["runs"])
    words = {pair: row_words(*pair) for pair in pairs_of(result)}
    for (what, name), color, symbol in zip(quantities.items(), PALETTE, SYMBOLS, strict=False):
        found = {pair: result.measurements[f"{pair[0]}_{pair[1]}_{what}"] for pair in words}
        known = {pair: estimate for pair, estimate in found.items() if estimate.n > 1}
        dots = [
            (words[row["group"], row["arm"]], row[what])
            for row in rows
            if row[what] is not None and (row["group"], row["arm"]) in known
        ]
        add_rows(chart, [words[pair] for pair in known], list(known.values()), dots, name, color, symbol)
    chart.update_yaxes(categoryarray=list(words.values())[::-1])
    chart.add_vline(x=0, line={"color": NEUTRAL, "dash": "dash", "width": 1.5})
    return chart.update_layout(height=200 + 46 * len(words))


def effects_figure(result: Result) -> go.Figure:
    """Draw what raising the rate, or the decay, gains, and what their interaction is, for `rate-or-decay`."""
    chart = new_figure("halvings of the time", "")
    effects = {"rate_effect": "raised rate", "decay_effect": "raised decay", "interaction": "interaction"}
    groups = [group for group in NETWORKS if group in result.provenance["settings"]["groups"]]
    for group, color, symbol in zip(groups, PALETTE, SYMBOLS, strict=False):
        estimates = [result.measurements[f"{group}_{effect}"] for effect in effects]
        add_rows(chart, list(effects.values()), estimates, [], NETWORKS[group], color, symbol)
    chart.add_vline(x=0, line={"color": NEUTRAL, "dash": "dash", "width": 1.5})
    return chart.update_layout(height=340)
