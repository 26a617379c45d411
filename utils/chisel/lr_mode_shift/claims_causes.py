"""Claims about what the shift comes from, and what it looks like inside. Pure declarations: a listing is instant.

Thresholds rest on the figures of the design's prototype and on a look at seeds from 100 on. They stand before any run
of the seeds measured here, which start at 10.
"""

from chisel.core.claims import Claim, Criterion
from chisel.lr_mode_shift.claims_curves import NETWORKS
from chisel.lr_mode_shift.presets import (
    BRIEF,
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


def _four(setting: dict[str, object], after: int, multiplier: float) -> dict[str, object]:
    """Return a group with the gradient's rate, the decay's, both or neither raised."""
    raised = {"rate": "constant", "decay": "decay_only", "both": "coupled"}
    changes = {name: {"multiplier": multiplier, "decay": decay} for name, decay in raised.items()}
    return {"setting": setting, "after": after, "arms": {"x1": {}, **changes}}


RATE_OR_DECAY = Claim(
    id="rate-or-decay",
    title="The fall comes from the rate, the speed from rate and decay together",
    statement="The raised rate of the gradient alone makes a transformer's training accuracy fall, the decay that "
    "AdamW raises with it alone kills the network, and only both together make it generalise as quickly as it does.",
    source="The chapter's own control: AdamW multiplies weight decay with the learning rate (Loshchilov and Hutter "
    "2019, arXiv 1711.05101)",
    experiment="chisel.lr_mode_shift.experiments.rate_or_decay:EXPERIMENT",
    statistic="The rate of the gradient, that of the weight decay, both or neither are raised, twentyfold in T and "
    "fiftyfold in Q, in the same seeds. Fall: of training accuracy within 25 steps. Sooner: the geometric mean of the "
    "ratios of steps from the switch to a validation accuracy of .95. Effects: halvings of that number of steps, with "
    "an interval from a bootstrap over seeds. A run that never generalises counts with its last step. "
    f"{NETWORKS}",
    criteria=(
        Criterion(
            "rate-falls", "T: with the rate alone training accuracy falls by more than .3.",
            "T_rate_fall", "low", ">", 0.3,
        ),
        Criterion(
            "falls-alike-high", "T: with both it falls by at most .2 more than with the rate alone.",
            "T_both_minus_rate_fall", "high", "<", 0.2,
        ),
        Criterion(
            "falls-alike-low", "T: with both it falls by at most .2 less than with the rate alone.",
            "T_both_minus_rate_fall", "low", ">", -0.2,
        ),
        Criterion(
            "decay-dead", "T: with the decay alone more than half of the runs end dead.",
            "T_decay_dead", "low", ">", 0.5,
        ),
        Criterion(
            "rate-sooner", "T: with the rate alone a run generalises sooner than with neither: over 1.3 times.",
            "T_rate_sooner", "low", ">", 1.3, "scope",
        ),
        Criterion(
            "both-sooner", "T: with both it generalises over 1.3 times sooner than with the rate alone.",
            "T_both_over_rate", "low", ">", 1.3, "scope",
        ),
        Criterion(
            "rate-effect", "T: raising the rate halves the steps more than once, averaged over both decays.",
            "T_rate_effect", "low", ">", 1.0,
        ),
        Criterion(
            "interaction", "T: raising the rate gains over half a halving more where the decay is raised too.",
            "T_interaction", "low", ">", 0.5,
        ),
        Criterion(
            "quadratic-both", "Q: with both a run generalises over five times sooner than with the rate alone.",
            "Q_both_over_rate", "low", ">", 5.0,
        ),
        Criterion(
            "quadratic-decay", "Q: with the decay alone less than half of the runs generalise.",
            "Q_decay_generalised", "high", "<", 0.5,
        ),
        Criterion(
            "quadratic-rate", "Q: the rate alone makes a run generalise sooner, too: over 1.3 times.",
            "Q_rate_sooner", "low", ">", 1.3, "scope",
        ),
    ),
    controls=(
        "x1: neither raised",
        "rate: the rate of the gradient raised, the decay held at what it was",
        "decay: the decay raised, the rate of the gradient held at what it was",
    ),
    presets={
        "laptop": {
            **_SMALL,
            "first_seed": 40,
            "members": 20,
            "drawn": ((40, 5), (100, 10), (300, 50), (2000, 100)),
            "groups": {
                "T": _four(TRANSFORMER, 1400, 20.0),
                "Q": {**_four(QUADRATIC, 2000, 50.0), "members": 10},
            },
            "compare": (("T_both_minus_rate_fall", ("T", "both"), ("T", "rate"), "fall"),),
        },
        "gpu": {
            **_LARGE,
            "groups": {"T": _four(TRANSFORMER_LARGE, 4000, 10.0), "Q": _four(QUADRATIC_LARGE, 6000, 50.0)},
            "compare": (("T_both_minus_rate_fall", ("T", "both"), ("T", "rate"), "fall"),),
        },
        "sample": {
            **_SMALL,
            **BRIEF,
            "groups": {"T": _four(TRANSFORMER, 700, 20.0), "Q": _four(QUADRATIC, 800, 50.0)},
            "compare": (("T_both_minus_rate_fall", ("T", "both"), ("T", "rate"), "fall"),),
        },
    },
    note="In the look Q never generalised within 2000 steps with the rate alone, as little as with neither, so "
    "`quadratic-rate` is not what was expected: it says what would hold if the rate were the cause in every network. "
    "A first run, seeds 10 to 19, had the same verdict; there `rate-sooner` and `both-sooner` were core criteria and "
    "met, with intervals so wide (1.6 to 4.0 and 1.5 to 10.1) that another ten seeds might have missed them. So they "
    "became scope, and all was measured again over seeds that the first run had not seen.",
)  # fmt: skip

_FULL = {**QUADRATIC, "batch": 0}
_FULL_LARGE = {**QUADRATIC_LARGE, "batch": 0}
_STEPS = {"before": 50, "stages": ((100, 2), (400, 10), (4000, 25))}

VAL_COLLAPSE = Claim(
    id="val-collapse",
    title="Validation accuracy alone collapses",
    statement="On full batches fifty times the rate makes the quadratic network's validation accuracy rise, then fall "
    "again while training accuracy stays at 1.00, and rise once more: its logits' general part loses its share and "
    "wins it back.",
    source="The chapter's own observation; the probe is after Nanda et al. (2023), arXiv 2301.05217",
    experiment="chisel.lr_mode_shift.experiments.collapse:EXPERIMENT",
    statistic="The largest fall of validation accuracy after the switch, from its peak to its trough, two looks in "
    "this order, and the first look after that at .95. Share: of the squared logits, without each pair's mean, in "
    "their average over all (a, b, c) with the same a + b - c modulo p, the general part. Quadratic network, full "
    "batches, weight decay .3, switch at step 500, watched for 2000 steps; modulo 31.",
    criteria=(
        Criterion(
            "peak", "At fifty times the rate validation accuracy rises above .7.",
            "Q_x50_val_peak", "low", ">", 0.7,
        ),
        Criterion(
            "trough", "It then falls below .3.",
            "Q_x50_val_trough", "high", "<", 0.3,
        ),
        Criterion(
            "memorised", "Training accuracy never falls below .99 meanwhile.",
            "Q_x50_lowest_train", "low", ">=", 0.99,
        ),
        Criterion(
            "regained", "It comes back to more than .9.",
            "Q_x50_val_regained", "low", ">", 0.9,
        ),
        Criterion(
            "share-lost", "From peak to trough the general part loses more than .15 of its share.",
            "Q_x50_share_lost", "low", ">", 0.15,
        ),
        Criterion(
            "share-won", "From trough to recovery it wins more than .15.",
            "Q_x50_share_won", "low", ">", 0.15,
        ),
        Criterion(
            "twenty-collapses", "At twenty times the rate validation accuracy falls by more than .3, too.",
            "Q_x20_collapse", "low", ">", 0.3, "scope",
        ),
        Criterion(
            "twenty-trough", "At twenty times the rate it falls below .25, too.",
            "Q_x20_val_trough", "high", "<", 0.25, "scope",
        ),
    ),
    controls=(
        "x1: the same seed without a switch",
        "x50_constant: fifty times the rate with the decay held constant",
        "margin and rest: whether the general part itself is lost, or what stands beside it grows",
    ),
    presets={
        "laptop": {
            **_SMALL,
            **_STEPS,
            "groups": {"Q": {**group(_FULL, 2000), "arms": {**arms(1, 20, 50), **arms(50, decay="constant")}}},
        },
        "gpu": {
            **_LARGE,
            **_STEPS,
            "stack": 5,
            "groups": {"Q": {**group(_FULL_LARGE, 4000), "arms": {**arms(1, 5, 20, 50), **arms(50, decay="constant")}}},
        },
        "sample": {**_SMALL, **_STEPS, "members": 4, "stack": 4, "groups": {"Q": group(_FULL, 1200, 20, 50)}},
    },
    note="`twenty-trough` has the prototype's figure, .10 to .22, behind it; in the look, with other first values, it "
    "was .39 to .57 and is not expected to hold.",
)  # fmt: skip
