"""Claims about why a trained direction does not move its inverse, and about what makes it do so.

Thresholds come from the design of the chapter, which had a prototype's figures, and from a look at seeds from 100 on.
The claims' own seeds start at 0. They stand before any run of these experiments.
"""

from chisel.core.claims import Claim, Criterion

_TRANSFER = {
    "pairs": 60,
    "both": 0.4,
    "left_out": 12,
    "gain": 0.3,
    "shape": {},
    "method": {},
    "bilinear": {},
    "arms": ("base", "tied", "tied_identity", "bilinear", "bilinear_tied"),
    "first_seed": 0,
    "members": 10,
    "stack": 5,
}

ONE_STEP_TRANSFER = Claim(
    id="one-step-transfer",
    title="One gradient step",
    statement="One step up the gradient of log p(B | A), on a pair that was never stated, makes A likelier after B, "
    "but no more than it makes any other name likelier: nothing specific transfers.",
    source="Zhu et al. (2024), arXiv 2405.04669; Pope's comments on the reversal curse",
    experiment="chisel.reversal_curse.experiments.transfer:EXPERIMENT",
    statistic="Change in log-probability (nats) of the right name after the inverse prompt, raw and less the mean "
    "change of 11 other names, after one step of length .3 / |gradient|^2 on a pair that was left out of training but "
    "for its exposure; mean over 12 pairs and both directions. A network with facts of its own is one seed.",
    criteria=(
        Criterion(
            "step-works", "The step raises the statement that it is taken on by more than .25 nats.",
            "base_forward", "low", ">", 0.25,
        ),
        Criterion(
            "raw-above-zero", "Raw, the inverse statement gains: its change is above 0.",
            "base_raw", "low", ">", 0.0,
        ),
        Criterion(
            "nothing-specific-high", "Contrasted, it gains less than .03 nats, a tenth of the statement's own gain.",
            "base_contrasted", "high", "<", 0.03,
        ),
        Criterion(
            "nothing-specific-low", "Contrasted, it loses less than .03 nats.",
            "base_contrasted", "low", ">", -0.03,
        ),
        Criterion(
            "gain-at-large", "What the other names gain, raw less contrasted, is over .02 nats.",
            "base_raw_less_contrasted", "low", ">", 0.02,
        ),
        Criterion(
            "would-be-seen", "Control: in tied bilinear models, whose relations are nearly each other's transposes, "
            "the same step transfers: contrasted, over .05 nats.",
            "bilinear_tied_contrasted", "low", ">", 0.05,
        ),
        Criterion(
            "tied-learns", "Tied decoders come to favour the right name in inverse statements over training, by over "
            ".1 nats.",
            "tied_trained", "low", ">", 0.1, "scope",
        ),
        Criterion(
            "one-step-tells", "One step tells what training will do: tied decoders transfer too, contrasted over .03 "
            "nats.",
            "tied_contrasted", "low", ">", 0.03, "scope",
        ),
    ),
    controls=(
        "bilinear_tied_*: a model in which one step does transfer",
        "bilinear_*: the bilinear model without tying, in which none can",
        "*_forward: the gain of the statement that the step is taken on",
        "*_trained: what training as a whole has done to inverse statements in the same networks",
    ),
    presets={
        "laptop": _TRANSFER,
        "gpu": {
            **_TRANSFER, "pairs": 500, "left_out": 40, "shape": {"layers": 4, "width": 256, "heads": 8},
            "method": {"steps": 400, "lr": 1e-3}, "bilinear": {"steps": 600}, "members": 20, "stack": 10,
        },
        "sample": {**_TRANSFER, "members": 4, "stack": 4, "arms": ("base", "tied", "bilinear_tied")},
    },
    note="A look at four seeds gave, for tied decoders, 1.1 nats over training and .006 contrasted in one step, as the "
    "design's prototype had it. So `one-step-tells` is not what was expected: it says what would "
    "hold if one step explained what tying does.",
)  # fmt: skip

_BILINEAR = {
    "pairs": 50,
    "both": 0.5,
    "width": 64,
    "spread": 0.02,
    "method": {"steps": 300, "lr": 3e-3},
    "first_seed": 0,
    "members": 10,
    "stack": 10,
}

TRANSPOSE = Claim(
    id="transpose",
    title="The inverse relation becomes the transpose",
    statement="In a bilinear model whose names are written with the vectors they are read with, training makes the "
    "inverse relation's matrix the transpose of the relation's, and inverse statements follow; without tying neither "
    "happens.",
    source="Zhu et al. (2024), arXiv 2405.04669; the bilinear model is RESCAL's (Nickel, Tresp and Kriegel 2011)",
    experiment="chisel.reversal_curse.experiments.transpose:EXPERIMENT",
    statistic="Share of held-out inverse statements whose object is the likeliest of all names (top-1) or of the "
    "held-out names (forced choice), mean of both directions; and the cosine between one relation's matrix and the "
    "transpose of the other's. A model with facts of its own is one seed.",
    criteria=(
        Criterion(
            "untied-top1", "Untied: top-1 of inverse statements is below .03.",
            "untied_reverse_top1", "high", "<", 0.03,
        ),
        Criterion(
            "untied-choice-high", "Untied: forced choice is less than .1 above chance.",
            "untied_choice_less_chance", "high", "<", 0.1,
        ),
        Criterion(
            "untied-choice-low", "Untied: forced choice is less than .1 below chance.",
            "untied_choice_less_chance", "low", ">", -0.1,
        ),
        Criterion(
            "untied-likeness-high", "Untied: the cosine is below .05.",
            "untied_likeness", "high", "<", 0.05,
        ),
        Criterion(
            "untied-likeness-low", "Untied: the cosine is above -.05.",
            "untied_likeness", "low", ">", -0.05,
        ),
        Criterion(
            "tied-top1", "Tied: top-1 of inverse statements is above .2.",
            "tied_reverse_top1", "low", ">", 0.2,
        ),
        Criterion(
            "tied-choice", "Tied: forced choice is above .8.",
            "tied_reverse_choice", "low", ">", 0.8,
        ),
        Criterion(
            "tied-likeness", "Tied: the cosine is above .5.",
            "tied_likeness", "low", ">", 0.5,
        ),
        Criterion(
            "tied-swapped", "Tied: with each relation's matrix replaced by the transpose of the other's, top-1 of "
            "inverse statements is above .9.",
            "tied_swapped_top1", "low", ">", 0.9,
        ),
        Criterion(
            "untied-swapped", "Control: untied, the same replacement gives a top-1 below .1.",
            "untied_swapped_top1", "high", "<", 0.1, "scope",
        ),
        Criterion(
            "taught", "Control: untied models that are trained on the inverse statements know them: top-1 above .95.",
            "untied_taught_reverse_top1", "low", ">", 0.95, "scope",
        ),
        Criterion(
            "unlinked", "Control: tied models without a pair that is stated both ways do not know that the relations "
            "are inverse: top-1 below .03.",
            "tied_unlinked_reverse_top1", "high", "<", 0.03, "scope",
        ),
    ),
    controls=(
        "untied_taught_*: the same model, trained on the inverse statements too",
        "tied_unlinked_*: tied models whose statements never tell that the relations are inverse",
        "*_swapped_top1: the cause, put in by hand",
        "*_learned_top1: the statements that are trained",
    ),
    presets={
        "laptop": _BILINEAR,
        "gpu": {
            **_BILINEAR, "pairs": 1000, "width": 256, "method": {"steps": 600, "lr": 3e-3}, "members": 20, "stack": 4,
        },
        "sample": {**_BILINEAR, "members": 12, "stack": 12},
    },
    note="Size and schedule were picked on five seeds from 100 on, where tied models reached the prototype's figures; "
    "a larger first spread or a longer training gives less top-1 at a like forced choice. The controls by replacement "
    "and without pairs stated both ways were looked at on those seeds too.",
)  # fmt: skip

_SWITCHES = {
    "pairs": 50,
    "both": 0.5,
    "shape": {},
    "method": {},
    "arms": ("base", "both_ways", "reversed", "object_masked", "masked", "any_order"),
    "first_seed": 0,
    "members": 10,
    "stack": 5,
}

OFF_SWITCHES = Claim(
    id="off-switches",
    title="What switches it off",
    statement="The curse is not a law: reversed copies of the training statements, or an objective that leaves out any "
    "entity and not only the last, make a network of the same size answer inverse statements that it was never shown.",
    source="Golovneva et al. (2024), arXiv 2403.13799 (reversed copies); Kitouni et al. (2024), arXiv 2406.05183 "
    "(objectives)",
    experiment="chisel.reversal_curse.experiments.off_switches:EXPERIMENT",
    statistic="Share of held-out inverse statements, asked for as `subject relation ?`, whose object is the likeliest "
    "token of the vocabulary, in each direction: b_to_a of pairs that are stated A to B, a_to_b of the others. A "
    "network with facts of its own is one seed.",
    criteria=(
        Criterion(
            "base-knows-none", "Base: top-1 of inverse statements is below .03.",
            "base_top1", "high", "<", 0.03,
        ),
        Criterion(
            "reversed-b-to-a", "Reversed copies: top-1 is above .8, B to A.",
            "reversed_b_to_a_top1", "low", ">", 0.8,
        ),
        Criterion(
            "reversed-a-to-b", "Reversed copies: top-1 is above .8, A to B.",
            "reversed_a_to_b_top1", "low", ">", 0.8,
        ),
        Criterion(
            "masked-b-to-a", "Masked objective: top-1 is above .8, B to A.",
            "masked_b_to_a_top1", "low", ">", 0.8,
        ),
        Criterion(
            "masked-a-to-b", "Masked objective: top-1 is above .8, A to B.",
            "masked_a_to_b_top1", "low", ">", 0.8,
        ),
        Criterion(
            "reversed-gains", "Reversed copies: the right name gains over 2 nats on the wrong ones, against base.",
            "reversed_less_base_difference", "low", ">", 2.0,
        ),
        Criterion(
            "masked-gains", "Masked objective: the right name gains over 2 nats on the wrong ones, against base.",
            "masked_less_base_difference", "low", ">", 2.0,
        ),
        Criterion(
            "taught", "Control: a network that is trained on the inverse statements knows them: top-1 above .95.",
            "both_ways_top1", "low", ">", 0.95, "scope",
        ),
        Criterion(
            "not-the-attention", "Control: the network of the masked objective with only objects left out, which sees "
            "all of a statement too, does not know its inverse: top-1 below .03.",
            "object_masked_top1", "high", "<", 0.03, "scope",
        ),
    ),
    controls=(
        "both_ways_*: trained on the inverse statements too, which is no generalisation",
        "object_masked_*: attention to both sides, with the objective of the base",
        "*_in_place_*: the trained statement asked for its subject, which a masked objective trains directly",
        "*_learned_top1: the statements that are trained about the same pairs",
    ),
    presets={
        "laptop": _SWITCHES,
        "gpu": {
            **_SWITCHES, "pairs": 500, "shape": {"layers": 4, "width": 256, "heads": 8},
            "method": {"steps": 400, "lr": 1e-3}, "members": 20, "stack": 5,
        },
        "sample": {
            **_SWITCHES, "pairs": 30, "members": 3, "stack": 3,
            "arms": ("base", "both_ways", "reversed", "object_masked", "masked"),
        },
    },
    note="Thresholds rest on the design's prototype and on a look at three seeds from 100 on. The any-order objective "
    "is measured without a criterion: of seven sets of holes the one that leaves nothing to be seen was taken out "
    "after a look, as it slowed training down.",
)  # fmt: skip
