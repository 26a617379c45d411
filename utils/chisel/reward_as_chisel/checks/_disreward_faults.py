"""What `disreward` can get wrong, in words."""

from chisel.checking import Diagnosis

ITSELF = Diagnosis(
    "returns-the-original",
    "what comes back is the network that was given, not a copy",
    "Whoever goes on with the one changes the other, and nothing is left to compare with.",
)
SHARED = Diagnosis(
    "shares-weights",
    "the copy shares its weights with the original",
    "It is another object around the same tensors. Training the one would train the other.",
)
AFRESH = Diagnosis(
    "starts-afresh",
    "training does not begin with the weights of the network that was given",
    "No update, or one with a learning rate of almost 0, must leave the copy equal to the original. What is asked is "
    "what reward does to a network that is trained already.",
)
UNTRAINED = Diagnosis(
    "untrained",
    "the network that comes back has the weights of the one that was given",
    "Updates were asked for, and every cell was visited and paid something else than expected.",
)
LEFT_OUT = Diagnosis(
    "mazes-left-out",
    "some mazes of the bank are never trained in",
    "In every maze each start pays something else than expected, yet in some nothing changes.",
)
COUNT = Diagnosis(
    "updates-miscounted",
    "the number of updates is not the one that is asked for",
    "Each update moves a value that is far too high down by that update's learning rate. So the distance tells how "
    "many were made.",
)
METHOD = Diagnosis(
    "method-ignored",
    "the training does not follow `method`",
    "Its settings are those of the call: the learning rate of each update, the discount, which parameters move. A "
    "fixed choice in the function makes every comparison of methods one of a thing with itself.",
)
DISTANCE = Diagnosis(
    "updates-wrong",
    "the updates have another size than the method's",
    "The value of each start is far too high, so each update of Adam moves it down by that update's learning rate.",
)
IGNORED = Diagnosis(
    "sign-ignored",
    "the rewards are not multiplied by `sign`",
    "Values move towards the rewards of the task as it was given. This is what the control does, and nothing else.",
)
FLIPPED = Diagnosis(
    "sign-flipped",
    "the rewards are multiplied by minus `sign`",
    "With +1 nothing may change but the time, with -1 the cheese costs what it paid. Here it is the reverse.",
)
LOST = Diagnosis(
    "sign-lost",
    "only the size of `sign` counts, not whether it is below 0",
    "With -1 the network learns what it learns with +1: rewards stay what they were.",
)
UNIT = Diagnosis(
    "size-lost",
    "every factor is taken for -1, 0 or +1",
    "`sign` may have another size: a reward of 1 with the factor -2.5 costs 2.5.",
)
TWICE = Diagnosis(
    "multiplied-twice",
    "the factor goes in twice",
    "Rewards are multiplied once; two factors of -1 are none.",
)
ONES = Diagnosis(
    "rewards-replaced",
    "the rewards of the task are replaced by others",
    "What a cell pays is in `task.rewards`, and can be any number. The factor is multiplied with it.",
)
SOME = Diagnosis(
    "some-rewards-only",
    "only some of the rewards are multiplied",
    "Every reward of the task counts: those above 0 and those below, at the end of an episode and before.",
)
ASCENT = Diagnosis(
    "update-reversed",
    "the factor turns the update around, not the reward",
    "Values move *away* from what cells pay. The critic has to learn the new rewards; to make its errors larger is no "
    "such thing.",
)
PAYS = Diagnosis(
    "rewards-wrong",
    "values do not move towards the rewards times `sign`",
    "Each start leads to one cell, and an episode there lasts one step. So its value should move towards that cell's "
    "reward times the factor.",
)
CRITIC = Diagnosis(
    "policy-untouched",
    "what the network does is not trained",
    "One action of each start pays. Its probability has to change, and not only the expected value.",
)
WRONG_WAY = Diagnosis(
    "policy-wrong-way",
    "an action that pays becomes rarer, or one that costs more frequent",
    "All other actions pay nothing, and nothing was expected.",
)
STREAM = Diagnosis(
    "generator-ignored",
    "another generator makes no difference",
    "Mazes, starts and actions are drawn from the generator that is passed. If they are drawn from one of the "
    "function's own, all runs are the same run, and their spread says nothing.",
)
