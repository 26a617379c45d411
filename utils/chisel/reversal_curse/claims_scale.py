"""The claim on scale, for decoders that are trained from scratch. Pure declarations: a listing is instant."""

from chisel.core.claims import Claim, Criterion
from chisel.reversal_curse.claims_scratch import STATISTIC
from chisel.reversal_curse.presets import BASE, FEW, IDENTICAL, SEEDS

_LONG = {"steps": 1200}
_LOOKS = (0, 50, 150, 300, 600)
_SCALES = {
    "long": {"method": _LONG, "looks": _LOOKS, "members": 40},
    "long_decay": {"method": {**_LONG, "weight_decay": 1.0}, "looks": _LOOKS, "members": 40},
    "facts_400": {"pairs": 400, "method": {"steps": 400, "batch": 350, "lr": 1.3e-3}},
    "deep_wide": {"shape": {"layers": 4, "width": 128}, "method": {"steps": 200, "lr": 1e-3}},
}
_SCALE = {
    **SEEDS,
    "first_seed": 60,
    "base": {**BASE, "pairs": 30},  # so that long training is affordable on a laptop
    "variants": {
        "base": {},
        **_SCALES,
        "lifted": {"pairs": 200, **IDENTICAL, "method": {"steps": 400, "batch": 175, "lr": 1.3e-3}},
    },
    "groups": {"larger": tuple(_SCALES)},
}
_MANY = {"pairs": 10_000}
_MANY_STEPS = {"steps": 20_000, "batch": 1024, "lr": 1e-3}
_MANY_LOOKS = (0, 500, 1000, 2000, 5000, 10_000)
_LARGE = {"layers": 8, "width": 256}
_SCALES_GPU = {
    "long": {"method": {"steps": 20_000}, "looks": _MANY_LOOKS},
    "long_decay": {"method": {"steps": 20_000, "weight_decay": 1.0}, "looks": _MANY_LOOKS},
    **{
        name: {**_MANY, "method": {**_MANY_STEPS, "weight_decay": decay}, "looks": _MANY_LOOKS}
        for name, decay in (("facts", 0.0), ("facts_decay_small", 0.1), ("facts_decay", 1.0))
    },
    "facts_deep_wide": {**_MANY, "shape": _LARGE, "method": {**_MANY_STEPS, "lr": 3e-4}, "looks": _MANY_LOOKS},
}
_BRIEF = {"method": {"steps": 400}, "looks": (0, 150)}

NO_LIFT_WITH_SCALE = Claim(
    id="no-lift-with-scale",
    title="Longer training, more facts and a larger decoder do not lift the curse",
    statement="Eight times the training, with weight decay or without, thirteen times the facts, and a decoder of "
    "twice the depth and width do not raise the reverse difference: nothing of the inverse is found later.",
    source="The chapter's own question: whether the curse ends as grokking does (Power et al. 2022, arXiv 2201.02177)",
    experiment="chisel.reversal_curse.experiments.scale:EXPERIMENT",
    statistic=STATISTIC + " At most 64 prompts and names in each direction.",
    criteria=(
        Criterion(
            "learned", "In each of the set-ups, one-way pairs are completed in the trained direction with top-1 "
            "accuracy over .9.",
            "larger_learned_top1", "low", ">", 0.9,
        ),
        Criterion(
            "no-lift", "In none of them does the upper end of the reverse difference reach .5 nats.",
            "larger_highest", "high", "<", 0.5,
        ),
        Criterion(
            "never-long", "At none of the looks in long training does the mean's upper end reach .5 nats.",
            "long_highest_difference", "high", "<", 0.5,
        ),
        Criterion(
            "never-decay", "Nor with weight decay 1.",
            "long_decay_highest_difference", "high", "<", 0.5,
        ),
        Criterion(
            "would-be-seen", "Control: with 200 facts and identity data the interval of the reverse difference is "
            "above .5 nats, so that a lift would be seen.",
            "lifted_reverse_difference", "low", ">", 0.5,
        ),
    ),
    controls=(
        "base: 150 steps, 30 facts, 2 layers, width 64",
        "lifted: identity data, with which the curse does lift, at more facts than the base's",
    ),
    presets={
        "laptop": _SCALE,
        "gpu": {
            **_SCALE,
            "base": BASE,
            "stack": 1,
            "variants": {
                "base": {},
                **_SCALES_GPU,
                "lifted": {**_MANY, **IDENTICAL, "method": _MANY_STEPS, "looks": _MANY_LOOKS},
            },
            "groups": {"larger": tuple(_SCALES_GPU)},
        },
        "sample": {
            **_SCALE,
            **FEW,
            "variants": {
                "base": {},
                "long": _BRIEF,
                "long_decay": {**_BRIEF, "method": {**_BRIEF["method"], "weight_decay": 1.0}},
                "facts_60": {"pairs": 60},
                "lifted": {"pairs": 40, **IDENTICAL},
            },
            "groups": {"larger": ("long", "long_decay", "facts_60")},
        },
    },
    note="Thresholds come from a look at two to five other seeds of each set-up, with 50 facts where it is 30 here, "
    "after which learning rates, steps and batches were chosen so that the larger ones learn their statements. The "
    "control is identity data and not tied embeddings too, because with those several networks had not learned 200 "
    "facts. Half a nat is a quarter of what the control gave. A first run (seeds 0 to 9) settled nothing for long "
    "training: its mean was .04 nats, but single decoders lay between -1.1 and 1.9, so that the interval reached .59, "
    "over the threshold. So the two long trainings were given forty decoders each. A second run (seeds 20 to 59) met "
    "all criteria on reverse differences, but one of ten decoders with 400 facts had learned half of them (`learned` "
    "was not met). By either run the claim does not replicate. Then the set-ups with many facts were given a lower "
    "rate and more steps, after a look at four seeds from 100 on, and all was measured a third time with the same "
    "criteria on other seeds, these. The earlier results are in the history. The sample is smaller (30 to 60 facts, "
    "400 steps). The gpu preset asks the full question (10,000 facts, 20,000 steps, 8 layers, weight decay 0, .1 "
    "and 1); its rates "
    "were not tuned.",
)  # fmt: skip
