"""What goes wrong in `reversal_statistic`, with names."""

from chisel.checking import Diagnosis

ITSELF = Diagnosis(
    "itself-among-the-others",
    "the right name is one of those that it is compared with",
    "The mean is over the other names. With the right one in it, every lead comes out smaller, by one part in N.",
)
SUMMED = Diagnosis(
    "sum-for-mean",
    "something is added up where the mean is asked for",
    "With twice as many prompts, or names, and the same lead for each, the difference has to stay as it is.",
)
RAW = Diagnosis(
    "not-contrasted",
    "the right name is not compared with the others",
    "A prompt that makes all names likely, or unlikely, says nothing about who belongs to whom.",
)
SIGN = Diagnosis(
    "sign-flipped",
    "the sign of the difference is wrong, or lost",
    "It is positive where right names get more than the others, and negative where they get less.",
)
RIVAL = Diagnosis(
    "one-name-for-all",
    "one of the other names, or one of the prompts, stands for all of them",
    "The largest, the middle or the next one is a single draw. The mean uses all of them.",
)
LOGS = Diagnosis(
    "not-in-nats",
    "the lead is not measured in nats",
    "The scores are log-probabilities; take them as they are. Probabilities, ranks or units of a standard deviation "
    "are other numbers.",
)
DIFFERENCE = Diagnosis(
    "wrong-difference",
    "this is not the mean lead of the right names",
    "For each prompt take the right name's score, less the mean of the others' scores; then the mean over prompts.",
)

SWAPPED = Diagnosis(
    "ends-swapped",
    "the lower end of the interval is above its upper end",
    "The interval is (low, high).",
)
NOT_CENTRED = Diagnosis(
    "not-centred",
    "the interval is far too wide: columns keep their means",
    "Some names are likely after every prompt. In the difference that cancels, but from row to row it varies, and an "
    "interval from rows takes it for uncertainty. Rows less their means do not help: that cancels anyway.",
)
UNPAIRED = Diagnosis(
    "unpaired",
    "the interval is far too wide: right and wrong names are not compared within a row",
    "What a prompt does to all names is in both of them, so it drops out of each row's own difference. Two intervals, "
    "or two variances, that are put together afterwards keep it.",
)
UNITS = Diagnosis(
    "too-many-units",
    "the interval is far too narrow: pairs of names count as if each were a prompt of its own",
    "There are N rows, and so N independent differences, not N * (N - 1).",
)
SPREAD = Diagnosis(
    "spread-not-error",
    "the interval says how far single rows lie apart, not how sure their mean is",
    "The mean of many rows is surer than a single row. With four times as many rows it is half as wide.",
)
VARIANCE = Diagnosis(
    "variance-for-deviation",
    "the interval is made with a variance where a standard deviation belongs",
    "Scores in other units, ten times as large, must give an interval ten times as wide.",
)
LEVEL = Diagnosis(
    "another-level",
    "the interval is for another level than 95 %",
    "Plus and minus one standard error covers the truth two times in three only. 2.5 % are to be left out at "
    "either end.",
)
WIDTH = Diagnosis(
    "wrong-width",
    "the interval has another width than the differences of the rows give it",
    "Student's t from the N numbers d, and a bootstrap of these numbers, agree within a few percent here.",
)
ASIDE = Diagnosis(
    "not-around-the-difference",
    "the interval does not lie around the difference",
    "It says within which bounds the difference is known. An interval around 0 says what chance does.",
)

UPSIDE_DOWN = Diagnosis(
    "p-upside-down",
    "p counts the matchings that do worse, not those that do as well",
    "p is small when the right names are far ahead.",
)
TWO_SIDED = Diagnosis(
    "p-two-sided",
    "p counts both sides",
    "The question has a direction: how often does chance do at least as well? Doing badly is no success.",
)
REPEATED = Diagnosis(
    "names-repeated",
    "the same name is given to several prompts",
    "A matching gives every name to one prompt. Otherwise a name that is likely after any prompt can be drawn again "
    "and again, and p depends on how likely such names are.",
)
LEFT_OUT = Diagnosis(
    "matchings-left-out",
    "p leaves out matchings, for instance those that keep some names in place",
    "Each matching is as likely as any other by chance, also those that get some, or all, names right.",
)
OTHER_CHANCE = Diagnosis(
    "not-from-matchings",
    "p is not a share of matchings",
    "A t-test, a bootstrap, or random signs ask something else: what would be if the rows' differences were another "
    "sample. Here the question is whether it matters which name belongs to which prompt.",
)
NEVER = Diagnosis(
    "p-zero",
    "p is 0",
    "One of the matchings is the true one, and it does as well as itself.",
)
COARSE = Diagnosis(
    "too-few-matchings",
    "p is not small where no other matching comes near",
    "With a thousand matchings and the true one, p is about a thousandth here.",
)
TIES = Diagnosis(
    "ties-lost",
    "matchings that do exactly as well are not counted",
    "Here all scores are equal, so chance always does as well, and p is 1.",
)
ROUNDING = Diagnosis(
    "rounding-ties-lost",
    "matchings that do as well up to rounding are not counted",
    "Here a score is the sum of something about the prompt and something about the name, so all matchings do equally "
    "well. Sums in another order differ in the sixteenth digit.",
)
EDGE = Diagnosis(
    "edge-size",
    "with two names the answer is wrong",
    "Once columns are centred both rows have the same d. That is the difference, and it lies within the interval. "
    "There are two matchings, so p is a half or 1.",
)
