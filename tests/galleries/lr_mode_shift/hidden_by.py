"""Gallery of `hidden_by`."""

from itertools import cycle

import torch

from chisel.lr_mode_shift.candidates import SETTINGS, curve_difference
from galleries.gallery import valid, wrong

HIDING = ("one-step-window", "nothing-lost", "switch-after-all", "read-late")


@wrong("names-everything")
def everything():
    return set(SETTINGS)


@wrong("answers-the-opposite")
def those_that_show_it():
    return set(SETTINGS) - set(HIDING)


@wrong("wide-window-does-not-hide")
def smoothness_hides():
    return {*HIDING, "wide-window"}


@wrong("switch-at-the-end-does-not-hide")
def nothing_left_to_see():
    return {*HIDING, "switch-at-the-end"}


@wrong("validation-does-not-hide")
def there_is_no_crash():
    return {*HIDING, "validation"}


@wrong("validation-does-not-hide")
def the_end_is_what_counts():
    return ["read-late", "validation", "dead", "many-seeds"]


@wrong("dead-does-not-hide")
def chance_on_either_side():
    return {*HIDING, "dead"}


@wrong("many-seeds-does-not-hide")
def averaged_away():
    return (*HIDING, "many-seeds")


@wrong("double-precision-does-not-hide")
def rounding_suspected():
    return {*HIDING, "double-precision"}


@wrong("names-nothing")
def nothing():
    return set()


@wrong("misses-a-hiding-setting")
def window_only():
    return {"one-step-window"}


@wrong("misses-a-hiding-setting")
def late_reading_forgotten():
    return {"one-step-window", "nothing-lost", "switch-after-all"}


@wrong("misses-a-hiding-setting")
def constant_curve_forgotten():
    return ["one-step-window", "switch-after-all", "read-late"]


@wrong("misses-a-hiding-setting")
def empty_side_forgotten():
    return {"one-step-window", "nothing-lost", "read-late"}


@wrong("wrong-type")
def one_name():
    return "one-step-window"


@wrong("wrong-type")
def not_on_the_menu():
    return {*HIDING, "narrow-window"}


@wrong("wrong-type")
def a_verdict_for_each():
    return {setting: setting in HIDING for setting in SETTINGS}


@wrong("returned-none")
def printed():
    str(HIDING)


@wrong("not-repeatable")
def guesses_anew():
    return next(GUESSES)


GUESSES = cycle([set(HIDING), set(HIDING), {"validation"}])


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
    def right(accuracy, window, switch_step):
        t = torch.arange(len(accuracy))
        start = torch.maximum(torch.where(t > switch_step, switch_step + 1, 0), t + 1 - window)
        return torch.stack([accuracy[a : b + 1].mean() for a, b in zip(start.tolist(), t.tolist(), strict=True)])

    return {setting for setting in SETTINGS if curve_difference(right, setting, seed=11) == 0}
