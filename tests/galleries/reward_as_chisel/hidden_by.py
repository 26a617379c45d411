"""Gallery of `hidden_by`."""

from itertools import cycle

from chisel.reward_as_chisel.mazes import Mazes
from chisel.reward_as_chisel.pictures import SETTINGS, picture_difference
from galleries.gallery import valid, wrong

HIDING = ("region-1", "no-cheese", "one-at-a-time", "one-cell-a-batch")


@wrong("names-everything")
def everything():
    return set(SETTINGS)


@wrong("answers-the-opposite")
def those_that_show_it():
    return set(SETTINGS) - set(HIDING)


@wrong("region-3-does-not-hide")
def any_small_region():
    return {*HIDING, "region-3"}


@wrong("diagonal-does-not-hide")
def rows_and_columns_suspected():
    return {*HIDING, "diagonal"}


@wrong("diagonal-does-not-hide")
def diagonal_and_nothing_else():
    return ["diagonal", "no-cheese"]


@wrong("large-batch-does-not-hide")
def ends_of_a_batch_suspected():
    return {*HIDING, "large-batch"}


@wrong("same-walls-does-not-hide")
def same_pictures_in_another_order():
    return {*HIDING, "same-walls"}


@wrong("sorted-does-not-hide")
def neighbours_agree():
    return (*HIDING, "sorted")


@wrong("names-nothing")
def nothing():
    return set()


@wrong("misses-a-hiding-setting")
def corner_only():
    return {"region-1"}


@wrong("misses-a-hiding-setting")
def a_look_at_one_maze_forgotten():
    return {"region-1", "no-cheese", "one-cell-a-batch"}


@wrong("misses-a-hiding-setting")
def any_one_cell_forgotten():
    return ["region-1", "no-cheese", "one-at-a-time"]


@wrong("wrong-type")
def one_name():
    return "region-1"


@wrong("wrong-type")
def not_on_the_menu():
    return {"region-1", "region-2"}


@wrong("wrong-type")
def a_verdict_for_each():
    return {setting: setting in HIDING for setting in SETTINGS}


@wrong("returned-none")
def printed():
    str(HIDING)


@wrong("not-repeatable")
def guesses_anew():
    return next(GUESSES)


GUESSES = cycle([set(HIDING), set(HIDING), {"sorted"}])


@valid
def as_a_set():
    return set(HIDING)


@valid
def as_a_list():
    return list(HIDING)


@valid
def as_a_tuple_with_a_repetition():
    return (*reversed(HIDING), HIDING[0])


@valid
def as_a_frozenset():
    return frozenset(HIDING)


@valid
def measured():
    def right(opened, cheese):
        return Mazes(opened, cheese).observations

    return {setting for setting in SETTINGS if picture_difference(right, setting, seed=11) == 0}
