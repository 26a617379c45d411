"""The claim on a transformer of the classic size. Pure declarations: a listing is instant."""

from chisel.core.claims import Claim, Criterion
from chisel.lr_mode_shift.presets import CLASSIC

_CLASSIC = {
    "base": CLASSIC,
    "steps": 4000,
    "before": 100,
    "stages": ((50, 1), (100, 5), (500, 25), (1000, 50), (3000, 100)),
    "multipliers": (1, 2, 5, 10, 20, 50),
    "decays": ("coupled", "constant"),
    "first_seed": 0,
    "members": 10,
    "stack": 1,
}

CLASSIC_SIZE = Claim(
    id="classic-size",
    title="At the classic size the order is the reverse",
    statement="At the classic size ten times the rate makes training accuracy fall at once and the network generalise "
    "several times sooner than at the base rate, and fifty times the rate kills it: the reverse of what was reported.",
    source="Quintin Pope, on raising the learning rate after memorisation (there ten times never converges and fifty "
    "times converges sooner); the setting is near that of Nanda et al. (2023), arXiv 2301.05217",
    experiment="chisel.lr_mode_shift.experiments.classic:EXPERIMENT",
    statistic="Accuracy of a one-layer transformer on all trained and all other pairs modulo 113, at every step up to "
    "50 after the switch and then ever more seldom. Generalised: validation accuracy was seen at .95. Sooner: the "
    "geometric mean over seeds of the ratio of steps from the switch until then, the base rate's over the other's. A "
    "run that has not generalised after 3000 steps counts with 3000, so for such a run at the base rate the ratio is a "
    "lower bound. A seed draws split, first values and batches; arms are compared seed by seed.",
    criteria=(
        Criterion(
            "memorised", "Control: at the switch training accuracy is 1.00 (at least .99).",
            "x1_before_train", "low", ">=", 0.99,
        ),
        Criterion(
            "not-general-yet", "Control: at the switch validation accuracy is below .5.",
            "x1_before_val", "high", "<", 0.5,
        ),
        Criterion(
            "ten-falls", "At ten times the rate training accuracy falls by more than .3 within 25 steps.",
            "x10_drop", "low", ">", 0.3,
        ),
        Criterion(
            "ten-converges", "At ten times the rate more than half of the runs generalise (reported: never).",
            "x10_generalised", "low", ">", 0.5,
        ),
        Criterion(
            "ten-sooner", "They do so more than three times sooner than at the base rate.",
            "x10_sooner", "low", ">", 3.0,
        ),
        Criterion(
            "fifty-dead", "At fifty times the rate more than half of the runs end with a training accuracy below .3 "
            "(reported: it converges sooner than the base rate).",
            "x50_dead", "low", ">", 0.5,
        ),
        Criterion(
            "ten-to-validation", "Where training accuracy is lowest in these 25 steps, at ten times the rate, it is "
            "less than .25 above validation accuracy.",
            "x10_gap", "high", "<", 0.25, "scope",
        ),
        Criterion(
            "ten-diverges-again", "Afterwards training accuracy is ahead once more, by over .2 at some look.",
            "x10_divergence", "low", ">", 0.2, "scope",
        ),
        Criterion(
            "ten-constant-sooner", "Ten times the rate with the decay held constant generalises over one and a half "
            "times sooner than the base rate.",
            "x10_constant_sooner", "low", ">", 1.5, "scope",
        ),
        Criterion(
            "fifty-constant-dead", "With the decay held constant, more than half of the runs at fifty times the rate "
            "end with a training accuracy below .3.",
            "x50_constant_dead", "low", ">", 0.5, "scope",
        ),
    ),
    controls=(
        "x1: the same seed without a switch, with the same split, first values and batches",
        "*_constant: the rate is raised for the gradient only, and the decay stays what it was",
    ),
    presets={
        "laptop": _CLASSIC,
        "gpu": {
            **_CLASSIC,
            "steps": 8000,
            "multipliers": (1, 2, 3, 5, 7, 10, 15, 20, 30, 50),
            "members": 20,
            "stack": 20,
        },
        "sample": {
            **_CLASSIC,
            "base": {**CLASSIC, "p": 31, "hidden": 128, "fraction": 0.5, "batch": 128, "lr": 1.5e-3,
                     "weight_decay": 1.4, "switch_step": 400},
            "steps": 1800,
            "before": 400,
            "stages": ((25, 1), (200, 25), (1000, 100)),
            "multipliers": (1, 10, 50),
            "members": 5,
            "stack": 5,
        },
    },
    note="Thresholds come from the figures of a prototype's four runs at this size, two of them with these very "
    "settings, and from a look at seed 100 with 1, 10 and 50 times the rate. They stand before any run of the seeds "
    "measured here. What depth, width, batch and decay the reported runs had is not known. The sample is smaller "
    "(modulo 31) and has a higher base rate and more decay, because a smaller network falls less and later at these.",
)  # fmt: skip
