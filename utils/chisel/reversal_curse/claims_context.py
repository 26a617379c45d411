"""The claim about what stands in the context and what is in the weights.

Thresholds come from the design of the chapter, which had a prototype's figures, and from a look at seeds from 100 on.
The claim's own seeds start at 0. They stand before any run of this experiment.
"""

from chisel.core.claims import Claim, Criterion

_READING = {
    "pairs": 24,
    "both": 0.5,
    "pool": 48,
    "reading": {"stated": 3, "asked": 3, "batch": 64},
    "shape": {"spread": 0.1, "attention_spread": 0.125},
    "method": {"steps": 350, "lr": 4e-3},
    "looks": (0, 50, 100, 150, 200, 250, 300),
    "questions": 600,
    "first_seed": 0,
    "members": 10,
    "stack": 5,
}

IN_CONTEXT = Claim(
    id="in-context",
    title="In the context, not in the weights",
    statement="One network answers the inverse of a statement that stands in its context, and not the inverse of one "
    "that it has learned by heart.",
    source="Berglund et al. (2023), arXiv 2309.12288; Pope's comments on the reversal curse",
    experiment="chisel.reversal_curse.experiments.in_context:EXPERIMENT",
    statistic="Share of questions whose likeliest token is the right name, over the whole vocabulary. In the context: "
    "three statements about six entities that are drawn and paired anew, then one question. In the weights: the "
    "inverse of facts that are trained in one direction, without a context. A network with facts of its own is one "
    "seed.",
    criteria=(
        Criterion(
            "reads-inverse", "In the context the inverse of a statement is answered: above .6.",
            "separate_context_inverse", "low", ">", 0.6,
        ),
        Criterion(
            "reads-stated", "In the context a statement is answered as it was stated: above .6.",
            "separate_context_stated", "low", ">", 0.6,
        ),
        Criterion(
            "knows-facts", "In the weights the same network has its facts as they were stated: above .95.",
            "separate_weights_learned", "low", ">", 0.95,
        ),
        Criterion(
            "not-their-inverse", "In the weights it does not have their inverse: below .05.",
            "separate_weights_inverse", "high", "<", 0.05,
        ),
        Criterion(
            "contrast", "The same network does better by over .5 on inverses in the context than in the weights.",
            "separate_context_less_weights", "low", ">", 0.5,
        ),
        Criterion(
            "shared-not-their-inverse", "Contexts about the entities of the facts do not lift the curse: with them the "
            "inverse of facts in the weights stays below .05.",
            "shared_weights_inverse", "high", "<", 0.05, "scope",
        ),
        Criterion(
            "told-and-asked", "With such contexts the inverse of the network's own facts is answered if the fact is "
            "told first: better by over .4 than without.",
            "shared_told_less_weights", "low", ">", 0.4, "scope",
        ),
        Criterion(
            "any-entity", "Reading is a skill that goes beyond the entities that were practised: told first, facts "
            "whose entities were in no context are answered too, above .5.",
            "separate_told_inverse", "low", ">", 0.5, "scope",
        ),
    ),
    controls=(
        "*_weights_learned: the facts are learned",
        "*_context_stated: the same reading, in the direction that was stated",
        "*_told_inverse: the facts of the weights, told in the context and asked in the inverse direction",
        "shared_*: contexts drawn from the entities of the facts, and not from a pool of their own",
    ),
    presets={
        "laptop": _READING,
        "gpu": {
            **_READING, "pairs": 200, "pool": 400, "reading": {"stated": 6, "asked": 6, "batch": 256},
            "shape": {"layers": 3, "width": 128, "spread": 0.1, "attention_spread": 0.09},
            "method": {"steps": 4000, "lr": 1e-3}, "looks": (0, 250, 500, 1000, 2000), "members": 20, "stack": 10,
        },
        "sample": {
            **_READING, "pairs": 16, "both": 0.25, "pool": 32, "method": {"steps": 240, "lr": 4e-3}, "looks": (),
            "members": 3, "stack": 3,
        },
    },
    note="Sizes, first spreads and the rate were tuned on seeds from 100 on: with the small first weights of the other "
    "decoders, reading starts late or not at all in the same time, and larger first weights of the attention make it "
    "start early in every seed that was looked at. There `any-entity` was missed outright (0), and the prototype's "
    "weaker curse with shared entities was not seen.",
)  # fmt: skip
