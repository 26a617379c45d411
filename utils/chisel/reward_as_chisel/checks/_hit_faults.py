"""What goes wrong in `hit_probability`, with names."""

from chisel.checking import Diagnosis

TRANSPOSED = Diagnosis(
    "transposed",
    "the moves are followed backwards",
    "The chain goes from a cell to where its actions lead. Here it went from a cell to where one could have come from.",
)
STEPS = Diagnosis(
    "steps-off-by-one",
    "one step too many, or one too few, is taken",
    "With steps = 1 the agent acts once: it can have stood on its first cell and on one more.",
)
STEPS_IGNORED = Diagnosis(
    "steps-ignored",
    "the number of steps is not used as it is given",
    "Twice as many steps gave the same probability, although the target was still to be reached.",
)
GREEDY = Diagnosis(
    "greedy",
    "the agent always takes its likeliest action",
    "A policy takes every action with its probability. The likeliest one alone is another policy.",
)
UNIFORM = Diagnosis(
    "uniform",
    "the agent takes all actions with equal probability",
    "That is a random walk. How likely an action is says softmax(logits), in each cell anew.",
)
WRONG_AXIS = Diagnosis(
    "wrong-axis",
    "the softmax runs over the cells, or over another wrong axis",
    "In each cell, the probabilities of the actions must sum to 1. The actions are the last axis of `logits`.",
)
NO_SOFTMAX = Diagnosis(
    "softmax-missing",
    "logits are taken for probabilities",
    "Logits may be negative and sum to anything. What counts is softmax(logits) over the actions of a cell.",
)
SIGN = Diagnosis(
    "sign-flipped",
    "the agent prefers what has the lowest logit",
    "A larger logit is a likelier action.",
)
SAMPLED = Diagnosis(
    "sampled",
    "this is an estimate: near the probability, but not equal to it",
    "The chain has few cells, so the probability can be computed to the last digit. Samples, rounding or smoothing "
    "leave an error.",
)
WRONG = Diagnosis(
    "wrong-probability",
    "the probability of the target is wrong",
    "Here the target cannot be left again. The probability of having stood on it follows from that of each move alone.",
)
NOT_ABSORBING = Diagnosis(
    "not-absorbing",
    "this is the probability of standing on the target at the end",
    "An agent that stood on the target and went on has still been there. With more steps the probability cannot fall.",
)
VISITS = Diagnosis(
    "visits-summed",
    "the probabilities of all moments are added up",
    "That is the expected number of visits: an agent that comes back is counted again, and the sum can exceed 1.",
)
INDEPENDENT = Diagnosis(
    "moments-combined",
    "the probabilities of single moments are combined as if they were independent, or only the largest one counts",
    "Whether the agent stands on the target at one moment depends on where it stood the moment before.",
)
REVISIT = Diagnosis(
    "revisits-wrong",
    "a target that can be left again comes out wrong",
    "Only the first arrival matters: whatever the agent does afterwards, it has stood there.",
)
AT_ONCE = Diagnosis(
    "start-not-counted",
    "an agent that starts on a target has not reached it",
    "Time 0 counts: it stands on a target before its first step, so the probability is 1.",
)
NOT_YET = Diagnosis(
    "zero-steps",
    "with steps = 0 the agent moves, or has arrived somewhere",
    "Without a step it has stood on its first cell alone.",
)
SAME_CELL = Diagnosis(
    "same-cell-overwritten",
    "of two actions that lead to the same cell only one counts",
    "The probability of moving there is that of both together: assigning to `moves[cell, next]` overwrites, and so "
    "does an index with duplicates. The probabilities of leaving a cell must sum to 1.",
)
ONE_TARGET = Diagnosis(
    "one-target-only",
    "of several targets only one counts",
    "A maze may have many targets, and any of them will do.",
)
ADDED = Diagnosis(
    "targets-added",
    "each target's own probability is added up",
    "An agent that stands on one target and then on another is counted twice, and the sum can exceed 1.",
)
TARGETS = Diagnosis(
    "several-targets-wrong",
    "several targets, or none at all, come out wrong",
    "The probability is that of having stood on at least one of them. Without a target it is 0.",
)
MIXED = Diagnosis(
    "rows-mixed",
    "one maze reaches the probability of another",
    "Each row has a policy, a table, targets and a start of its own: computed alone, it must get the same as in the "
    "batch.",
)
