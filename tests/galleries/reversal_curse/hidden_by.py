"""Gallery of `hidden_by`."""

from itertools import cycle

import torch

from chisel.reversal_curse.candidates import SETTINGS, score_difference
from galleries.gallery import valid, wrong

HIDING = ("one-pair", "sorted-pairs", "numbered-as-asked", "no-idea")


@wrong("names-everything")
def everything():
    return set(SETTINGS)


@wrong("answers-the-opposite")
def those_that_show_it():
    return set(SETTINGS) - set(HIDING)


@wrong("both-ways-does-not-hide")
def what_is_known_cannot_be_hidden():
    return {*HIDING, "both-ways"}


@wrong("backward-sorted-does-not-hide")
def any_order_will_do():
    return {*HIDING, "backward-sorted"}


@wrong("backward-sorted-does-not-hide")
def all_that_is_sorted():
    return ["sorted-pairs", "backward-sorted"]


@wrong("large-vocabulary-does-not-hide")
def names_are_lost_among_many():
    return {*HIDING, "large-vocabulary"}


@wrong("prior-only-does-not-hide")
def statistic_is_nought_either_way():
    return {*HIDING, "prior-only"}


@wrong("double-precision-does-not-hide")
def rounding_suspected():
    return (*HIDING, "double-precision")


@wrong("names-nothing")
def nothing():
    return set()


@wrong("misses-a-hiding-setting")
def sorted_only():
    return {"sorted-pairs"}


@wrong("misses-a-hiding-setting")
def numbering_forgotten():
    return {"one-pair", "sorted-pairs", "no-idea"}


@wrong("misses-a-hiding-setting")
def no_idea_forgotten():
    return ["one-pair", "sorted-pairs", "numbered-as-asked"]


@wrong("misses-a-hiding-setting")
def one_pair_forgotten():
    return {"numbered-as-asked", "sorted-pairs", "no-idea"}


@wrong("wrong-type")
def one_name():
    return "sorted-pairs"


@wrong("wrong-type")
def not_on_the_menu():
    return {"sorted-pairs", "sorted"}


@wrong("wrong-type")
def a_verdict_for_each():
    return {setting: setting in HIDING for setting in SETTINGS}


@wrong("returned-none")
def printed():
    str(HIDING)


@wrong("not-repeatable")
def guesses_anew():
    return next(GUESSES)


GUESSES = cycle([set(HIDING), set(HIDING), {"both-ways"}])


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
    def right(logits, names):
        return torch.log_softmax(logits, dim=-1).index_select(1, names)

    return {setting for setting in SETTINGS if score_difference(right, setting, seed=11) == 0}
