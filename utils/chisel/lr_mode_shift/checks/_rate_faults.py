"""What can be wrong with setting an optimiser's rate, in words."""

from chisel.checking import Diagnosis

UNCHANGED = Diagnosis(
    "nothing-changed",
    "the rates are as they were",
    "An optimiser reads the rate of a step in its groups, `optimizer.param_groups`. Anything set elsewhere it never "
    "looks at.",
)
DEFAULTS = Diagnosis(
    "defaults-only",
    "the new rate stands in `defaults`, where no step looks",
    "`defaults` is what a group gets that is added later. The groups that are there have a rate of their own.",
)
OTHER = Diagnosis(
    "another-optimiser",
    "a new optimiser is made, and the one that was given is as it was",
    "Whoever called goes on with the old one. And a new one begins with empty moments: the curve would show that "
    "shock, and not the rate.",
)
FIRST = Diagnosis(
    "one-group-only",
    "one group has the new rate, and another has not",
    "The parameters may be spread over several groups. With one group everything looks fine.",
)
MULTIPLIED = Diagnosis(
    "multiplied",
    "the rates are multiplied with `lr`, not set to it",
    "`lr` is the rate itself. Called at every step, a factor would raise the rate again and again.",
)
RATIO = Diagnosis(
    "ratios-kept",
    "the groups keep their rates relative to each other",
    "All groups get exactly `lr`.",
)
ONE_WAY = Diagnosis(
    "one-way-only",
    "the rate is only raised, or only lowered",
    "It is set, whatever it was before.",
)
ROUNDED = Diagnosis(
    "not-exact",
    "the rate is nearly `lr`, but not to the last digit",
    "A run with multiplier 1 has to be the same as one without a switch, bit by bit.",
)
RATE = Diagnosis(
    "wrong-rate",
    "a group has another rate",
    "After the call each of `optimizer.param_groups` holds exactly `lr` under its key.",
)
LOST = Diagnosis(
    "moments-lost",
    "what the optimiser had gathered is gone",
    "Without its moments the next steps are those of a new optimiser, and as long as the first ones of a training. "
    "The curve would show that, and not the rate.",
)
GATHERED = Diagnosis(
    "moments-changed",
    "what the optimiser has gathered is not what it was",
    "Moments and step counts belong to the gradients so far. The rate has no part in them.",
)
STEPPED = Diagnosis(
    "step-made",
    "the parameters have moved",
    "To set the rate of the next step is not to make a step.",
)
SLOPES = Diagnosis(
    "gradients-touched",
    "the gradients are not what they were",
    "They belong to who has computed them, and who may still need them.",
)
SETTINGS = Diagnosis(
    "other-settings",
    "another setting of a group has changed along with the rate",
    "If the decay, say, changes with the rate, nobody can tell which of the two made the difference.",
)
DEFAULTS_TOO = Diagnosis(
    "defaults-too",
    "`defaults` has changed as well",
    "A group that is added later would begin with this rate. The rate of the next step is all that is to change.",
)
GROUPS = Diagnosis(
    "groups-remade",
    "the groups hold other parameters than before",
    "Who is in which group stays as it is.",
)
ZERO = Diagnosis(
    "zero-passed-over",
    "a rate of 0 is not set",
    "A run that stands still is a control like any other. In Python 0 counts as false: `if lr` passes it over.",
)
