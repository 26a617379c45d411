"""What goes wrong in `rollout`, with names."""

from chisel.checking import Diagnosis

NO_START = Diagnosis(
    "start-missing",
    "states do not begin with the first cells",
    "states[..., 0] is where each agent stands before its first step, so it has to be `start`.",
)
NO_ACTION = Diagnosis(
    "no-such-action",
    "an agent takes an action that does not exist",
    "There are as many actions as the last axis of `logits` has entries, counted from 0. It is not always five.",
)
OTHER_TABLE = Diagnosis(
    "wrong-maze",
    "agents move by the table of another maze",
    "Each maze has walls of its own: next_table[b] is for the agents of maze b.",
)
TABLE_IGNORED = Diagnosis(
    "table-ignored",
    "agents do not move by `next_table`",
    "Another table with the same draws gave the same states. What an action does is said by the table, not by the "
    "geometry of a grid.",
)
INDEX_ORDER = Diagnosis(
    "cell-and-action-swapped",
    "the table is read with cell and action in the wrong order",
    "next_table[b, cell, action] is where `action` leads from `cell`.",
)
SHIFTED = Diagnosis(
    "actions-shifted",
    "actions and states are not of the same step",
    "actions[..., t] is taken in states[..., t] and leads to states[..., t + 1].",
)
FROM_START = Diagnosis(
    "always-from-start",
    "every step is taken from the first cell",
    "An agent goes on from where its last step has led.",
)
STANDS_STILL = Diagnosis(
    "stops-early",
    "an agent stands still although its episode goes on",
    "Only a terminal cell ends an episode, and only that of the agent that stands on it.",
)
ILLEGAL = Diagnosis(
    "illegal-move",
    "an agent gets to a cell where its action does not lead",
    "Every step has to be one of the table: from the state before, by the action that is recorded.",
)
GREEDY = Diagnosis(
    "greedy",
    "every agent takes the likeliest action",
    "A policy is sampled: an action with probability 0.1 is taken one time in ten.",
)
UNIFORM = Diagnosis(
    "uniform",
    "all actions are equally frequent",
    "That is a random walk. How frequent an action is says softmax(logits).",
)
WRONG_AXIS = Diagnosis(
    "wrong-axis",
    "the softmax runs over the cells instead of the actions",
    "The probabilities of the actions of one cell must sum to 1. The actions are the last axis of `logits`.",
)
NO_SOFTMAX = Diagnosis(
    "softmax-missing",
    "logits are taken for probabilities",
    "Adding a constant to the logits of a cell changes no probability, but it changed how often actions were taken.",
)
SIGN = Diagnosis(
    "sign-flipped",
    "the lower an action's logit, the more frequent it is",
    "A larger logit is a likelier action.",
)
FREQUENCIES = Diagnosis(
    "wrong-frequencies",
    "actions are not as frequent as softmax(logits) says",
    "Over so many draws the frequencies have to be near the probabilities; chance alone explains no such distance.",
)
AGENTS_SHARE = Diagnosis(
    "agents-share-draws",
    "the agents of a maze share their draws",
    "They do not see each other: what one of them draws must say nothing about another.",
)
MAZES_SHARE = Diagnosis(
    "mazes-share-draws",
    "the mazes share their draws",
    "Agents in different mazes take the same action far more, or far less, often than by chance.",
)
STEPS_SHARE = Diagnosis(
    "steps-share-draws",
    "an agent's draws depend on those of the step before",
    "An action is drawn anew at each step.",
)
START_POLICY = Diagnosis(
    "policy-of-the-start",
    "agents act by the logits of their first cell",
    "The policy may want something else in each cell, so an agent has to ask it again wherever it gets to.",
)
OTHER_POLICY = Diagnosis(
    "policy-of-another-maze",
    "agents act by the logits of another maze",
    "logits[b] is the policy in maze b, and it differs from maze to maze.",
)
OTHER_CELL = Diagnosis(
    "policy-of-another-cell",
    "agents act by the logits of a cell where they do not stand",
    "actions[..., t] is drawn from the policy in states[..., t].",
)
WRONG_ACTION = Diagnosis(
    "policy-ignored",
    "agents take actions that the policy never takes",
    "In each cell one logit exceeds the others by 60, so no other action is ever drawn.",
)
ON_AND_ON = Diagnosis(
    "moves-after-end",
    "an agent moves on after its episode has ended",
    "It stands on a terminal cell. Its state stays there.",
)
OFF_BY_ONE = Diagnosis(
    "alive-off-by-one",
    "alive is off by one step",
    "alive[..., t] is about what comes after step t: the step that reaches the end is its first False.",
)
INVERTED = Diagnosis(
    "alive-inverted",
    "alive is the wrong way round",
    "It is True as long as the episode goes on.",
)
NEVER_FALSE = Diagnosis(
    "alive-never-false",
    "alive stays True after the end",
    "Whoever computes advantages from it takes what follows for a part of the episode.",
)
CUT_OFF = Diagnosis(
    "cut-off-is-no-end",
    "alive is False at the last step, whether or not the episode has ended",
    "An agent that has not reached a terminal cell after T steps was cut off. Its episode would have gone on.",
)
ALIVE = Diagnosis(
    "alive-wrong",
    "alive does not say whether the episode goes on",
    "It is True after a step exactly if the agent has stood on no terminal cell of its own maze up to then.",
)
FINISHED = Diagnosis(
    "start-on-terminal",
    "an agent that starts on a terminal cell is not finished",
    "Its episode is over before the first step: it does not move, and alive is False from the beginning.",
)
GENERATOR = Diagnosis(
    "generator-ignored",
    "another generator gives the same walks",
    "All randomness comes from `generator`. A generator of one's own, or one that is seeded inside the function, makes "
    "every rollout the same.",
)
NOT_ADVANCED = Diagnosis(
    "generator-not-advanced",
    "a second call with the same generator repeats the first",
    "Draw from the generator itself, not from a copy or from its seed; else training sees one rollout over and over.",
)
