"""The claim on a setting in which the reported order holds. Pure declarations: a listing is instant."""

from chisel.core.claims import Claim, Criterion
from chisel.lr_mode_shift.claims_curves import GRID, POPE
from chisel.lr_mode_shift.presets import LARGE, RUNS, RUNS_LARGE, SMALL, TRANSFORMER, TRANSFORMER_LARGE, arms, group

_SMALL = {**RUNS, "base": SMALL}
_LARGE = {**RUNS_LARGE, "base": LARGE}
_LITTLE = 0.02
_NORMED = {**TRANSFORMER, "layer_norm": True}
_LITTLE_NORMED = {**_NORMED, "weight_decay": _LITTLE}


def _groups(setting: dict[str, object], after: int, little: float, controls: int) -> dict[str, object]:
    """Return a transformer with layer normalisation and little decay, and three controls with fewer seeds."""
    normed = {**setting, "layer_norm": True, "weight_decay": little}
    return {
        "L": group(normed, after, 1, 10, 50),
        "P": group({**setting, "weight_decay": little}, after, 1, 10, 50, members=controls),
        "S": group({**setting, "layer_norm": True}, after, 1, 10, 50, members=controls),
        "C": {"setting": normed, "after": after, "arms": arms(50, decay="constant"), "members": controls},
    }


REPORTED_ORDER = Claim(
    id="reported-order",
    title="With layer normalisation and little decay the reported order holds",
    statement="There is a setting in which ten times the rate makes training accuracy fall to validation accuracy, "
    "leave it again and never generalise, while fifty times the rate generalises sooner than the base rate.",
    source=f"{POPE}: what he reports of his three runs, looked for among settings that he may have had",
    experiment=GRID,
    statistic="L: one-layer transformer with layer normalisation and a weight decay of .02. P: the same without layer "
    "normalisation. S: with layer normalisation and a weight decay of 1. C: L with the decay held constant. Batch "
    "128, switch at step 600, watched for 3000 steps after it; addition modulo 31, six tenths of the pairs, base "
    "rate .001. Fall, above and again as in `two-transitions`, sooner as in `fifty-faster`, gap of the rise as in "
    "`tandem`. Never: not within these steps. A seed draws split, first values and batches.",
    criteria=(
        Criterion(
            "memorised", "Control: at the switch training accuracy is over .97.",
            "L_x1_before_train", "low", ">", 0.97,
        ),
        Criterion(
            "ten-falls", "At ten times the rate training accuracy falls by more than .3.",
            "L_x10_fall", "low", ">", 0.3,
        ),
        Criterion(
            "ten-to-validation", "It falls to less than .25 above validation accuracy.",
            "L_x10_above", "high", "<", 0.25,
        ),
        Criterion(
            "ten-diverges-again", "Afterwards its lead grows by more than .2.",
            "L_x10_again", "low", ">", 0.2,
        ),
        Criterion(
            "ten-never", "At ten times the rate less than half of the runs generalise.",
            "L_x10_generalised", "high", "<", 0.5,
        ),
        Criterion(
            "fifty-generalises", "At fifty times the rate more than half of the runs generalise.",
            "L_x50_generalised", "low", ">", 0.5, "scope",
        ),
        Criterion(
            "fifty-sooner", "At fifty times the rate they generalise sooner than at the base rate: the ratio is above "
            "1.",
            "L_x50_sooner", "low", ">", 1.0,
        ),
        Criterion(
            "fifty-stays", "At fifty times the rate validation accuracy ends above .9: it converges.",
            "L_x50_end_val", "low", ">", 0.9, "scope",
        ),
        Criterion(
            "fifty-tandem", "At fifty times the rate more than half of the runs are tandem.",
            "L_x50_tandem", "low", ">", 0.5, "scope",
        ),
        Criterion(
            "fifty-close", "At fifty times the rate the gap of the rise is below .15.",
            "L_x50_rise_gap", "high", "<", 0.15, "scope",
        ),
        Criterion(
            "without-normalisation", "Without layer normalisation less than half generalise at fifty times the rate.",
            "P_x50_generalised", "high", "<", 0.5, "scope",
        ),
        Criterion(
            "with-decay", "With a decay of 1 more than half of the runs generalise at ten times the rate.",
            "S_x10_generalised", "low", ">", 0.5, "scope",
        ),
        Criterion(
            "decay-counts", "With the decay held constant less than half generalise at fifty times the rate.",
            "C_x50_constant_generalised", "high", "<", 0.5, "scope",
        ),
    ),
    controls=(
        "x1: the same seed without a switch, with the same split, first values and batches",
        "P: no layer normalisation; S: the decay of the other claims",
        "C: fifty times the rate for the gradient only",
    ),
    presets={
        "laptop": {
            **_SMALL,
            "first_seed": 40,
            "members": 30,
            "stack": 6,
            "groups": _groups(TRANSFORMER, 3000, _LITTLE, 12),
        },
        "gpu": {**_LARGE, "groups": _groups(TRANSFORMER_LARGE, 20000, _LITTLE, 20)},
        "sample": {
            **_SMALL,
            "before": 200,
            "stages": ((30, 1), (100, 5), (4000, 20)),
            "members": 6,
            "stack": 6,
            "groups": {
                "L": group(_LITTLE_NORMED, 3000, 1, 10, 50),
                "P": group({**TRANSFORMER, "weight_decay": _LITTLE}, 150, 50),
                "S": group(_NORMED, 400, 10),
                "C": {"setting": _LITTLE_NORMED, "after": 150, "arms": arms(50, decay="constant"), "members": 2},
            },
        },
    },
    note="This setting was picked after looking, at one to three seeds from 100 on: layer normalisation or none, with "
    "weight decays from 0 to 1, on batches, and some on full batches or with fewer trained pairs. With a decay of "
    ".1 or more ten times the rate generalised too, only later than fifty times. So this shows that the reported "
    "order can hold, and not how common it is. A first run, seeds 10 to 21, had the same verdict; there `fifty-"
    "generalises` was a core criterion and met, with 10 of 12 runs, where 9 would have missed it. So it became "
    "scope, and all was measured again over more seeds, none of them seen before. `fifty-tandem` and `fifty-close` "
    "are what was reported and not what was expected. The sample watches the controls briefly.",
)  # fmt: skip
