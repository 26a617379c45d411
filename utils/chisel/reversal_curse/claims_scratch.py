"""Claims on small decoders that are trained from scratch. Pure declarations: a listing is instant."""

from chisel.core.claims import Claim, Criterion
from chisel.reversal_curse.presets import BASE, BASE_GPU, FEW, IDENTICAL, SEEDS, TIED

EXPERIMENT = "chisel.reversal_curse.experiments.scratch:EXPERIMENT"
STATISTIC = (
    "Score of a name: its log-probability after a prompt. Reverse difference: the right name's score less the mean of "
    "the other held-out names', columns centred, over the prompts that were never trained; nats, the mean of both "
    "mirror directions. One network with facts of its own is a seed."
)

_GENTLE = {"steps": 200, "lr": 1e-3}  # a larger decoder does not always learn everything at the base's rate
_WIDE = {"shape": {"width": 128}}
_OTHERS = {
    "layers_1": {"shape": {"layers": 1}},
    "layers_4": {"shape": {"layers": 4}, "method": _GENTLE},
    "width_128": {**_WIDE, "method": _GENTLE},
    "both_90": {"both": 0.9},
    "both_10": {"both": 0.1},
    "both_0": {"both": 0.0},
}
_CONTROLS = {"unexposed": {"exposure": False}, "untrained": {"method": {"steps": 0}}, "taught": {"taught": True}}
_CURSE = {
    **SEEDS,
    "first_seed": 10,
    "base": BASE,
    "variants": {"base": {}, **_OTHERS, **_CONTROLS},
    "groups": {"others": tuple(_OTHERS)},
    "matrices": ("base", "taught", "unexposed", "untrained"),
}
REVERSAL_CURSE = Claim(
    id="reversal-curse",
    title="Trained one way, a decoder knows nothing the other way",
    statement="A decoder that states every trained fact perfectly, and knows how to reverse other pairs, gives the "
    "right name no more than any other name when a fact is asked in the direction in which it was not stated.",
    source="Berglund et al. (2023), arXiv 2309.12288; Quintin Pope, on what training does not infer",
    experiment=EXPERIMENT,
    statistic=STATISTIC,
    criteria=(
        Criterion(
            "learned", "In the direction in which they were stated, one-way pairs are completed with top-1 accuracy "
            "1.00 (at least .99).",
            "base_learned_top1", "low", ">=", 0.99,
        ),
        Criterion(
            "both-ways-learned", "Pairs that are stated both ways are completed backward with top-1 accuracy 1.00 (at "
            "least .99).",
            "base_both_top1", "low", ">=", 0.99,
        ),
        Criterion(
            "no-reverse-answer", "The right name is the likeliest token for less than 2 % of the reverse prompts.",
            "base_reverse_top1", "high", "<", 0.02,
        ),
        Criterion(
            "no-reverse-choice", "Among the held-out names the right one is picked less than 5 points more often than "
            "by chance.",
            "base_choice_gain", "high", "<", 0.05,
        ),
        Criterion(
            "b-to-a-not-above", "Of pairs stated A to B, the reverse difference is within its interval of 0: its upper "
            "end is below .3 nats, a twenty-fifth of the trained direction's.",
            "base_difference_b_to_a", "high", "<", 0.3,
        ),
        Criterion(
            "b-to-a-not-below", "Its lower end is above -.3 nats.",
            "base_difference_b_to_a", "low", ">", -0.3,
        ),
        Criterion(
            "a-to-b-not-above", "Of pairs stated B to A, the upper end of the reverse difference is below .3 nats.",
            "base_difference_a_to_b", "high", "<", 0.3,
        ),
        Criterion(
            "a-to-b-not-below", "Its lower end is above -.3 nats.",
            "base_difference_a_to_b", "low", ">", -0.3,
        ),
        Criterion(
            "trained-difference", "In the trained direction the same statistic finds over 4 nats.",
            "base_learned_difference", "low", ">", 4.0,
        ),
        Criterion(
            "positive-control", "Control: with the reverse statements trained as well it finds over 4 nats in reverse.",
            "taught_reverse_difference", "low", ">", 4.0,
        ),
        Criterion(
            "can-be-said", "Control: every held-out name is the likeliest token after the key of its exposure fact (at "
            "least .99), so the decoder can say it.",
            "base_named_top1", "low", ">=", 0.99,
        ),
        Criterion(
            "could-differ", "Control: it does tell held-out names apart, for no good reason: wrong ones differ by over "
            ".15 nats once the means of row and column are taken out.",
            "base_spread", "low", ">", 0.15,
        ),
        Criterion(
            "confound", "Without exposure facts it does not (less than .1 nats): then no reverse difference could be "
            "seen whatever the cause.",
            "unexposed_spread", "high", "<", 0.1,
        ),
        Criterion(
            "others-learned", "Scope: with 1 or 4 layers, a width of 128, and 90, 10 or no per cent of the pairs "
            "stated both ways, one-way pairs are completed with top-1 accuracy 1.00 (at least .99).",
            "others_learned_top1", "low", ">=", 0.99, "scope",
        ),
        Criterion(
            "others-not-above", "None of these has a reverse difference whose upper end reaches .5 nats.",
            "others_highest", "high", "<", 0.5, "scope",
        ),
        Criterion(
            "others-not-below", "None has one whose lower end reaches -.5 nats.",
            "others_lowest", "low", ">", -0.5, "scope",
        ),
    ),
    controls=(
        "exposure: every name is the object of an unrelated fact; unexposed_*: the same without",
        "untrained: the same networks before training",
        "taught: the held-out statements are trained, which the statistic must find",
    ),
    presets={
        "laptop": _CURSE,
        "gpu": {
            **_CURSE,
            "base": BASE_GPU,
            "variants": {**_CURSE["variants"], "layers_4": {"shape": {"layers": 4}}, "width_128": _WIDE},
        },
        "sample": {
            **_CURSE,
            "members": 6,
            "stack": 6,
            "base": {**BASE, "shape": {"layers": 1}},
            "variants": {"base": {}, "both_10": {"both": 0.1}, **_CONTROLS},
            "groups": {"others": ("both_10",)},
            "matrices": (),
        },
    },
    note="Thresholds come from a prototype's table and from a look at two to five other seeds of each set-up; none of "
    "those is among the seeds measured here. How far untaught names differ (spread) was added after that look, "
    "because the log-probability of the names alone does not show what the lack of exposure does. A first run (seeds "
    "0 to 9) trained the larger decoders at the base's rate too. It met every criterion but one: of ten decoders with "
    "a width of 128 one had not learned all its statements (top-1 .98 on average). So the two larger ones were given "
    "a third of the rate and 200 steps, and all was measured again with the same criteria on other seeds, these. The "
    "sample has one layer and leaves out the larger decoders.",
)  # fmt: skip

_VARIANTS = {
    "base": {},
    "tied": TIED,
    "identical": IDENTICAL,
    "tied_identical": {**TIED, **IDENTICAL},
    "tied_unexposed": {**TIED, "exposure": False},
}
_TYING = {
    **SEEDS,
    "base": BASE,
    "variants": _VARIANTS,
    "compare": (
        ("tied", "base"),
        ("identical", "base"),
        ("tied_identical", "base"),
        ("tied_identical", "tied"),
        ("tied_identical", "identical"),
        ("tied", "tied_unexposed"),
    ),
    "matrices": ("tied", "identical", "tied_identical"),
}

TYING_AND_IDENTITY = Claim(
    id="tying-and-identity",
    title="Tied embeddings and facts of identity lift the curse in part",
    statement="A decoder that writes a name with the vector it reads it with, or that is also trained on \"X is X\", "
    "gives the right name more in reverse than wrong ones; with both it is at least a nat. Still it seldom says the "
    "right name.",
    source="Zhu et al. (2024), arXiv 2405.04669, on why reading and writing a name are unrelated; the set-ups are this "
    "chapter's",
    experiment=EXPERIMENT,
    statistic=STATISTIC + " Set-ups are compared with the base on the same facts, seed by seed.",
    criteria=(
        Criterion(
            "tied-and-identity", "Tied embeddings with identity data: the reverse difference is at least 1 nat.",
            "tied_identical_reverse_difference", "value", ">=", 1.0,
        ),
        Criterion(
            "tied-and-identity-b-to-a", "Its interval is above 0 for pairs stated A to B.",
            "tied_identical_difference_b_to_a", "low", ">", 0.0,
        ),
        Criterion(
            "tied-and-identity-a-to-b", "Its interval is above 0 for pairs stated B to A.",
            "tied_identical_difference_a_to_b", "low", ">", 0.0,
        ),
        Criterion(
            "against-base", "On the same facts it is above the base's.",
            "tied_identical_minus_base_reverse_difference", "low", ">", 0.0,
        ),
        Criterion(
            "tied", "Tied embeddings alone raise it above the base's.",
            "tied_minus_base_reverse_difference", "low", ">", 0.0,
        ),
        Criterion(
            "identity", "Identity data alone raises it above the base's.",
            "identical_minus_base_reverse_difference", "low", ">", 0.0,
        ),
        Criterion(
            "still-cursed", "Even with both, the right name is the likeliest token for less than half of the reverse "
            "prompts.",
            "tied_identical_reverse_top1", "high", "<", 0.5, "scope",
        ),
        Criterion(
            "more-than-tied", "Both together give more than tied embeddings alone.",
            "tied_identical_minus_tied_reverse_difference", "low", ">", 0.0, "scope",
        ),
        Criterion(
            "confound-would-hide", "Control: without exposure facts tied embeddings seem to give less.",
            "tied_minus_tied_unexposed_reverse_difference", "low", ">", 0.0, "scope",
        ),
    ),
    controls=(
        "base on the same facts, seed by seed",
        "tied_unexposed: the same without exposure facts",
        "base_*: neither, which gives nothing",
    ),
    presets={
        "laptop": _TYING,
        "gpu": {**_TYING, "base": BASE_GPU},
        "sample": {**_TYING, **FEW, "matrices": ()},
    },
    note="Thresholds come from a prototype's table and from a look at three to five other seeds of each set-up. That "
    "both together give more than identity data alone, as the prototype had it, was not seen in that look and is no "
    "criterion; tied_identical_minus_identical_* measures it. In that look one network in five with both had not "
    "learned all its statements after the 150 steps; such networks are not left out. The sample has 30 pairs.",
)  # fmt: skip
