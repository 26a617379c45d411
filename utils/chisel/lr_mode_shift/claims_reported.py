"""Claims about what ten and fifty times the rate were reported to do. Pure declarations: a listing is instant.

Thresholds rest on the figures of the design's prototype and on a look at seeds from 100 on. They stand before any run
of the seeds measured here, which start at 10.
"""

from chisel.core.claims import Claim, Criterion
from chisel.lr_mode_shift.claims_curves import GRID, NETWORKS, POPE
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
    group,
)

_SMALL = {**RUNS, "base": SMALL}
_LARGE = {**RUNS_LARGE, "base": LARGE}

FIFTY_FASTER = Claim(
    id="fifty-faster",
    title="Fifty times the rate generalises sooner",
    statement="Fifty times the rate, from the switch on, makes a network reach a validation accuracy of .95 sooner "
    "than the base rate does.",
    source=f"{POPE}: of his three runs the one at fifty times the rate converges first",
    experiment=GRID,
    statistic="How many times sooner than at the base rate validation accuracy reaches .95: the geometric mean over "
    "seeds of the ratio of steps from the switch on. A run that never does within the run counts with its last step, "
    f"so one at the base rate makes a ratio a lower bound and one at the raised rate an upper bound. {NETWORKS}",
    criteria=(
        Criterion(
            "transformer-generalises", "At fifty times the rate more than half of the transformers generalise.",
            "T_x50_generalised", "low", ">", 0.5,
        ),
        Criterion(
            "transformer-sooner", "They do so sooner than at the base rate: the ratio is above 1.",
            "T_x50_sooner", "low", ">", 1.0,
        ),
        Criterion(
            "quadratic-sooner", "The quadratic network generalises over three times sooner.",
            "Q_x50_sooner", "low", ">", 3.0, "scope",
        ),
        Criterion(
            "embedding-sooner", "The embedding network generalises over three times sooner.",
            "E_x50_sooner", "low", ">", 3.0, "scope",
        ),
    ),
    controls=(
        "x1: the same seed without a switch, with the same split, first values and batches",
        "*_dead: shares of runs that end with a training accuracy below .3",
    ),
    presets={
        "laptop": {
            **_SMALL,
            "groups": {
                "T": group(TRANSFORMER, 3000, 1, 50),
                "Q": group(QUADRATIC, 2500, 1, 50),
                "E": group(EMBEDDING, 2000, 1, 50),
            },
        },
        "gpu": {
            **_LARGE,
            "groups": {
                "T": group(TRANSFORMER_LARGE, 8000, 1, 20, 30, 50),
                "Q": group(QUADRATIC_LARGE, 8000, 1, 20, 50, 100),
                "E": group(EMBEDDING_LARGE, 8000, 1, 20, 50, 100),
            },
        },
        "sample": {
            **_SMALL,
            **BRIEF,
            "groups": {
                "T": group(TRANSFORMER, 200, 1, 50),
                "Q": group(QUADRATIC, 600, 1, 50),
                "E": group(EMBEDDING, 400, 1, 50),
            },
        },
    },
    note="The look: none of four transformers generalised at fifty times the rate, all ended at chance; Q and E took "
    "some 100 and 65 steps. So the core criteria are not what was expected: they are what the claim says of a "
    "transformer. What the reported network was is not known.",
)  # fmt: skip

TEN_NEVER = Claim(
    id="ten-never",
    title="Ten times the rate never converges",
    statement="Ten times the rate, from the switch on, keeps a network from generalising.",
    source=f"{POPE}: of his three runs the one at ten times the rate does not converge at all",
    experiment=GRID,
    statistic="Share of runs whose validation accuracy reaches .95 within 2000 steps after the switch (Q, E: 1000), "
    f"with Wilson's interval. {NETWORKS}",
    criteria=(
        Criterion(
            "not-general-yet", "Control: at the switch the transformer's validation accuracy is below .7.",
            "T_x10_before_val", "high", "<", 0.7,
        ),
        Criterion(
            "transformer-never", "At ten times the rate less than half of the transformers generalise.",
            "T_x10_generalised", "high", "<", 0.5,
        ),
        Criterion(
            "quadratic-never", "At ten times the rate less than half of the quadratic networks generalise.",
            "Q_x10_generalised", "high", "<", 0.5, "scope",
        ),
        Criterion(
            "embedding-never", "At ten times the rate less than half of the embedding networks generalise.",
            "E_x10_generalised", "high", "<", 0.5, "scope",
        ),
    ),
    controls=(
        "T_x1: the same seeds without a switch",
        "*_before_val: validation accuracy at the switch",
        "*_end_val: whether a run that has generalised stays there",
    ),
    presets={
        "laptop": {
            **_SMALL,
            "groups": {
                "T": group(TRANSFORMER, 2000, 1, 10),
                "Q": group(QUADRATIC, 1000, 1, 10),
                "E": group(EMBEDDING, 1000, 1, 10),
            },
        },
        "gpu": {
            **_LARGE,
            "groups": {
                "T": group(TRANSFORMER_LARGE, 8000, 1, 5, 7, 10, 15),
                "Q": group(QUADRATIC_LARGE, 8000, 1, 5, 10, 20),
                "E": group(EMBEDDING_LARGE, 8000, 1, 5, 10, 20),
            },
        },
        "sample": {
            **_SMALL,
            **BRIEF,
            "groups": {
                "T": group(TRANSFORMER, 400, 10),
                "Q": group(QUADRATIC, 500, 10),
                "E": group(EMBEDDING, 300, 10),
            },
        },
    },
    note="In the look all runs at ten times the rate generalised, after 76 to 375 steps. So all criteria but the "
    "control are not what was expected: they are what the claim says.",
)  # fmt: skip

TWO_TRANSITIONS = Claim(
    id="two-transitions",
    title="Ten times the rate gives two transitions",
    statement="At ten times the rate training accuracy first falls to validation accuracy and then diverges from it "
    "again.",
    source=f"{POPE}, who takes the second divergence for a transition back to learning shallow patterns first",
    experiment=GRID,
    statistic="How far training accuracy falls within 25 steps, how far above validation accuracy it is where it is "
    "lowest (above), and by how much its largest lead after that, within 1000 steps, exceeds this (again). "
    f"{NETWORKS}",
    criteria=(
        Criterion(
            "falls", "At ten times the rate the transformer's training accuracy falls by more than .1.",
            "T_x10_fall", "low", ">", 0.1,
        ),
        Criterion(
            "to-validation", "It falls to less than .25 above validation accuracy.",
            "T_x10_above", "high", "<", 0.25,
        ),
        Criterion(
            "diverges-again", "Afterwards its lead grows by more than .2.",
            "T_x10_again", "low", ">", 0.2,
        ),
        Criterion(
            "quadratic-falls", "The quadratic network's training accuracy falls by more than .1, too.",
            "Q_x10_fall", "low", ">", 0.1, "scope",
        ),
    ),
    controls=(
        "x1: the same seed without a switch",
        "x20, x50: higher rates, which bring the two curves closer together",
    ),
    presets={
        "laptop": {
            **_SMALL,
            "groups": {"T": group(TRANSFORMER, 1000, 1, 10, 20), "Q": group(QUADRATIC, 1000, 1, 10, 50)},
        },
        "gpu": {
            **_LARGE,
            "groups": {
                "T": group(TRANSFORMER_LARGE, 3000, 1, 5, 7, 10, 15, 20),
                "Q": group(QUADRATIC_LARGE, 3000, 1, 10, 50, 100, 300),
            },
        },
        "sample": {
            **_SMALL,
            **BRIEF,
            "groups": {"T": group(TRANSFORMER, 300, 10), "Q": group(QUADRATIC, 100, 10)},
        },
    },
    note="In the look the transformer's lead was .36 to .47 at the lowest point and grew by .03 to .08: one divergence "
    "that never closed. So the last two core criteria are not what was expected: they are what the claim says.",
)  # fmt: skip
