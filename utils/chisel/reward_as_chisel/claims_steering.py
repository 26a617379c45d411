"""Claims about editing a trained agent: the cheese vector, by depth and in two policies, and single channels.

Thresholds come from the design of the chapter, which had a prototype's figures, and stand before any run of these
experiments.
"""

from chisel.core.claims import Claim, Criterion
from chisel.reward_as_chisel.presets import FIELD, FIELD_GPU, PLACE

_SWEEP = (-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0)
_VECTOR = {
    **FIELD,
    "region": 3,
    "layers": ("blocks.0", "blocks.1", "blocks.2"),
    "coefficients": _SWEEP,
    "vector_mazes": 96,
    "pool": 400,
    "mazes_per_cell": 32,
    "steps": 50,
    "stacks": 3,
    "members": 5,
}
_ENDS_ONLY = (-1.0, 0.0, 1.0)

CHEESE_VECTOR = Claim(
    id="cheese-vector",
    title="A cheese vector takes the cheese away, or puts one there",
    statement="Subtracting the mean effect of a cheese, read in other mazes, from an early layer makes the agent walk "
    "past a cheese that it sees; adding it makes the agent go where no cheese is; both work less well in later layers.",
    source="Pope's interview (reward as a chisel); Mini et al. (2023), arXiv 2310.08043",
    experiment="chisel.reward_as_chisel.experiments.vectors:EXPERIMENT",
    statistic="Exact P(cheese cell) within 50 steps from the bottom-left, agents trained with the cheese in the "
    "top-right 3x3 of a 5x5 maze; mean over all cells outside that region, 32 held-out mazes each in which the cell is "
    "off the way from start to corner; vectors from 96 other mazes. An agent, with mazes of its own, is one seed.",
    criteria=(
        Criterion(
            "cheese-matters", "With the cheese shown P(cheese cell) is larger by over .5 than with none.",
            "base_minus_none", "low", ">", 0.5,
        ),
        Criterion(
            "subtract-not-wrong-cell", "Block 1: subtracting the vector lowers P(cheese) by over .3 more than "
            "subtracting the vector of a cell that does not touch it.",
            "wrong_minus_subtract_block1", "low", ">", 0.3,
        ),
        Criterion(
            "subtract-not-random", "Block 1: it lowers P(cheese) by over .3 more than a random vector as long.",
            "random_minus_subtract_block1", "low", ">", 0.3,
        ),
        Criterion(
            "add", "Block 1: with no cheese, adding the vector raises P(cell) by over .3.",
            "add_minus_none_block1", "low", ">", 0.3,
        ),
        Criterion(
            "add-not-wrong-cell", "Block 1: it raises P(cell) by over .2 more than the vector of the wrong cell does.",
            "add_minus_wrong_block1", "low", ">", 0.2,
        ),
        Criterion(
            "add-not-random", "Block 1: it raises P(cell) by over .2 more than adding a random vector as long.",
            "add_minus_random_block1", "low", ">", 0.2,
        ),
        Criterion(
            "subtract-not-shuffled", "Block 1: subtracting lowers P(cheese) by over .2 more than subtracting the same "
            "numbers in the same cells with the channels exchanged.",
            "shuffled_minus_subtract_block1", "low", ">", 0.2, "scope",
        ),
        Criterion(
            "random-is-harmless", "Block 1: a random vector as long lowers P(cheese) by less than .15.",
            "base_minus_random_block1", "high", "<", 0.15, "scope",
        ),
        Criterion(
            "subtract-fades", "Subtracting leaves P(cheese) larger by over .1 in the last block than in the first.",
            "subtract_last_minus_first", "low", ">", 0.1, "scope",
        ),
        Criterion(
            "add-fades", "Adding raises P(cell) by over .1 more in the first block than in the last.",
            "add_first_minus_last", "low", ">", 0.1, "scope",
        ),
        Criterion(
            "shared-fades", "What a cheese does to a layer is less the same from maze to maze in the last block than "
            "in the first, by over .1 of its squared length.",
            "shared_first_minus_last", "low", ">", 0.1, "scope",
        ),
    ),
    controls=(
        "subtract_wrong_*, add_wrong_*: the vector of another cell, drawn by a seeded rule, that does not touch it",
        "subtract_random_*, add_random_*: Gaussian noise as long as the vector",
        "subtract_shuffled_*, add_shuffled_*: the vector with its channels exchanged",
        "none: the same cells in the same mazes with no cheese shown",
    ),
    presets={
        "laptop": _VECTOR,
        "gpu": {
            **_VECTOR,
            **FIELD_GPU,
            "region": 5,
            "layers": ("blocks.0", "blocks.2", "blocks.4"),
            "pool": 800,
            "mazes_per_cell": 24,
            "steps": 160,
            "stacks": 2,
            "members": 16,
        },
        "sample": {**_VECTOR, "coefficients": _ENDS_ONLY, "mazes_per_cell": 24, "stacks": 1, "members": 3},
    },
    note="Cells on the way to the corner are left out, because an agent meets a cheese there without wanting it; and "
    "cells of the training region, because it goes there with no cheese shown. Vectors from the same maze are no "
    "evidence, nor are those of the linear layer before the first block: both make a field policy answer exactly as it "
    "does without the cheese, by construction. The criteria on shuffled channels and on what mazes share were added to "
    "the design's.",
)  # fmt: skip

_PLACE_VECTOR = {
    **_VECTOR,
    **PLACE,
    "size": 4,
    "bank": 3000,
    "method": {"updates": 600, "mazes": 24, "lr": 5e-3},
    "coefficients": _ENDS_ONLY,
    "stacks": 10,
    "members": 1,
}
CHEESE_VECTOR_PLACE = Claim(
    id="cheese-vector-place",
    title="The cheese vector in an agent that sees where it is",
    statement="The cheese vector works also in a policy of the ordinary kind, whose observation holds the agent's own "
    "cell, with one vector for all places where the agent may stand.",
    source="Mini et al. (2023), arXiv 2310.08043; the chapter's own question",
    experiment="chisel.reward_as_chisel.experiments.vectors:EXPERIMENT",
    statistic="As for the cheese vector, with the place policy (16 channels, 600 updates of 24 mazes) in 4x4 mazes; a "
    "vector is a mean over mazes and over the agent's places.",
    criteria=(
        Criterion(
            "cheese-matters", "With the cheese shown P(cheese cell) is larger by over .3 than with none.",
            "base_minus_none", "low", ">", 0.3,
        ),
        Criterion(
            "subtract-not-wrong-cell", "Block 1: subtracting the vector lowers P(cheese) by over .2 more than "
            "subtracting the vector of a cell that does not touch it.",
            "wrong_minus_subtract_block1", "low", ">", 0.2,
        ),
        Criterion(
            "subtract-not-random", "Block 1: it lowers P(cheese) by over .2 more than a random vector as long.",
            "random_minus_subtract_block1", "low", ">", 0.2,
        ),
        Criterion(
            "add", "Block 1: with no cheese, adding the vector raises P(cell) by over .2.",
            "add_minus_none_block1", "low", ">", 0.2,
        ),
        Criterion(
            "add-not-wrong-cell", "Block 1: it raises P(cell) by over .1 more than the vector of the wrong cell does.",
            "add_minus_wrong_block1", "low", ">", 0.1,
        ),
        Criterion(
            "add-not-random", "Block 1: it raises P(cell) by over .1 more than adding a random vector as long.",
            "add_minus_random_block1", "low", ">", 0.1,
        ),
        Criterion(
            "subtract-fades", "Subtracting leaves P(cheese) larger by over .1 in the last block than in the first.",
            "subtract_last_minus_first", "low", ">", 0.1, "scope",
        ),
        Criterion(
            "add-fades", "Adding raises P(cell) by over .1 more in the first block than in the last.",
            "add_first_minus_last", "low", ">", 0.1, "scope",
        ),
    ),
    controls=CHEESE_VECTOR.controls,
    presets={
        "laptop": _PLACE_VECTOR,
        "gpu": {**_VECTOR, **PLACE, "channels": 32, "method": {"updates": 4000}, "stacks": 8, "members": 4},
        "sample": {
            **_PLACE_VECTOR, "bank": 2000, "vector_mazes": 32, "mazes_per_cell": 8, "stacks": 1, "members": 6,
            "method": {"updates": 500, "mazes": 24, "agents": 24, "horizon": 16, "lr": 8e-3},
        },
    },
    note="Thresholds are lower than for the field policy, set before the first run. Mazes are 4x4 and rollouts smaller "
    "for their cost: this policy learns slowly. That 3x3 of 4x4 is a region with which agents walk to cheese outside "
    "was picked after looking at two agents, unsteered. The gpu preset has 5x5 mazes. Agents differ more than field "
    "policies do. The sample's are trained for a shorter time with a larger learning rate, which was picked after "
    "looking because three agents as in the laptop preset leave most criteria undecided.",
)  # fmt: skip

_CHANNELS = {
    **FIELD,
    "region": 3,
    "layers": ("blocks.0", "blocks.1"),
    "magnitudes": (1.0, 2.0, 5.0, 10.0),
    "channels_edited": (1, 2, 4, 8, 16, 32),
    "vector_mazes": 96,
    "pool": 150,
    "mazes_per_cell": 10,
    "steps": 50,
    "stacks": 2,
    "members": 5,
}
FEW_CHANNELS = Claim(
    id="few-channels",
    title="A few channels carry where the cheese is",
    statement="Editing at most four channels of one layer in one place sends the agent there with no cheese shown.",
    source="Pope's interview (reward as a chisel); Mini et al. (2023), arXiv 2310.08043",
    experiment="chisel.reward_as_chisel.experiments.channels:EXPERIMENT",
    statistic="Exact P(target cell) within 50 steps, cells and mazes as for the cheese vector. Channels are ranked by "
    "their mean absolute response, over other mazes, in the cell of a cheese. All combinations are tried of two "
    "layers, setting or adding, the target cell or 3x3 cells or 3x3 cells painted alike, 1 to 10 times what a "
    "cheese does, and 1 to 32 channels. The best is read off ten agents and reported for ten others.",
    criteria=(
        Criterion(
            "few-retarget", "The best edit of at most 4 channels raises P(target) by over .3.",
            "few_gain", "low", ">", 0.3,
        ),
        Criterion(
            "not-other-channels", "It gives a P(target) larger by over .2 than the same numbers in as many other "
            "channels.",
            "few_minus_other_channels", "low", ">", 0.2,
        ),
        Criterion(
            "not-wrong-cell", "It gives a P(target) larger by over .2 than the same edit in a cell that does not touch "
            "the target.",
            "few_minus_wrong_cell", "low", ">", 0.2,
        ),
        Criterion(
            "all-retarget", "Control: the best edit of all 32 channels raises P(target) by over .3, so the target can "
            "be reached by such edits at all.",
            "all_gain", "low", ">", 0.3,
        ),
        Criterion(
            "against-a-cheese", "The best edit of at most 4 channels raises P(target) by over .2 also with a cheese "
            "shown in the training region.",
            "few_elsewhere_gain", "low", ">", 0.2, "scope",
        ),
    ),
    controls=(
        "*_minus_other_channels: the same numbers in the channels half way down the order",
        "*_minus_wrong_cell: the same edit in another cell",
        "all_gain: every channel edited; shown_gain: a cheese shown in the target; vector_*: the whole cheese vector",
        "the agents that choose among the edits are not those that are reported",
    ),
    presets={
        "laptop": _CHANNELS,
        "gpu": {
            **_CHANNELS,
            **FIELD_GPU,
            "region": 5,
            "layers": ("blocks.0", "blocks.2"),
            "channels_edited": (1, 2, 4, 8, 16, 32, 64),
            "pool": 800,
            "mazes_per_cell": 6,
            "steps": 160,
            "members": 8,
        },
        "sample": {
            **_CHANNELS,
            "layers": ("blocks.0",),
            "magnitudes": (2.0, 10.0),
            "channels_edited": (4, 32),
            "mazes_per_cell": 6,
            "stacks": 1,
            "members": 2,
        },
    },
    note="A prototype tried the mean effect of a cheese in the target cell alone and found no retargeting with 4 "
    "channels or fewer; larger magnitudes and patches had not been tried. After looking: the interval of few_gain "
    "reaches over its threshold on both sides, so for that criterion not met means not shown; the control with other "
    "channels is what speaks against it.",
)  # fmt: skip
