"""What goes wrong in `attribute`, with names."""

from chisel.checking import Diagnosis

# The table

LOGARITHM = Diagnosis(
    "other-logarithm",
    "the gain is in units of another logarithm",
    "Half as many steps are one halving: a gain of 1, not of 0.69 or 0.30.",
)
ORDER = Diagnosis(
    "mean-before-logarithm",
    "steps, or ratios, are averaged over seeds before the logarithm is taken",
    "Each run has a gain of its own; the table holds the mean of the gains. One slow seed would else outweigh the "
    "others.",
)
RATIO = Diagnosis(
    "not-halvings",
    "runs are not compared by the logarithm of a ratio",
    "From 1000 steps to 500 is as much as from 100 to 50. A difference, or a share, of steps calls the one ten times "
    "the other.",
)
FLIPPED = Diagnosis(
    "gain-sign-flipped",
    "the gains have the wrong sign",
    "The sooner a run generalises, the larger its gain. None is below 0.",
)
HORIZON = Diagnosis(
    "horizon-left-out",
    "the gain is not measured from the horizon",
    "The horizon is what each run is compared with: at the horizon the gain is 0, at half of it 1.",
)
ONE_RUN = Diagnosis(
    "one-run-for-all",
    "one of the runs stands for all of its cell",
    "The middle, the quickest or the first one is a single seed. The table holds means.",
)
SUMMED = Diagnosis(
    "sum-for-mean",
    "something is added up where the mean is asked for",
    "With twice as many seeds that all gain the same, nothing may change; nor does it count twice that there are two "
    "rates and two decays.",
)
AXES = Diagnosis(
    "axes-exchanged",
    "rate and decay are exchanged, or base and raised",
    "The first index is the rate, the second the decay; 0 is base, 1 is raised. Here raising one of the two gains "
    "another number of halvings than raising the other.",
)
TABLE = Diagnosis(
    "wrong-table",
    "these are not the mean gains",
    "A run that takes a quarter of the horizon gains 2. Take all runs of a cell, then their mean.",
)

# Censoring

DROPPED = Diagnosis(
    "censored-dropped",
    "runs that never generalised are left out",
    "What is left are the quick ones. If one run of ten generalises, and at once, that cell would look best of all.",
)
BEYOND = Diagnosis(
    "beyond-the-horizon",
    "a run that took longer than the horizon counts with its own steps",
    "Nobody would have seen it generalise: it is censored like one that never did, and no gain is below 0.",
)
FILLED = Diagnosis(
    "other-filling",
    "censored runs count with other steps than the horizon",
    "How much longer they would have taken is not known. The horizon makes what is gained over them a lower bound; "
    "every other number is an invention.",
)
COUNT = Diagnosis(
    "wrong-count",
    "these are not the numbers of censored runs",
    "Count, for each cell, the runs that had not generalised at the horizon: finite numbers beyond it count, and so "
    "does inf.",
)
AT_HORIZON = Diagnosis(
    "horizon-itself",
    "a run that generalises just at the horizon is called censored",
    "It has generalised: only what is beyond the horizon is censored.",
)
CENSORING = Diagnosis(
    "wrong-censoring",
    "with censored runs the table is another one than with runs that took the whole horizon",
    "That is how they are counted, each in its own cell and for its own seed.",
)

# The effects

EXCHANGED = Diagnosis(
    "rate-for-decay",
    "the effect of the rate and that of the decay are exchanged",
    "To find what the rate does, compare two runs with the same decay.",
)
SIGN = Diagnosis(
    "effect-sign-flipped",
    "an effect has the wrong sign, or none",
    "What is gained by raising something is positive: raised less base. It may be negative too.",
)
SIMPLE = Diagnosis(
    "one-side-only",
    "an effect is taken at one level of the other thing alone, or both are raised at once",
    "The rate may do more under the raised decay than under the base one. The effect is the mean of both.",
)
INTERACTION = Diagnosis(
    "not-the-interaction",
    "the interaction is not the difference of two effects",
    "It is what raising the rate gains under the raised decay, less what it gains under the base decay: four runs "
    "with two signs each, not divided by anything, and 0 where both together gain the sum of what each gains.",
)
MEDIAN = Diagnosis(
    "median-for-mean",
    "the effect is the median over seeds",
    "It is the mean, so that it can be read off the table.",
)
EFFECT = Diagnosis(
    "wrong-effect",
    "this is not the effect that the docstring defines",
    "Take the gains of the four runs of each seed, then the difference, then the mean over seeds.",
)
SEEDS = Diagnosis(
    "wrong-n",
    "`n` is not the number of seeds",
    "The unit is the seed: four runs of one seed are no four independent witnesses, and bootstrap samples are none at "
    "all.",
)

# The intervals

SWAPPED = Diagnosis(
    "ends-swapped",
    "the lower end of an interval is above its upper end",
    "Low comes first.",
)
NO_WIDTH = Diagnosis(
    "no-width",
    "the interval has no width",
    "The seeds differ in what they gain, so the mean is uncertain. A sample is drawn *with* replacement: the same seed "
    "may come twice, another one not at all.",
)
APART = Diagnosis(
    "runs-drawn-apart",
    "runs of one seed are drawn apart from each other",
    "The four runs of a seed share their data and first values. A hard split slows all four, and that cancels within "
    "the seed, but only if whole seeds are drawn.",
)
SPREAD = Diagnosis(
    "spread-not-error",
    "the interval shows how the seeds spread, not how sure their mean is",
    "With four times as many seeds, the mean is known twice as well.",
)
SIZE = Diagnosis(
    "other-sample-size",
    "a sample holds another number of seeds than there are",
    "How far the means of samples spread depends on how many seeds a sample holds: as many as there are, no more and "
    "no fewer.",
)
LEVEL = Diagnosis(
    "another-level",
    "this is an interval of another level than 95 %",
    "2.5 % of the samples lie below it and 2.5 % above.",
)
SYMMETRIC = Diagnosis(
    "not-from-samples",
    "the interval reaches as far up as down, as one from a standard error does",
    "A few seeds gain much more than the rest, so the means of samples are spread further to one side. An interval "
    "between two of their quantiles shows that.",
)
TURNED = Diagnosis(
    "turned-round",
    "the interval reaches further to the wrong side",
    "Its ends are quantiles of the means of samples, as they are: not mirrored at the mean.",
)
ASIDE = Diagnosis(
    "not-around-the-effect",
    "the interval does not lie around the effect",
    "It is an interval for the mean, not for its distance from 0 or from the mean itself, and not for another effect.",
)
INTERVAL = Diagnosis(
    "wrong-interval",
    "the interval is not that of a bootstrap over seeds",
    "Draw as many seeds as there are, with replacement; take the mean of their effects; do so 2000 times; and take "
    "the quantiles between which 95 % of these means lie.",
)

# Edges

ONE_SEED = Diagnosis(
    "one-seed",
    "with a single seed the answer is wrong",
    "Every sample is that one seed, so both ends of each interval are the effect itself.",
)
AT_ONCE = Diagnosis(
    "at-once",
    "a run that had generalised before the first step, or with it, has another gain",
    "Steps below 1 count as 1, or the gain would have no bound.",
)
NOBODY = Diagnosis(
    "nobody-generalises",
    "where no run generalises the answer is wrong",
    "Then nothing is gained anywhere: all gains, effects and ends of intervals are 0.",
)
