"""The claim on fresh starts, and the phase diagram. Pure declarations: a listing is instant.

Thresholds rest on the figures of the design's prototype and on a look at seeds from 100 on. They stand before any run
of the seeds measured here, which start at 10.
"""

from collections.abc import Mapping

from chisel.core.claims import Claim, Criterion
from chisel.lr_mode_shift.claims_curves import NETWORKS
from chisel.lr_mode_shift.presets import (
    BRIEF,
    EMBEDDING,
    EMBEDDING_LARGE,
    LARGE,
    QUADRATIC,
    QUADRATIC_LARGE,
    RUNS,
    RUNS_LARGE,
    SMALL,
    TRANSFORMER,
    TRANSFORMER_LARGE,
    arms,
    group,
)

_SMALL = {**RUNS, "base": SMALL}
_LARGE = {**RUNS_LARGE, "base": LARGE}

_STRONG = {"noise_10": {"weight_noise": 0.010}, "noise_20": {"weight_noise": 0.020}}
_NOISE = {"noise_03": {"weight_noise": 0.003}, **_STRONG}


def _phase(
    letter: str,
    setting: dict[str, object],
    after: int,
    switches: tuple[int, ...],
    multipliers: tuple[float, ...],
    members: Mapping[int, int],
    extra: Mapping[int, Mapping[str, object]],
) -> dict[str, object]:
    """Return one group a switch step: all multipliers from there on, with seeds and further arms as asked for."""
    groups = {}
    for switch in switches:
        made = group({**setting, "switch_step": switch}, after, *multipliers)
        made["arms"] = {**arms(*multipliers), **extra.get(switch, {})}
        groups[f"{letter}_{switch}"] = {**made, "members": members.get(switch, 5)}
    return groups  # fmt: skip


_MULTIPLIERS, _MULTIPLIERS_TWO_LAYERS = (1, 2, 5, 10, 20, 50), (1, 10, 50, 100, 300)
_COMPARED = (("rise_difference", ("T_600", "x20"), ("T_0", "x20"), "rise_gap"),)
_MEASURED = tuple((f"T_{switch}", arm) for switch in (0, 600) for arm in ("x1", "x10", "x20"))

FRESH_START = Claim(
    id="fresh-start",
    title="A fresh start at the raised rate does the same",
    statement="The two curves rise together because the network learns at a raised rate, not because it had memorised: "
    "a network that has the raised rate from its first step on gives the same curves, and noise instead of a rate "
    "does not.",
    source="The chapter's own control for the mode shift",
    experiment="chisel.lr_mode_shift.experiments.phase:EXPERIMENT",
    statistic="The transformer at twenty times the rate from step 600 on, or from step 0 on, over 600 steps after "
    "that: r and mean gap from the lowest training accuracy to the end, and the mean gap until validation accuracy is "
    "at .95. Noise: Gaussian, of standard deviation .003, .010 or .020 on each weight after each step from 600 on, at "
    "the base rate. The rest of the phase diagram, multiplier by switch step, has 5 seeds a cell and no criterion. "
    f"{NETWORKS}",
    criteria=(
        Criterion(
            "fresh-correlated", "From the start: r is above .8.",
            "T_0_x20_r", "low", ">", 0.8,
        ),
        Criterion(
            "fresh-close", "From the start: the gap is below .15.",
            "T_0_x20_gap", "high", "<", 0.15,
        ),
        Criterion(
            "fresh-survives", "From the start: less than half of the runs end dead.",
            "T_0_x20_dead", "high", "<", 0.5,
        ),
        Criterion(
            "rise-alike-high", "The gap of the rise after a switch is at most .1 above that from the start.",
            "rise_difference", "high", "<", 0.1,
        ),
        Criterion(
            "rise-alike-low", "The gap of the rise after a switch is at most .1 below that from the start.",
            "rise_difference", "low", ">", -0.1,
        ),
        Criterion(
            "noise-small", "Less than half of the runs with noise of .010 are tandem.",
            "T_600_noise_10_tandem", "high", "<", 0.5,
        ),
        Criterion(
            "noise-large", "Less than half of the runs with noise of .020 are tandem.",
            "T_600_noise_20_tandem", "high", "<", 0.5,
        ),
        Criterion(
            "fresh-generalises", "From the start: more than half of the runs generalise.",
            "T_0_x20_generalised", "low", ">", 0.5, "scope",
        ),
        Criterion(
            "fresh-sooner", "From the start twenty times the rate generalises over twice as soon as the base rate.",
            "T_0_x20_sooner", "low", ">", 2.0, "scope",
        ),
    ),
    controls=(
        "T_0: the raised rate from the first step on, which is the control that the claim is about",
        "noise_*: the base rate with noise on the weights from step 600 on",
        "x1: the base rate throughout",
    ),
    presets={
        "laptop": {
            **_SMALL,
            "first_seed": 60,
            "stack": 6,
            "groups": {
                **_phase(
                    "T", TRANSFORMER, 600, (0, 150, 300, 600, 1000), _MULTIPLIERS, {0: 40, 600: 40}, {600: _NOISE}
                ),
                **_phase("Q", QUADRATIC, 600, (0, 250, 500, 1000), _MULTIPLIERS_TWO_LAYERS, {}, {}),
                **_phase("E", EMBEDDING, 400, (0, 150, 300, 600), _MULTIPLIERS_TWO_LAYERS, {}, {}),
            },
            "drawn": ((20, 5), (100, 10), (200, 25), (600, 100)),
            "before": 100,
            "compare": _COMPARED,
            "measured": (*_MEASURED, *(("T_600", name) for name in _NOISE)),
        },
        "gpu": {
            **_LARGE,
            "groups": {
                **_phase(
                    "T", TRANSFORMER_LARGE, 2000, (0, 250, 500, 600, 1000, 2000), (1, 2, 3, 5, 7, 10, 15, 20, 30, 50),
                    dict.fromkeys((0, 250, 500, 600, 1000, 2000), 20), {600: _NOISE},
                ),
                **_phase("Q", QUADRATIC_LARGE, 2000, (0, 500, 1000, 2000), (1, 3, 10, 30, 100, 300), {}, {}),
                **_phase("E", EMBEDDING_LARGE, 2000, (0, 500, 1000, 2000), (1, 3, 10, 30, 100, 300), {}, {}),
            },
            "drawn": ((20, 5), (100, 20), (500, 100), (2000, 250)),
            "before": 250,
            "compare": _COMPARED,
            "measured": (*_MEASURED, *(("T_600", name) for name in _NOISE)),
        },
        "sample": {
            **_SMALL,
            **BRIEF,
            "members": 12,
            "stack": 12,
            "base": {**SMALL, "hidden": 256, "lr": 7e-4},
            "groups": {
                **_phase("T", TRANSFORMER, 550, (0,), (1, 20), {0: 12}, {}),
                **_phase("T", TRANSFORMER, 250, (600,), (20,), {600: 12}, {600: _STRONG}),
            },
            "compare": _COMPARED,
            "measured": (("T_0", "x20"), ("T_600", "x20"), ("T_600", "noise_10"), ("T_600", "noise_20")),
        },
    },
    note="In the look a fresh start at twenty times the rate generalised after some 160 steps, with a gap of the rise "
    "of .14 to .20; after a switch it was .18 to .22. Noise of .010 made training accuracy fall slowly by .2 to .4 and "
    "validation accuracy with it; noise of .020 killed the network. A first run, "
    "seeds 10 to 19, held with a caveat; there `fresh-generalises` was a core criterion and met, with 9 of 10 runs, "
    "where 8 would have missed it. So it became scope, the core asks for survival instead, and a second run had twelve "
    "other seeds. It did not replicate: the interval of the difference, .02 (-.02 to .06) in the first run, was .07 "
    "(.03 to .11) in the second and so reached over `rise-alike-high`. Two runs that disagree decide nothing. So, with "
    "no criterion changed, a third one was declared with forty seeds that neither had seen, to be the last whatever "
    "it says. The sample has a wider network and a lower rate, where seeds differ less.",
)  # fmt: skip
