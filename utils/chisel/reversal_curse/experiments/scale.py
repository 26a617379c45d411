"""Experiment: does the curse lift in long training, with more facts, or in a larger decoder?

The runs are those of `experiments.scratch`; some are looked at on the way as well.
"""

from collections.abc import Sequence

from chisel.core.running import Experiment, Output, Settings, Summary
from chisel.core.statistics import mean_interval
from chisel.reversal_curse.experiments import scratch

CURVES = ("reverse_difference", "learned_difference")


def summarise(outputs: Sequence[Output], settings: Settings) -> Summary:
    """Summarise as `scratch.summarise` does, and say how decoders fared on the way.

    `<variant>_highest_difference` is the reverse difference at the look at which its mean over seeds is largest, for
    the variants with several looks.
    """
    summary = scratch.summarise(outputs, settings)
    curves = []
    for name in settings["variants"]:
        seen = scratch.looks_at(outputs, name)
        if len(seen) < 2:
            continue
        for what in CURVES:
            found = [(step, mean_interval([row[what] for row in rows])) for step, rows in seen]
            curves += [(name, what, step, *(round(x, 3) for x in (e.value, e.low, e.high))) for step, e in found]
            if what == "reverse_difference":
                highest = max((estimate for _, estimate in found), key=lambda estimate: estimate.value)
                summary.measurements[f"{name}_highest_difference"] = highest
    table = scratch.columns(("variant", "what", "steps", "mean", "low", "high"), curves)
    return Summary(summary.measurements, {**summary.tables, "curves": table})


EXPERIMENT = Experiment(scratch.jobs, scratch.run, summarise)
