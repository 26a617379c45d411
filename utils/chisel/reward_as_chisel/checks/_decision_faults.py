"""What `decision_features` can get wrong, in words."""

from chisel.checking import Diagnosis

SWAPPED = Diagnosis(
    "swapped",
    "`to_cheese` and `to_corner` have changed places",
    "The steps to the cheese are given as those to the corner, and the reverse.",
)
FROM_START = Diagnosis(
    "from-the-start",
    "path lengths are counted from the start, not from the decision cell",
    "What the two ways share says nothing about the choice between them; only what comes after the last shared cell "
    "does.",
)
STRAIGHT = Diagnosis(
    "straight-for-path",
    "a path length is a straight-line distance",
    "There are walls: from the decision cell, an agent has to walk further than that.",
)
THROUGH_WALLS = Diagnosis(
    "through-walls",
    "path lengths are counted as if there were no walls",
    "Rows plus columns is what an agent would walk on an open floor. The table says which moves lead nowhere.",
)
OFF_BY_ONE = Diagnosis(
    "off-by-one",
    "a path length is one step off",
    "Steps are counted, not cells, and from the *last* cell that the two ways share.",
)
SHARED = Diagnosis(
    "shared-part",
    "these are the steps up to the decision cell",
    "That is the part of the way where there is nothing to choose yet.",
)
BETWEEN = Diagnosis(
    "between-the-two",
    "both lengths are the whole way from the cheese to the corner",
    "That way leads through the decision cell. Asked for is each side of it on its own.",
)
PATH = Diagnosis(
    "wrong-path-length",
    "a path length is wrong",
    "In a perfect maze there is one way between two cells. Follow both ways from the start, and count on from the last "
    "cell that they share.",
)
OF_PATHS = (SWAPPED, FROM_START, STRAIGHT, THROUGH_WALLS, OFF_BY_ONE, SHARED, BETWEEN, PATH)
SQUARED = Diagnosis(
    "euclid-squared",
    "`euclid` is the square of the distance",
    "Places twice as far apart must be twice as far apart, not four times.",
)
BLOCKS = Diagnosis(
    "euclid-along-axes",
    "`euclid` counts rows and columns, not the straight line",
    "The straight line across a rectangle is shorter than its two sides together, and longer than either.",
)
WALKED = Diagnosis(
    "euclid-walked",
    "`euclid` is the length of a way through the maze",
    "The straight line takes no notice of walls. That the two are different is why both are here.",
)
OTHER_ENDS = Diagnosis(
    "euclid-other-ends",
    "`euclid` is the distance between other cells",
    "It goes from the cheese to the corner. The start and the decision cell play no part in it.",
)
INDICES = Diagnosis(
    "euclid-of-indices",
    "`euclid` is the difference of two cell numbers",
    "Cells are numbered row by row: two that lie one above the other are a whole row of numbers apart.",
)
ROUNDED = Diagnosis(
    "euclid-rounded",
    "`euclid` is rounded to whole cells",
    "Most straight lines across a lattice are no whole number of cells long.",
)
RESCALED = Diagnosis(
    "euclid-rescaled",
    "`euclid` is not measured in cells",
    "A cheese right beside the corner is 1 away from it.",
)
EUCLID = Diagnosis(
    "wrong-euclid",
    "`euclid` is wrong",
    "A cell has a row and a column. The straight line follows from how far apart the two cells are in each.",
)
OF_STRAIGHT_LINES = (SQUARED, BLOCKS, WALKED, OTHER_ENDS, INDICES, ROUNDED, RESCALED, EUCLID)
CHEESE_ONLY = Diagnosis(
    "corner-on-the-way-missed",
    "`forced` misses mazes in which the corner lies on the way to the cheese",
    "To get to the cheese, an agent has to walk over the corner there. It cannot avoid it, whatever it wants.",
)
CORNER_ONLY = Diagnosis(
    "cheese-on-the-way-missed",
    "`forced` misses mazes in which the cheese lies on the way to the corner",
    "To get to the corner, an agent has to walk over the cheese there. It cannot avoid it, whatever it wants.",
)
NEVER = Diagnosis(
    "forced-never",
    "`forced` is never True",
    "Mazes without a decision would stay in the data, and what happens in them looks like a preference.",
)
ALWAYS = Diagnosis(
    "forced-always",
    "`forced` is always True",
    "In some of these mazes the ways part, and neither place lies on the way to the other.",
)
INVERTED = Diagnosis(
    "forced-inverted",
    "`forced` is the wrong way round",
    "It is True where there is nothing to decide.",
)
SAME_CELL = Diagnosis(
    "same-cell-not-forced",
    "`forced` is False where the cheese is in the corner",
    "Each of the two lies on the way to the other then, at its end: there is nothing to decide.",
)
FORCED = Diagnosis(
    "wrong-forced",
    "`forced` is wrong",
    "It is True where the corner lies on the way to the cheese, or the cheese on the way to the corner; a way includes "
    "both of its ends. Elsewhere it is False, however near the two places are.",
)
FORCED_LENGTHS = Diagnosis(
    "forced-lengths",
    "where one place lies on the way to the other, the path lengths are wrong",
    "One of them is 0 there, and the other one the steps between the two places. `forced` marks such a maze; no number "
    "has to do so, too.",
)
OF_FORCED = (FORCED_LENGTHS, CHEESE_ONLY, CORNER_ONLY, NEVER, ALWAYS, INVERTED, SAME_CELL, FORCED)
FIRST_ROW = Diagnosis(
    "first-row-for-all",
    "something of the first maze is used for all mazes of the batch",
    "Each row has a table, a cheese, a corner and a start of its own.",
)
ROWS = Diagnosis(
    "rows-mixed",
    "a maze gets other features in a batch than alone",
    "Row b of every tensor is about maze b, and no other.",
)
START = Diagnosis(
    "start-assumed",
    "the start is taken to be the bottom-left cell",
    "`start` may be any cell.",
)
CORNER = Diagnosis(
    "corner-assumed",
    "the corner is taken to be the top-right cell",
    "`corner` may be any cell.",
)
PLACES = Diagnosis(
    "wrong-elsewhere",
    "with another start and another corner than usual, the features are wrong",
    "They are right where the start is bottom-left and the corner top-right. Both may be any cell.",
)
SHORT = Diagnosis(
    "cut-short",
    "long ways come out wrong",
    "This maze is one corridor through all of its cells. A search that gives up before S - 1 steps does not reach its "
    "end.",
)
SIZE = Diagnosis(
    "size-assumed",
    "right in mazes of 5 x 5 cells, and wrong in mazes of another size",
    "The table has S cells, so the maze has sqrt(S) cells along a side.",
)
STAY = Diagnosis(
    "stay-assumed",
    "with four actions, the features are wrong",
    "This table has no action that stays: all four of them move.",
)
