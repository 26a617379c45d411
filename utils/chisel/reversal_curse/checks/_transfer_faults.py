"""What goes wrong in `one_step_transfer`, with names."""

from chisel.checking import Diagnosis

MOVED = Diagnosis(
    "weights-not-restored",
    "after the call the model's weights are other ones than before",
    "The step is an experiment. Whoever goes on with the model, or asks about the next pair, needs the old weights.",
)
ROUNDED = Diagnosis(
    "restored-with-rounding",
    "the weights come back only up to rounding",
    "Adding a number and subtracting it again leaves a rounding error, which grows with every call. A copy that was "
    "made beforehand is exact.",
)
LEFT = Diagnosis(
    "gradients-left",
    "the model's parameters have a `.grad` after the call that they had not before",
    "The next `backward()` adds to it, so a training loop that goes on from here takes a step that nobody asked for.",
)
LOST = Diagnosis(
    "gradients-lost",
    "the `.grad` that the parameters had before the call is gone, or changed",
    "Whoever calls the function may be in the middle of a step of their own. Besides, `backward()` adds to what is "
    "there. A gradient can be had without touching `.grad`.",
)
OLD = Diagnosis(
    "old-gradients-used",
    "the step contains a gradient that was there before the call",
    "`backward()` adds to `.grad`. If something is in it already, the step goes along the sum of both.",
)
MODE = Diagnosis(
    "mode-changed",
    "the model, or a part of it, is in another mode after the call",
    "Training and evaluation mode belong to whoever calls the function.",
)
AFTER_ERROR = Diagnosis(
    "not-restored-after-error",
    "if the model raises in the middle, it stays changed",
    "Here asking the model failed once its weights had moved, as when memory runs out. Whoever catches the error goes "
    "on with a model that has taken the step.",
)

DESCENT = Diagnosis(
    "sign-flipped",
    "the step goes down the gradient, not up",
    "With a positive eta the forward log-probability of the right name has to rise. Or it rose, and before and after "
    "are swapped.",
)
PROBABILITY = Diagnosis(
    "of-the-probability",
    "the gradient is that of the probability, not of its logarithm",
    "It points the same way and is shorter, by just the probability: what is unlikely hardly moves.",
)
WHOLE = Diagnosis(
    "more-than-one-score",
    "the step also raises (or lowers) other scores than that of the pair",
    "One pair is trained, so that all that happens to others is a consequence of it.",
)
INVERSE = Diagnosis(
    "steps-backward",
    "the step is made on the backward statement",
    "The question is what a step on the forward statement does to the backward one.",
)
LENGTH = Diagnosis(
    "step-rescaled",
    "the step is not eta times the gradient",
    "Normalising, signs, Adam, a mean over parameters, or a learning rate of one's own: each takes a step of another "
    "length, or in another direction.",
)
ETA = Diagnosis(
    "eta-ignored",
    "eta plays no part",
    "Half of eta gave exactly the same gain.",
)
SOME = Diagnosis(
    "some-parameters-only",
    "only some of the parameters take the step",
    "All that require a gradient do, each along its own.",
)
TWICE = Diagnosis(
    "two-steps",
    "the model takes more than one step",
    "It takes one, along the gradient at the weights that it came with.",
)
PREDICTED = Diagnosis(
    "predicted-not-measured",
    "the change is predicted from the gradient, not read off the model",
    "Eta times a product of gradients is right for tiny steps only. What a step has really done stands in the scores "
    "after it.",
)
OTHER_CHANGE = Diagnosis(
    "another-change",
    "the change of something else came back",
    "Asked for is the log-probability of the right name of the one pair, after the step less before it: no mean over "
    "pairs or names, and no probability.",
)
FORWARD = Diagnosis(
    "wrong-forward-gain",
    "the forward gain is another one",
    "Take the score of the pair at the weights after the step, less the score of the same pair before it.",
)

EXCHANGED = Diagnosis(
    "raw-contrasted-swapped",
    "raw and contrasted are in each other's place, or both are contrasted",
    "`raw` is the plain change of the right name. The other names play no part in it.",
)
NOT_READ = Diagnosis(
    "backward-not-reread",
    "the backward score is not read after the step",
    "The change comes out as exactly 0. Is the second reading made before the weights move, or after they are back?",
)
STILL_FORWARD = Diagnosis(
    "forward-again",
    "the raw change is that of the forward direction",
    "The backward direction has scores of its own: `model.scores` takes the direction's name.",
)
RAW = Diagnosis(
    "wrong-raw-change",
    "the raw backward change is another one",
    "Take the backward score of the pair at the weights after the step, less the same score before it.",
)

RAW_FOR_CONTRAST = Diagnosis(
    "raw-for-contrast",
    "nothing is taken off: contrasted is the raw change again",
    "A step can make every name likelier after the backward prompt. That says nothing about who belongs to whom.",
)
ITSELF = Diagnosis(
    "itself-among-the-others",
    "the right name is one of those that it is contrasted with",
    "Then part of what it gained is taken off again.",
)
OTHERS_IGNORED = Diagnosis(
    "others-ignored",
    "the contrast is with all other names, not with those of `others`",
    "Only the names in `others` count. The rest may be trained ones, or the like.",
)
ROWS = Diagnosis(
    "other-prompts",
    "the contrast is with other prompts, not with other names after the same prompt",
    "Row i holds what is said after the prompt of pair i, and a column belongs to a name.",
)
FORWARD_NAMES = Diagnosis(
    "forward-names",
    "the contrast is with what happened in the forward direction",
    "Right and other names have to be compared after the same, backward, prompt.",
)
SUMMED = Diagnosis(
    "sum-for-mean",
    "the changes of the others are added up, not averaged",
    "With twice as many others of the same kind the contrast has to stay as it is.",
)
ONE = Diagnosis(
    "one-other-only",
    "one of the others stands for all of them",
    "The first, the middle or the largest one is a single draw. The mean uses all of them.",
)
ADDED = Diagnosis(
    "contrast-added",
    "the change of the others is added, not taken off",
    "If all names rise alike, nothing is left for the right one.",
)
LEVEL = Diagnosis(
    "level-for-change",
    "a score is taken off, where its change is meant",
    "How likely the others are is no matter here. How much likelier they have become is.",
)
CONTRAST = Diagnosis(
    "wrong-contrast",
    "what is taken off is not the mean change of the others",
    "Of the backward row of the pair, take the columns in `others`, after the step less before it.",
)

FROZEN = Diagnosis(
    "frozen-moved",
    "a parameter that requires no gradient has moved",
    "Whoever froze it wants to know what the rest can do.",
)
SHARED = Diagnosis(
    "shared-moved-twice",
    "a parameter that is registered under two names takes the step twice",
    "It is one parameter. `model.parameters()` names it once, a walk over modules or names may meet it twice.",
)
UNUSED = Diagnosis(
    "unlike-parameters",
    "with frozen, unused or shared parameters the changes are wrong",
    "Here some parameters play no part in the forward score, or require no gradient, or have two names.",
)
NEGATIVE = Diagnosis(
    "negative-eta",
    "a negative eta comes out wrong",
    "It is a step down, by as much. Nothing else changes.",
)
ZERO = Diagnosis(
    "zero-eta",
    "with eta 0 something changes",
    "0 is a number like any other: there is no step, so there is no change.",
)
