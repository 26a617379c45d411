"""What can be wrong with a step of AdamW, in words."""

from chisel.checking import Diagnosis

UPHILL = Diagnosis(
    "uphill",
    "the step goes up the gradient",
    "A step against the gradient makes the loss smaller.",
)
STANDS_STILL = Diagnosis(
    "no-step",
    "the parameters are as they were",
    "The new ones are returned, and the old ones stay as they are.",
)
PLAIN = Diagnosis(
    "gradient-for-adam",
    "the step is as long as the gradient",
    "Adam divides by the root of the second moment, so that the first step is about as long as the learning rate, "
    "whatever the size of the gradient.",
)
ROOT = Diagnosis(
    "no-root",
    "the second moment divides without its root",
    "Ten times the gradient would then give a step a tenth as long. It is to make no difference.",
)
BIAS = Diagnosis(
    "no-bias-correction",
    "the moments are used as they are, from 0 on",
    "They begin at 0, so after one step each holds only a small share of the gradient. Uncorrected, the first steps "
    "are several times too long or too short.",
)
STEPS_OFF = Diagnosis(
    "step-miscounted",
    "the correction of the moments counts another number of steps",
    "After its first step a member has made one step: the first moment then holds 1 - beta of the gradient, and "
    "divided by just that it is the gradient.",
)
EPS_INSIDE = Diagnosis(
    "eps-inside-the-root",
    "eps is added under the root",
    "There 1e-8 becomes 1e-4, and a memorised pair's gradient, which is smaller than that, no longer counts.",
)
EPS_EARLY = Diagnosis(
    "eps-before-correction",
    "eps is added before the bias of the second moment is corrected",
    "It is then divided by the correction as well, and in the first steps is several times too large.",
)
EPS_IGNORED = Diagnosis(
    "eps-ignored",
    "eps is left out, or another one is used",
    "It is an argument. Where gradients are as small as eps, it decides the length of the step.",
)
RATE_IGNORED = Diagnosis(
    "rate-ignored",
    "the step has another rate than `lr`",
    "With coupled decay `lr` is the rate of everything, and `base_lr` has no part in it.",
)
FIRST = Diagnosis(
    "wrong-first-step",
    "the first step is another one",
    "After one step both moments, corrected for their bias, are the gradient and its square.",
)
L2 = Diagnosis(
    "l2-for-decoupled",
    "the decay goes through the moments, as part of the gradient",
    "Adam would then scale it like a gradient, and large weights would shrink as slowly as small ones. In AdamW the "
    "decay acts on the weights directly.",
)
DECAY_RATE = Diagnosis(
    "decay-without-rate",
    "the decay is not multiplied with the learning rate",
    "That it is, is the point of this chapter: who raises the rate raises the decay.",
)
GROWS = Diagnosis(
    "decay-grows",
    "the weights grow where they should decay",
    "Without a gradient each weight goes towards 0.",
)
NO_DECAY = Diagnosis(
    "no-decay",
    "without a gradient there is no decay",
    "The decay asks for no gradient: p becomes p * (1 - lr * weight_decay).",
)
DECAY = Diagnosis(
    "wrong-decay",
    "without a gradient the weights shrink by another factor",
    "From p they go to p * (1 - lr * weight_decay), no exponential and no root.",
)
IN_MOMENTS = Diagnosis(
    "decay-in-moments",
    "the moments hold something although the gradient is 0",
    "The decay is no part of the gradient, so the moments never see it.",
)
DECAY_LATE = Diagnosis(
    "decay-after-the-step",
    "the step shrinks as well as the weights",
    "The decay applies to the weights as they were before the step, and not to what the gradient adds.",
)
TOGETHER = Diagnosis(
    "wrong-together",
    "step and decay are right alone, and wrong together",
    "A step with both is the decayed weights less the step that the gradient asks for.",
)
MODES_IGNORED = Diagnosis(
    "decay-mode-ignored",
    "`decay` makes no difference",
    "The three ways part as soon as `lr` is not `base_lr`. They are what tells rate and decay apart.",
)
MODES_EXCHANGED = Diagnosis(
    "decay-modes-exchanged",
    '"constant" and "decay_only" are exchanged',
    'With "constant" it is the decay that stays at the base rate; with "decay_only" the decay alone follows the rate.',
)
BASE_IGNORED = Diagnosis(
    "base-rate-ignored",
    "the base rate is not the one that was given",
    "`base_lr` is an argument, and not always 0.001.",
)
GRADIENT_RATE = Diagnosis(
    "wrong-gradient-rate",
    "the gradient's part of the step has another rate than `decay` says",
    'It is `lr` for "coupled" and "constant", and `base_lr` for "decay_only".',
)
WRONG_DECAY_RATE = Diagnosis(
    "wrong-decay-rate",
    "the decay has another rate than `decay` says",
    'It is `lr` for "coupled" and "decay_only", and `base_lr` for "constant".',
)
UNKNOWN = Diagnosis(
    "unknown-decay-accepted",
    "an unknown `decay` is accepted",
    "A misspelt word would silently be taken for one of the three, and the run would show what another one does.",
)
COUNT = Diagnosis(
    "steps-wrong",
    "the state says another number of steps",
    "Each member's number goes up by one with each step, from 0 before the first.",
)
BETAS_EXCHANGED = Diagnosis(
    "betas-exchanged",
    "the two betas are exchanged",
    "The first belongs to the mean of the gradients, the second to the mean of their squares.",
)
BETAS_IGNORED = Diagnosis(
    "betas-ignored",
    "the moments forget at another pace than `betas` says",
    "They are an argument; where none is given it is (0.9, 0.98).",
)
WEIGHTS_EXCHANGED = Diagnosis(
    "beta-for-its-rest",
    "beta is the weight of the new gradient, not of the old moment",
    "With beta 0.9 a moment keeps nine tenths and takes in one tenth.",
)
UNWEIGHTED = Diagnosis(
    "gradients-added-up",
    "the new gradient is added with its full weight",
    "Old and new have weights that sum to 1. Otherwise the moment of a constant gradient is many times that gradient.",
)
NOT_SQUARED = Diagnosis(
    "not-squared",
    "the second moment is not that of the squares",
    "It is the mean of the squared gradients.",
)
CORRECTED_STORED = Diagnosis(
    "correction-stored",
    "the state holds the moments after their bias was corrected",
    "The next step would mix corrected and uncorrected ones. What is kept is what has been gathered.",
)
FORGOTTEN = Diagnosis(
    "state-forgotten",
    "the moments know the last gradient only",
    "What earlier steps have gathered comes in with `state`.",
)
MOMENTS = Diagnosis(
    "wrong-moments",
    "the moments in the state are others",
    "Each step weighs the gradients so far with beta, and the new one (or its square) with 1 - beta.",
)
LATER = Diagnosis(
    "wrong-later-step",
    "the moments are right, and what they are used for is not",
    "Both are corrected for their bias by their own beta and the number of steps made, each at each step.",
)
AXIS = Diagnosis(
    "wrong-axis",
    "a number a member is laid along another axis",
    "`lr` [M] belongs to the first axis of a parameter. Broadcasting lines up the last one, and says nothing if that "
    "happens to have M entries too.",
)
ONE_FOR_ALL = Diagnosis(
    "one-rate-for-all",
    "all members get the same rate or decay",
    "Each member has its own.",
)
MEMBERS = Diagnosis(
    "members-differ-from-solo",
    "a member of the stack moves otherwise than alone",
    "The members are separate networks, which lie in one tensor only to save time.",
)
MIXED = Diagnosis(
    "members-mixed",
    "one member's gradient changes another member's step",
    "A norm, a mean or a maximum over all of a tensor runs over networks that have nothing to do with each other.",
)
SHARED_COUNT = Diagnosis(
    "correction-shared",
    "members that have made different numbers of steps are corrected alike",
    "The number of steps is one a member: a run that joined later begins with its first step.",
)
BY_PLACE = Diagnosis(
    "matched-by-place",
    "parameters and gradients are matched by their place, not by their name",
    "The dictionaries need not have the same order.",
)
