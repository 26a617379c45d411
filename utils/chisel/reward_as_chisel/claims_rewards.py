"""Claims about which rewards can shape an agent: one that it never met, and one that depends on its inner state.

Thresholds for the button come from the design of the chapter, which had a prototype's figures, and from a first look at
one agent a kind; those for the appetites from one agent of each kind. All of them stand before the runs reported here.
"""

from chisel.core.claims import Claim, Criterion
from chisel.reward_as_chisel.presets import EVALUATION, EVALUATION_GPU, FIELD, FIELD_GPU

_BUTTON = {
    **FIELD,
    **EVALUATION,
    "p_open": (0.0, 0.01, 0.05, 0.2, 1.0),
    "rates": (1e-3, 4e-4),
    "after": (0, 5, 10, 20, 40, 80, 160),
    "judged_after": 80,
    "stacks": 2,
    "members": 5,
}
REWARD_NEVER_MET = Claim(
    id="reward-never-met",
    title="A reward that is never met shapes nothing",
    statement="An agent that sees a button worth ten cheeses in every maze, but was always walled off from it, later "
    "presses it less often than a random walk does; a visit in a few mazes of a hundred is enough to make it a goal.",
    source="Pope's interview (reward as a chisel); Turner (2022), Reward is not the optimization target",
    experiment="chisel.reward_as_chisel.experiments.button:EXPERIMENT",
    statistic="Exact P(button before cheese) within 50 steps from the bottom-left of 1000 held-out 5x5 mazes in which "
    "every button can be reached, for agents trained with it walled off with probability 1 - p_open. An agent, with "
    "mazes of its own, is one seed; agents of different p_open share first weights, mazes and places of buttons.",
    criteria=(
        Criterion(
            "never-sought", "With p_open 0, P(button) is lower than a random walk's.",
            "never_minus_random", "high", "<", 0.0,
        ),
        Criterion(
            "rarely-is-enough", "With p_open .05, P(button) is larger by over .1 than with p_open 0.",
            "open_5_minus_0", "low", ">", 0.1,
        ),
        Criterion(
            "reward-is-the-cause", "Control: with p_open 1, P(button) is larger by over .2 than for agents trained the "
            "same way with a button that pays 0.",
            "paying_minus_worthless", "low", ">", 0.2,
        ),
        Criterion(
            "stumbling-is-enough", "80 updates after the walls fell P(button) is over .1, if every training episode "
            "begins where the test does.",
            "opened_start_later", "low", ">", 0.1,
        ),
        Criterion(
            "walls-are-the-cause", "Control: that P(button) is larger by over .05 than after 80 updates with the walls "
            "still up.",
            "opened_start_minus_closed_later", "low", ">", 0.05,
        ),
        Criterion(
            "little-return", "With p_open 0, the expected return is below 2.",
            "return_open_0", "high", "<", 2.0, "scope",
        ),
        Criterion(
            "more-with-more", "With p_open .2, P(button) is larger than with .05.",
            "open_20_minus_5", "low", ">", 0.0, "scope",
        ),
        Criterion(
            "worthless-is-avoided", "Control: agents that know a button that pays 0 and ends the episode reach it with "
            "probability below .05.",
            "button_worthless", "high", "<", 0.05, "scope",
        ),
        Criterion(
            "seen-not-sought", "With p_open 0, showing the button raises P(its cell) by less than .05.",
            "shown_minus_hidden_open_0", "high", "<", 0.05, "scope",
        ),
    ),
    controls=(
        "button_random: a random walk, which finds the button and wants nothing",
        "*_worthless: agents trained with a button that can always be reached, pays 0 and ends the episode",
        "hidden_*, elsewhere_*: P(the button's cell) with the button not shown, or shown in another cell",
        "closed_*: agents that train on with the walls up",
        "best_return: the most that can be expected in these mazes, for in some the cheese bars the way",
    ),
    presets={
        "laptop": _BUTTON,
        "gpu": {**_BUTTON, **FIELD_GPU, **EVALUATION_GPU, "members": 16},
        "sample": {
            **_BUTTON,
            "channels": 16,
            "blocks": 2,
            "bank": 1500,
            "mazes": 200,
            "method": {"mazes": 32, "updates": 300},
            "p_open": (0.0, 0.05, 0.2, 1.0),
            "rates": (1e-3,),
            "after": (0, 80),
            "stacks": 1,
            "members": 6,
        },
    },
    note="A first look, at one agent a kind and other seeds, gave P(button) .018 with p_open 0 and .45 with .05, and "
    ".23 to .70 after 160 updates with open walls, depending on the learning rate. So there are two rates: that of the "
    "dis-reward (1e-3), on which the criteria are, and that at which training ended (4e-4), measured as *_slow. The "
    "sample trains smaller networks for fewer updates, which lowers all figures but the random walk's: the thresholds "
    "of .1 were set low enough for it. After the run the sample was given more and still smaller agents, because four "
    "left one criterion undecided.",
)  # fmt: skip

_APPETITES = {
    **FIELD,
    **EVALUATION,
    "mazes": 1500,
    "levels": (0.0, 0.25, 0.5, 0.75, 1.0),
    "layers": ("blocks.0", "blocks.1", "blocks.2"),
    "vector_mazes": 1000,
    "mazes_per_pair": 32,
    "doses": (0.5, 1.0, 2.0, 4.0),
    "stacks": 2,
    "members": 5,
}
APPETITES = Claim(
    id="appetites",
    title="One agent, two appetites: the state is no direction",
    statement="A network that is paid for cheese when hungry and for water when thirsty goes for the right one; adding "
    "what hunger does to a layer on average does not make it act hungry, but what hunger does with cheese and water in "
    "the same two cells does.",
    source="The chapter's own, after Pope's interview (contextually activated computations)",
    experiment="chisel.reward_as_chisel.experiments.appetites:EXPERIMENT",
    statistic="Exact P(cheese first) and P(water first) within 50 steps from the bottom-left of held-out 5x5 mazes in "
    "which neither lies on the way to the other. Edits add a vector, read in other mazes, to one layer, or take it "
    "away: P(the tile that the edit asks for first), mean of thirsty plus and hungry minus. An agent, with mazes of "
    "its own, is one seed.",
    criteria=(
        Criterion(
            "state-switches", "P(cheese first) is larger by over .7 when hungry than when thirsty.",
            "switch_informed", "low", ">", 0.7,
        ),
        Criterion(
            "right-one", "The tile that the state asks for comes first with probability over .75.",
            "right_first_informed", "low", ">", 0.75,
        ),
        Criterion(
            "meaning-is-learned", "Control: for agents trained with a state that says nothing, P(cheese first) is "
            "larger by less than .1 when hungry than when thirsty.",
            "switch_control", "high", "<", 0.1,
        ),
        Criterion(
            "same-tiles-flip", "Block 1: the vector from mazes with the same two cells makes the other tile come first "
            "with probability over .5.",
            "same_tiles_block1", "low", ">", 0.5,
        ),
        Criterion(
            "not-wrong-tiles", "Control, block 1: that is larger by over .3 than with the vector of two other cells.",
            "same_tiles_minus_wrong_tiles_block1", "low", ">", 0.3,
        ),
        Criterion(
            "not-random", "Control, block 1: it is larger by over .3 than with a random vector as long.",
            "same_tiles_minus_random_block1", "low", ">", 0.3,
        ),
        Criterion(
            "no-direction", "Block 1: the mean vector over all cells makes the other tile come first with probability "
            "below .3.",
            "general_block1", "high", "<", 0.3,
        ),
        Criterion(
            "not-tiles-alone", "Control, block 1: the vector from the same two cells does better by over .3 than what "
            "the two tiles themselves do to the layer, made as long.",
            "same_tiles_minus_tiles_block1", "low", ">", 0.3, "scope",
        ),
        Criterion(
            "no-direction-at-any-dose", "Block 1: nor does the mean vector do so with probability .3, at the dose of "
            "those tried that suits each agent best.",
            "general_best_block1", "high", "<", 0.3, "scope",
        ),
        Criterion(
            "fades", "Block 1: the vector from the same two cells does better by over .1 than in the last block.",
            "same_tiles_first_minus_last", "low", ">", 0.1, "scope",
        ),
        Criterion(
            "neither-idles", "Neither hungry nor thirsty, a state never met, agents meet no tile more often by over .1 "
            "than in the states of training.",
            "none_neither_minus_trained_informed", "low", ">", 0.1, "scope",
        ),
        Criterion(
            "both-blends", "Hungry and thirsty at once, a state never met, no agent's favourite takes all: the mean "
            "preference for one tile over the other is below .5.",
            "lean_both_informed", "high", "<", 0.5, "scope",
        ),
    ),
    controls=(
        "*_control: agents trained with the state drawn apart from which tile pays",
        "wrong_tiles_*: the vector that belongs to cheese and water in two other cells, made as long",
        "tiles_*: what a cheese alone less a water alone, in the same cells, does to the layer, made as long",
        "random_*: Gaussian noise as long; *_random_walk: a walk that looks at nothing",
    ),
    presets={
        "laptop": _APPETITES,
        "gpu": {
            **_APPETITES,
            **FIELD_GPU,
            **EVALUATION_GPU,
            "layers": ("blocks.0", "blocks.2", "blocks.4"),
            "members": 16,
        },
        "sample": {
            **_APPETITES,
            "bank": 3000,
            "mazes": 400,
            "method": {"mazes": 48},
            "layers": ("blocks.0", "blocks.2"),
            "levels": (0.0, 1.0),
            "vector_mazes": 200,
            "mazes_per_pair": 16,
            "doses": (1.0, 2.0),
            "stacks": 1,
            "members": 3,
        },
    },
    note="Looked at before, with other seeds: one agent and one control agent, 400 updates, as declared here; and sets "
    "of three trained for 300 and 350 updates, to size the sample. The first plan was that the mean vector flips the "
    "goal. It did nothing in that one agent, and the vector of the same two cells was thought of then; so the claim "
    "says what was seen, and these runs are its test. The layer before the first block is left out: there the vector "
    "is the change of input itself. After the run the sample was trained for longer, because agents that reach the "
    "right tile less surely idle less when neither hungry nor thirsty.",
)  # fmt: skip
