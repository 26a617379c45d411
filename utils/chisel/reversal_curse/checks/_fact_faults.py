"""What can be wrong with a world of facts, in words."""

from chisel.checking import Diagnosis

VOCABULARY = Diagnosis(
    "vocabulary-off",
    "the vocabulary has another size",
    "It counts every token there is: the five special ones, and after them the A, the B, and one key for each entity.",
)
TOKENS = Diagnosis(
    "tokens-off",
    "an entity of a trained or held-out statement is not among the tokens of the A and the B",
    "The five special tokens come first, then n tokens for the A, then n for the B. Counting starts at 0.",
)
RELATION = Diagnosis(
    "wrong-relation",
    "a relation does not fit its statement",
    "FORWARD leads from an A to a B, and BACKWARD from a B to an A. A statement that has its entities the other way "
    "round is a false one, or tells the held-out answer in other words.",
)
SWAPPED = Diagnosis(
    "held-lists-swapped",
    "the two held-out lists are exchanged",
    "A held-out statement is one that is *not* trained, and the list that it stands in has the name of its relation.",
)
EXPOSURE_IN_TRAIN = Diagnosis(
    "exposure-in-train",
    "exposure statements stand among those about pairs",
    "They have a part of their own, `exposure`. In both they would be trained twice as often as the pairs.",
)
NOT_ONE_TO_ONE = Diagnosis(
    "not-one-to-one",
    "the trained statements do not give each A one B of its own",
    "Each A belongs to one B, each B to one A, and each pair is stated in one direction at least.",
)
TWICE = Diagnosis(
    "stated-twice",
    "the same statement stands twice in a list",
    "Two copies of a trained statement are trained twice as hard, and two of a held-out one are asked twice.",
)
LEAK = Diagnosis(
    "leak",
    "held-out statements are trained",
    "Whoever is asked for them later has read the answer. They would count as inferred, and were learnt by heart.",
)
BOTH_LISTED = Diagnosis(
    "both-ways-held-out",
    "pairs that are stated both ways are listed as held out",
    "Both of their statements are trained, so nothing about them is left to be asked.",
)
FALSE = Diagnosis(
    "held-out-is-false",
    "a held-out statement is not true",
    "A held-out statement is the inverse of one that is trained. This one joins two entities that are no pair.",
)
MISSING = Diagnosis(
    "held-out-missing",
    "a true statement is neither trained nor held out",
    "Every pair that is stated in one direction leaves the other to be asked.",
)
FRACTION = Diagnosis(
    "fraction-ignored",
    "`fraction_both` plays no part",
    "For two fractions the same number of pairs is stated both ways.",
)
COMPLEMENT = Diagnosis(
    "fraction-of-the-others",
    "the fraction is taken for the share that is stated one way",
    "With a fraction of 1, all pairs are stated both ways.",
)
ROUNDING = Diagnosis(
    "rounded-the-wrong-way",
    "the number of pairs that are stated both ways is rounded up or down",
    "It is the whole number *nearest* to fraction_both * n; `int` cuts off what is behind the point, and `ceil` adds "
    "to it.",
)
ONE_WAY = Diagnosis(
    "one-direction-only",
    "all pairs that are stated one way are stated in the same direction",
    "Half of them go forward and half backward: with one direction alone, the other's inverse is never asked.",
)
HALF = Diagnosis(
    "half-rounded-down",
    "of an odd number of pairs, the smaller half is stated forward",
    "The half that is stated forward is rounded up.",
)
COUNT = Diagnosis(
    "wrong-counts",
    "another number of pairs is stated both ways, or forward only",
    "The docstring says how many of each there are; count them in `train`.",
)
UNEXPOSED = Diagnosis(
    "entity-not-exposed",
    "an entity has no exposure statement",
    "An entity that is never a target of training cannot be named, whatever the model knows of its partner: a "
    "failure to reverse could not be told from a lack of practice.",
)
A_ONLY = Diagnosis(
    "one-side-exposed",
    "only the A, or only the B, are exposed",
    "Both directions are asked for, so an entity of either side has to be a target at some time.",
)
EXPOSED_TWICE = Diagnosis(
    "exposed-twice",
    "an entity has more than one exposure statement",
    "Then it is practised more often than the others.",
)
TURNED = Diagnosis(
    "exposure-turned-round",
    "the key stands where the entity belongs",
    "What is practised is the object, at the end of the statement. Exposure is there to practise *entities*.",
)
SHARED = Diagnosis(
    "key-shared",
    "two entities have the same key",
    "After this key two answers are right, so neither can be learnt for sure. Each entity has a key of its own.",
)
KEY = Diagnosis(
    "key-is-no-key",
    "an exposure statement has something else for its key",
    "Keys are tokens behind those of the A and the B, used for nothing else. An entity in this place would be told "
    "something about another entity, or about itself.",
)
EXPOSED = Diagnosis(
    "exposure-relation",
    "an exposure statement has another relation than EXPOSED",
    "With FORWARD or BACKWARD it would state a pair.",
)
SEED = Diagnosis(
    "seed-ignored",
    "another seed gives the same facts",
    "The seed is what chooses the pairs and their directions.",
)
FEW = Diagnosis(
    "few-worlds",
    "different seeds give the same pairs, or the same choice of directions",
    "There are far more worlds of 20 pairs than seeds were tried here, so hardly two should agree.",
)
BY_NUMBER = Diagnosis(
    "pairs-by-number",
    "which B belongs to which A follows from their numbers",
    "A model could then learn a rule instead of pairs, and a wrong test that goes by numbers would be right. Each A is "
    "paired with a B at random.",
)
NOT_SHUFFLED = Diagnosis(
    "directions-by-number",
    "the number of a token tells in which direction its pair is stated",
    "Which pairs are stated forward, backward or both ways is drawn, whatever the numbers of their tokens.",
)
