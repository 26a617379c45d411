"""What goes wrong in `shift_metrics`, with names."""

from chisel.checking import Diagnosis

# The drop

AFTER = Diagnosis(
    "baseline-after-the-switch",
    "the drop is measured from an accuracy that the new rate has already changed",
    "The accuracy at the switch is measured before the first step at the new rate: it is the last one that is free of "
    "it. One index later the crash may be over.",
)
BASELINE = Diagnosis(
    "other-baseline",
    "the drop is not measured from training accuracy at the switch",
    "What accuracy was earlier, or at best, is another question. What counts is where it stood when the rate was "
    "raised.",
)
LOWEST = Diagnosis(
    "other-minimum",
    "the drop does not go down to the lowest training accuracy from the switch on",
    "Accuracy before the switch is often lower, the last one often higher; and where training accuracy only rises, the "
    "lowest one is that at the switch itself.",
)
VALIDATION = Diagnosis(
    "validation-for-training",
    "validation accuracy stands where training accuracy is asked for",
    "It is training accuracy that is there to be lost.",
)
SIGN = Diagnosis(
    "sign-flipped",
    "the drop has the wrong sign",
    "What is lost counts as positive: from 1 down to 0.3 is a drop of 0.7.",
)
RELATIVE = Diagnosis(
    "relative-drop",
    "the drop is given as a share",
    "It is a difference of two accuracies. From 0.5 down to 0.4 it is 0.1.",
)
DROP = Diagnosis(
    "wrong-drop",
    "this is not what training accuracy loses",
    "Take training accuracy at the switch, less the lowest one from there on.",
)

# Where the rest is read from

EVERYTHING = Diagnosis(
    "everything-after-the-switch",
    "what is read from the minimum on is read from the switch on",
    "The fall itself is then part of it. How the two curves move while training accuracy crashes says nothing about "
    "how they come back.",
)
LAST = Diagnosis(
    "last-minimum",
    "of several equal minima the last one is taken",
    "The first time at the bottom the fall is over. A second crash later is part of what the network does next.",
)
LEFT_OUT = Diagnosis(
    "minimum-left-out",
    "the minimum itself is left out",
    "It is the first of the measurements that count.",
)
ELSEWHERE = Diagnosis(
    "another-stretch",
    "another stretch of the curves is read",
    "It begins where *training* accuracy is lowest *from the switch on*, and goes on to the end. An index into a part "
    "of a curve is not an index into the curve.",
)

# The gap

SIGNED = Diagnosis(
    "signed-gap",
    "the gap lets differences of either sign cancel",
    "Two curves that are 0.2 apart, now this way and now that, are not the same curve.",
)
SUMMED = Diagnosis(
    "sum-for-mean",
    "the gap is a sum, where the mean is asked for",
    "Watching for twice as long may not make the curves twice as far apart.",
)
ONE_POINT = Diagnosis(
    "one-point-for-all",
    "one of the distances stands for all of them",
    "The largest, the last or the middle one is one point of the curves. The mean uses all.",
)
GAP = Diagnosis(
    "wrong-gap",
    "this is not the mean distance of the two curves",
    "From the minimum to the end, take how far apart the two are, then the mean.",
)

# The correlation

INCREMENTS = Diagnosis(
    "increments-for-levels",
    "changes from step to step are correlated, not the accuracies",
    "That is another measure, and it can say the opposite: two curves that rise together in the long run may go up and "
    "down on different steps.",
)
LOST = Diagnosis(
    "r-sign-lost",
    "the sign of the correlation is lost",
    "Where one curve falls while the other rises, r is negative.",
)
PEARSON = Diagnosis(
    "not-pearson",
    "this is another measure of how the two curves go together",
    "Pearson's r is the covariance over the product of the two standard deviations, all with the same denominator. It "
    "is not squared, not of ranks, and each curve is taken less its mean.",
)
NEEDLESS = Diagnosis(
    "nan-without-need",
    "r is nan where both curves vary",
    "However little a curve varies, the correlation is defined. Be sure to ask about the stretch that is read, and of "
    "nothing before it.",
)
R = Diagnosis(
    "wrong-r",
    "this is not the correlation of the two curves",
    "From the minimum to the end, take Pearson's r of training and validation accuracy.",
)
CONSTANT = Diagnosis(
    "constant-curve",
    "a curve that never changes has got a correlation",
    "It goes neither with the other curve nor against it, so r is nan: not 0, not 1. To divide and hope for nan is not "
    "enough: rounding leaves a constant curve with a standard deviation that is tiny, and not always 0.",
)

# The outcome

DEAD_TANDEM = Diagnosis(
    "dead-called-tandem",
    "a dead network is not called dead",
    "At chance, both accuracies are the same and may even go up and down together. But nothing is learned.",
)
ALIVE_DEAD = Diagnosis(
    "alive-called-dead",
    "a network that has recovered is called dead",
    "It is its *last training accuracy* that says whether it is dead. How deep it has fallen on the way, or how badly "
    "it does in validation, does not.",
)
ORDER = Diagnosis(
    "other-order",
    "several outcomes apply, and it is not the first of them that is returned",
    "They are asked for in the order in which the docstring lists them.",
)
EITHER = Diagnosis(
    "either-is-enough",
    "one of two conditions is taken for enough to be tandem",
    "Curves that are close may wander about without each other, and curves that rise together may be far apart.",
)
NAN_PASSES = Diagnosis(
    "nan-passes",
    "with an undefined correlation the curves are called tandem",
    "Where r is nan it is not above anything. A comparison with nan is false, and its negation true.",
)
OUTCOME = Diagnosis(
    "wrong-outcome",
    "this is another outcome than the curves have",
    "Go through the list in the docstring: the first one that applies is the outcome.",
)
UNSEEN = Diagnosis(
    "collapse-unseen",
    "a collapse of validation accuracy goes unseen",
    "Validation accuracy falls, while training accuracy stays where it is. It may fall in many small steps, may come "
    "back and end higher than ever, and may fall from a maximum that is not the highest.",
)
FROM_BEFORE = Diagnosis(
    "collapse-from-before-the-switch",
    "validation accuracy is said to fall from what it had been before the switch",
    "What is lost with the switch itself was not reached after it.",
)
RISE = Diagnosis(
    "rise-called-collapse",
    "a validation accuracy that rises is said to collapse",
    "The highest value comes after the lowest. It is a fall only the other way round.",
)
BOTH_FELL = Diagnosis(
    "training-fell-too",
    "validation accuracy is said to collapse alone, where training accuracy falls as well",
    "Training accuracy must not fall below .9 at any time after the switch. Its last value, or its mean, does not say "
    "that.",
)
THRESHOLD = Diagnosis(
    "other-threshold",
    "one of the thresholds is another one",
    "Here one measurement is a little above or below its threshold, and everything else is clear.",
)
EQUALITY = Diagnosis(
    "threshold-itself",
    "a value that is just the threshold is put on the wrong side",
    "Below .3 is not below or at .3; a fall of .3 or more may be one of .3.",
)
