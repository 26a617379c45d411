"""What `button_world` can get wrong, in words."""

from chisel.checking import Diagnosis

CROWDED = Diagnosis(
    "not-a-dead-end",
    "the button is in a cell that is no dead end",
    "From its cell one can go more than one way: agents pass through it, and closing it off would cut the maze in two.",
)
START = Diagnosis(
    "on-the-start",
    "the button is in the bottom-left cell, where a tested agent starts",
    "It would be pressed at once, or the agent would be walled in with it.",
)
CHEESE = Diagnosis(
    "on-the-cheese",
    "the button is where the cheese is",
    "What one meets there pays twice, and with the wall the cheese is out of reach as well.",
)
FIXED = Diagnosis(
    "always-the-same",
    "a maze's button is always in the same one of its dead ends",
    "Each of them is as likely as the others. A fixed choice, such as the first one, puts nearly all buttons into the "
    "same part of the maze, and an agent can learn the place.",
)
BATCH = Diagnosis(
    "one-draw-for-all",
    "one draw serves the whole batch",
    "Each maze draws its own button, and draws for itself whether that can be reached.",
)
UNEVEN = Diagnosis(
    "unequal-chances",
    "some dead ends are drawn more often than others",
    "Each one of a maze's is as likely as the others, wherever it is.",
)
STREAM = Diagnosis(
    "generator-ignored",
    "another generator makes no difference",
    "The draws are to come from the generator that is passed. If they come from one of the function's own, every world "
    "is the same world.",
)
ONE_SIDE = Diagnosis(
    "wall-on-one-side",
    "the passage is closed from one side only",
    "A wall stops whoever comes from either side. Here one can walk through it in one direction.",
)
NO_WALL = Diagnosis(
    "not-closed",
    "with p_open = 0 a button can be reached",
    "Then no maze is open. Its button's one passage has to be closed, whichever of the four directions it leads.",
)
SHUT = Diagnosis(
    "closed-at-one",
    "with p_open = 1 a passage is closed",
    "Then every maze is left as it is.",
)
MORE = Diagnosis(
    "more-walls",
    "other passages are closed as well, or instead",
    "One passage of a maze is closed, the one between the button's cell and its neighbour. The others stay as they "
    "are.",
)
OPENED = Diagnosis(
    "passages-opened",
    "where there was a wall one can now walk",
    "Walls are added, none is taken away.",
)
INVERTED = Diagnosis(
    "chance-inverted",
    "p_open is taken for the probability that a button is walled off",
    "At p_open = 0.8, four in five can be reached.",
)
CHANCE = Diagnosis(
    "chance-wrong",
    "buttons can be reached more often, or more rarely, than p_open says",
    "It is the probability that a maze's button can be reached.",
)
QUOTA = Diagnosis(
    "number-fixed",
    "the same number of buttons can be reached in every batch",
    "Each maze draws for itself, so the number differs from batch to batch; p_open is what it comes to on average.",
)
TIED = Diagnosis(
    "chance-not-its-own",
    "whether a button can be reached depends on which dead end it is in",
    "These are two draws. One random number cannot serve both.",
)
WITH_BUTTON = Diagnosis(
    "starts-on-the-button",
    "an episode may begin in the button's cell",
    "Whoever begins there has met the button, wall or no wall. Then it is no reward that was never met.",
)
WITH_CHEESE = Diagnosis(
    "starts-on-the-cheese",
    "an episode may begin in the cell of the cheese",
    "It would be over before its first step.",
)
FEW = Diagnosis(
    "starts-left-out",
    "an episode cannot begin in some cells where it may",
    "All cells but two are starts: also the bottom-left one, other dead ends and the button's neighbour.",
)
VIEW = Diagnosis(
    "shares-the-bank",
    "`opened` lies in the memory of the bank",
    "It is the bank's tensor, or a view of it. Whoever changes the one changes the other.",
)
