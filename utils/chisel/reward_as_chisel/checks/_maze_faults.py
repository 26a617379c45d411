"""What goes wrong in `generate_mazes`, with names."""

from chisel.checking import Diagnosis

OUT = Diagnosis(
    "out-of-grid",
    "a passage leads out of the grid",
    "Beyond the outer wall there is no cell. In the top row nobody can walk up, in the last column nobody goes right.",
)
WRAPS = Diagnosis(
    "wraps-around",
    "a passage leads from one edge of the grid to the other",
    "The cell after the last one of a row has the next number, but it stands at the other end of the next row: they "
    "are no neighbours.",
)
ORDER = Diagnosis(
    "directions-swapped",
    "the four directions are in another order, or mirrored",
    "With the directions relabelled these are perfect mazes. The last axis is up, down, left, right; row 0 is the top "
    "one, so down is the row with the next number.",
)
COLUMNS = Diagnosis(
    "column-major",
    "cells are numbered column by column, or rows and columns are swapped in the directions",
    "Read that way these are perfect mazes. But cells are numbered row by row: to the right of cell c is cell c + 1, "
    "below it cell c + size.",
)
INVERTED = Diagnosis(
    "walls-for-passages",
    "True stands where there is a wall",
    "The other way round these are perfect mazes. True is where one can walk.",
)
ONE_SIDED = Diagnosis(
    "one-sided",
    "a passage is open from one side only",
    "Who walks through has to be able to walk back. An open passage is True in two places: in each of its two cells.",
)
UNREACHABLE = Diagnosis(
    "not-connected",
    "some cells cannot be reached",
    "In a perfect maze there is a way between any two cells.",
)
LOOPS = Diagnosis(
    "loops",
    "there is more than one way between two cells",
    "All cells are connected, but by more than S - 1 passages, so that some of them could be closed again.",
)
ALWAYS = Diagnosis(
    "always-the-same",
    "every maze is the same, whatever the generator",
    "Nothing is drawn. An agent trained in one maze learns that maze by heart.",
)
IGNORED = Diagnosis(
    "generator-ignored",
    "another generator gives the same mazes",
    "All randomness comes from `generator`. A generator of one's own, or one that is seeded inside the function, makes "
    "every call the same.",
)
NOT_ADVANCED = Diagnosis(
    "generator-not-advanced",
    "a second call with the same generator repeats the first",
    "Draw from the generator itself, not from a copy or from its seed; else test mazes are training mazes.",
)
REPEATED = Diagnosis(
    "repeated-in-batch",
    "one batch holds the same maze more than once",
    "Of so large mazes there are billions, so two that are drawn independently hardly ever agree. A mirrored or turned "
    "copy is a copy, too.",
)
ALIKE = Diagnosis(
    "alike-in-batch",
    "the mazes of a batch resemble one another",
    "Two mazes of one batch have far more walls in common than two mazes of different calls. Each has to be drawn "
    "independently of the others.",
)
SHARED = Diagnosis(
    "calls-share-mazes",
    "calls with different generators have mazes in common",
    "Of so large mazes there are billions. Look for mazes that are not drawn at all, and for seeds counted up: "
    "generator 7 and maze 1 must not be generator 8 and maze 0.",
)
HARDLY = Diagnosis(
    "hardly-random",
    "many walls are the same in every maze",
    "Not all perfect mazes have to be equally likely, but here the greater part of each maze is known beforehand.",
)
