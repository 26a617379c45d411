"""What this chapter asks before it shows a result. A stored measurement settles each question."""

from chisel.core.questions import Question

QUESTIONS: tuple[Question, ...] = (
    Question(
        "reverse-a-nat",
        "Trained on A-to-B statements alone and asked backward: is the right name ahead of the others by "
        "more than half a nat?",
        "reversal-curse",
        "base_reverse_difference",
        ">",
        0.5,
        "It is ahead by nothing that can be seen.",
        "nats that the right name is ahead of the others, asked in reverse",
    ),
    Question(
        "exposure-says-names",
        "With the exposure control, does a decoder complete over nine tenths of the held-out names after "
        "their own key?",
        "reversal-curse",
        "base_named_top1",
        ">",
        0.9,
        "It can say the name. It does not know when.",
        "share of held-out names completed after their own key",
    ),
    Question(
        "long-training-lifts",
        "Trained eight times as long and asked backward: is the right name ahead by more than half a nat?",
        "no-lift-with-scale",
        "long_reverse_difference",
        ">",
        0.5,
        "Nothing of the inverse is found later.",
        "nats ahead in reverse, after eight times the training",
    ),
    Question(
        "reversed-copies-work",
        "Reversed copies are added, with the relation's token left as it is. Does the network then answer "
        "over half of the inverse questions?",
        "off-switches",
        "reversed_top1",
        ">",
        0.5,
        "After B the two relations ask for the same.",
        "share of inverse questions answered",
    ),
    Question(
        "seeing-both-sides",
        "A network that sees both sides of a statement, trained to fill in objects only: does it answer over "
        "a tenth of the inverses?",
        "off-switches",
        "object_masked_top1",
        ">",
        0.1,
        "What it has to predict decides, not what it may see.",
        "share of inverse questions answered",
    ),
    Question(
        "tied-ahead",
        "Embeddings shared between reading and writing, and nothing else: asked backward, is the right name "
        "ahead by over a quarter of a nat?",
        "tying-and-identity",
        "tied_reverse_difference",
        ">",
        0.25,
        "Sharing helps, though nobody mentioned reversal.",
        "nats that the right name is ahead of the others, asked in reverse",
    ),
    Question(
        "tied-says-it",
        "Embeddings shared between reading and writing, and nothing else: is the right name the likeliest "
        "token for over a tenth of the backward questions?",
        "tying-and-identity",
        "tied_reverse_top1",
        ">",
        0.1,
        "To be ahead of some names is not to be first.",
        "share of inverse questions whose right name is the likeliest token",
    ),
    Question(
        "one-step-raw",
        "One gradient step on a statement from A to B: asked backward, does the right name become likelier?",
        "one-step-transfer",
        "base_raw",
        ">",
        0.0,
        "Every name does.",
        "nats by which the right name's log-probability rises",
    ),
    Question(
        "one-step-contrasted",
        "One gradient step on a statement from A to B: asked backward, does the right name gain over a "
        "fiftieth of a nat on the other names?",
        "one-step-transfer",
        "base_contrasted",
        ">",
        0.02,
        "Nothing specific is passed on.",
        "nats by which the right name gains on the others",
    ),
    Question(
        "transpose-found",
        "Tied bilinear model: does the backward matrix come to have a cosine over one half with the transpose"
        " of the forward one?",
        "transpose",
        "tied_likeness",
        ">",
        0.5,
        "The pairs that are stated both ways ask for it.",
        "cosine of the backward matrix and the transposed forward one",
    ),
    Question(
        "context-reversed",
        "A network learns facts by heart, and to answer about statements in its context. Does it answer over "
        "half of the inverse questions about its context?",
        "in-context",
        "separate_context_inverse",
        ">",
        0.5,
        "What stands in view can be turned round.",
        "share of inverse questions about the context answered",
    ),
    Question(
        "weights-reversed",
        "A network learns facts by heart, and to answer about statements in its context. Does it answer over "
        "a tenth of the inverse questions about the facts?",
        "in-context",
        "separate_weights_inverse",
        ">",
        0.1,
        "The skill is not applied to what it knows.",
        "share of inverse questions about learned facts answered",
    ),
    Question(
        "smollm-forward",
        "SmolLM2, taught facts with the name first and asked for the description: does the right one gain "
        "over four nats on the others?",
        "finetune-curse",
        "forward_to_description",
        ">",
        4,
        "It learns what it is told.",
        "nats that the right description gains on the others",
    ),
    Question(
        "smollm-raw",
        "SmolLM2, asked for the name in the order that it was not taught: does the right name's "
        "log-probability rise by over ten nats?",
        "finetune-curse",
        "reverse_to_name_right",
        ">",
        10,
        "So does that of every wrong name.",
        "nats by which the right name's log-probability rises",
    ),
    Question(
        "smollm-reverse",
        "SmolLM2, asked for the name in the order that it was not taught: does the right name gain over one "
        "nat on the wrong ones?",
        "finetune-curse",
        "reverse_to_name",
        ">",
        1,
        "The contrast says that nothing was learned.",
        "nats that the right name gains on the wrong ones",
    ),
)
