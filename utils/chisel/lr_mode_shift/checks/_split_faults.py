"""What can be wrong with a split of all additions, in words."""

from chisel.checking import Diagnosis

ONE = Diagnosis(
    "numbers-from-one",
    "the numbers run from 1 to p",
    "Modulo p the numbers are 0 to p - 1. A network that looks up p of them has no entry for p.",
)
RANGE = Diagnosis(
    "numbers-out-of-range",
    "a row holds a number outside of 0 to p - 1",
    "All three numbers of a row are rests of a division by p, and the network has just so many inputs and outputs.",
)
MODULUS = Diagnosis(
    "no-modulus",
    "the label is the sum itself, not its rest",
    "Addition modulo p never leaves 0 to p - 1: after p - 1 it goes on with 0.",
)
OPERATION = Diagnosis(
    "other-operation",
    "the third number is not the sum of the others but a difference, a product, or the like",
    "A row is a, b, and last (a + b) modulo p. In rows with the sum in front, say, the last number is a difference.",
)
TORN = Diagnosis(
    "labels-torn-off",
    "the labels do not belong to the pairs they stand by",
    "As a whole they are the right ones, and row by row they are not. A pair and its answer have to move together.",
)
LABEL = Diagnosis(
    "wrong-label",
    "a label is not the sum modulo p",
    "Take one row, add its first two numbers, and divide by p: the rest is what should stand third.",
)
OVERLAP = Diagnosis(
    "overlap",
    "a pair stands in both sets",
    "The network has seen it in training, so getting it right in validation shows memory, not understanding.",
)
TWICE = Diagnosis(
    "pair-twice",
    "a pair stands in a set more than once",
    "Each pair is there once. Drawing with replacement, say, takes some several times and others never.",
)
ONE_ORDER = Diagnosis(
    "one-order-only",
    "of (a, b) and (b, a) only one is there",
    "They have the same sum, but they are two questions to a network that cannot know that.",
)
MISSING = Diagnosis(
    "pairs-missing",
    "a pair stands in neither set",
    "There are p * p pairs, 0 among the numbers, and what is not trained on is validated on.",
)
FRACTION = Diagnosis(
    "fraction-ignored",
    "the training set is equally large whatever the fraction",
    "`fraction` is the share of the pairs that are trained on.",
)
EXCHANGED = Diagnosis(
    "shares-exchanged",
    "the training set has the size that is left for validation",
    "`fraction` is the share of the *training* set, and that set is the first of the two.",
)
ROUNDED = Diagnosis(
    "rounded-otherwise",
    "the number of training pairs is not cut off but rounded",
    "Between two whole numbers it is the lower one. Two runs that differ by a row are no longer the same experiment.",
)
SIZES = Diagnosis(
    "wrong-size",
    "the training set has another size",
    "It holds int(fraction * p * p) of the p * p pairs; the share of each number or each label is left to chance.",
)
SEED = Diagnosis(
    "seed-ignored",
    "another seed gives the same split",
    "Seeds stand for independent repetitions. With one split for all, its peculiarities look like a law.",
)
FEW = Diagnosis(
    "few-splits",
    "different seeds give the same split too often",
    "There are billions of ways to split, and so two seeds practically never meet in one.",
)
FIXED = Diagnosis(
    "same-pairs-always",
    "some pairs are on the same side whatever the seed",
    "Each pair has the same chance to be trained on.",
)
MIRRORED = Diagnosis(
    "mirror-images-tied",
    "where (a, b) goes decides where (b, a) goes",
    "Then the answer to a validation pair is either always or never among what was trained, with both numbers "
    "exchanged. Each pair is drawn on its own.",
)
EVEN = Diagnosis(
    "shares-forced",
    "each number, or each label, gets the same share of the training set",
    "A split at random leaves that to chance: how often a number is trained differs from number to number.",
)
IN_ORDER = Diagnosis(
    "in-order",
    "neighbours go to the same side, or by turns",
    "In a split at random, where the pair (a, b) goes says nothing about the pairs next to it. If whole rows of the "
    "table are left out, the network never meets some numbers.",
)
