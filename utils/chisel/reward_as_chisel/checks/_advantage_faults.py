"""What goes wrong in `gae`, with names."""

from chisel.checking import Diagnosis

FORWARD = Diagnosis(
    "forward",
    "the sum runs forward in time",
    "An advantage gathers the surprises from its own step on. What surprised before it was not its doing.",
)
RETURNS = Diagnosis(
    "returns-instead",
    "these are returns, not advantages",
    "An advantage is measured against what the critic expected of the state. A critic that is right leaves 0.",
)
NO_CRITIC = Diagnosis(
    "values-ignored",
    "the critic's values play no part",
    "An advantage says how much better it went than expected, and what was expected is in `values`.",
)
SIGN = Diagnosis(
    "sign-flipped",
    "a sign is wrong",
    "More reward than expected is a positive advantage; a better state than expected after the step is one, too.",
)
WRONG_VALUE = Diagnosis(
    "value-shifted",
    "the value of the wrong state stands before or after a step",
    "values[:, t] belongs to the state before step t, so the state after it has values[:, t + 1].",
)
SWAPPED = Diagnosis(
    "gamma-lam-swapped",
    "gamma and lam are swapped",
    "gamma discounts what follows, so it also stands before the next value. lam is only about how far surprises "
    "reach back.",
)
NO_GAMMA = Diagnosis(
    "gamma-missing",
    "gamma is missing in one place, or too often in another",
    "The next value is discounted by gamma once. A surprise that reaches one step back is discounted once, by gamma "
    "times lam.",
)
FIXED = Diagnosis(
    "argument-ignored",
    "gamma or lam is not used as it is given",
    "Two different values of it gave the same advantages, although there is something to look ahead to.",
)
INVERTED = Diagnosis(
    "alive-inverted",
    "`alive` is read the wrong way round",
    "True means that the episode goes on after the step, so what follows counts.",
)
NORMALISED = Diagnosis(
    "normalised",
    "advantages are centred, rescaled or clipped",
    "Twice the rewards and values must give twice the advantages. Whoever wants other units divides afterwards.",
)
WRONG = Diagnosis(
    "wrong-advantage",
    "an advantage is not the discounted sum of surprises",
    "Within one episode, each is its own step's surprise plus gamma * lam times the next advantage.",
)
ENDS = Diagnosis(
    "gamma-or-lam-end",
    "gamma or lam of exactly 0 or 1 comes out wrong",
    "At lam = 0 one surprise is left, at lam = 1 the return minus the value; at gamma = 0 the reward minus the value. "
    "A default in place of a 0, or a division by 1 - gamma * lam, shows here.",
)
NO_LAST = Diagnosis(
    "last-value-ignored",
    "a row that was cut off is treated as if it had ended",
    "The episode is alive after its last stored step. What was to come is worth `last_value`, not nothing.",
)
LAST_WRONG = Diagnosis(
    "last-value-misused",
    "`last_value` does not stand where the next value would",
    "It is the value of the state after the last step: discounted once, part of that step's surprise alone.",
)
THROUGH_END = Diagnosis(
    "bootstraps-through-end",
    "`last_value` counts although the episode has ended",
    "alive is False at the last step: nothing comes after it. Only `last_value` was changed, and the advantages moved.",
)
EPISODES_TOUCH = Diagnosis(
    "episodes-touch",
    "what comes after an end reaches back over it",
    "Where alive is False, neither the next value nor any later surprise belongs to the episode that ended there.",
)
SHIFTED = Diagnosis(
    "alive-shifted",
    "`alive` is off by one step",
    "alive[:, t] says whether the episode goes on *after* step t. The step at which it is False is the last real one.",
)
ONE_EPISODE = Diagnosis(
    "stops-at-first-end",
    "everything after the first end of a row is treated as dead",
    "One row may hold several episodes, one after another. The next one starts at the step after the end.",
)
END_WRONG = Diagnosis(
    "end-misread",
    "a row with ends in the middle comes out wrong",
    "Cut at its ends, the row falls into episodes, and each must get the advantages that it gets alone.",
)
MIXED = Diagnosis(
    "rows-mixed",
    "one row reaches the advantages of another",
    "Each row has rewards, values and ends of its own: computed alone, it must get the same as in the batch.",
)
ONE_STEP = Diagnosis(
    "edge-size",
    "a row of a single step comes out wrong",
    "There the advantage is the step's own surprise.",
)
