"""The check of an exercise that names, of a menu of settings, those that would have hidden a silent bug.

Nothing here knows the answer: under every setting it is measured how far the function with the bug and one without are
apart. A setting that was named must hide the bug, and one that hides it must be named.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from chisel.checking.attempt import Attempt
from chisel.checking.check import Check
from chisel.checking.contract import StringSet
from chisel.checking.draw import Draw
from chisel.checking.report import Diagnosis


@dataclass(frozen=True)
class Menu:
    """A menu of settings with what is to be said of each.

    Attributes:
        settings: their names, in the order of the menu.
        difference: setting -> how far apart the two functions are. It is asked once a setting in a process, for nothing
            about it depends on what was named, or on the seed of the check.
        shows: whether the bug shows at such a difference.
        compared: what is compared, in words.
        says: a difference in words.
        everything, opposite, nothing, missing: why naming all settings, just those that reveal the bug, none, or too
            few cannot be right.
        revealing: for each setting that does not hide the bug, why it is easily taken for one that does.
    """

    settings: tuple[str, ...]
    difference: Callable[[str], float]
    shows: Callable[[float], bool]
    compared: str
    says: Callable[[float], str]
    everything: str
    opposite: str
    nothing: str
    missing: str
    revealing: Mapping[str, Diagnosis]


def menu_check(solution: str, example: str, read: str, menu: Menu) -> Check:
    """Return the check of an exercise without arguments that returns a set of names from a menu.

    Args:
        solution, example, read: as `Check` takes them. The exercise bears the name of the solution's function.
    """
    check = Check(
        exercise=solution.rpartition(":")[2],
        solution=solution,
        arguments=(),
        returns=StringSet(menu.settings),
        example=example,
        read=read,
        single_precision=False,
    )
    everything = Diagnosis("names-everything", "every setting is named", menu.everything)
    opposite = Diagnosis("answers-the-opposite", "just the settings under which the bug shows are named", menu.opposite)
    nothing = Diagnosis("names-nothing", "no setting is named", menu.nothing)
    missing = Diagnosis("misses-a-hiding-setting", "a setting that hides the bug is not named", menu.missing)

    @cache
    def differences() -> dict[str, float]:
        return {setting: menu.difference(setting) for setting in menu.settings}

    def listed(named: set[str]) -> str:
        return "{" + ", ".join(repr(setting) for setting in menu.settings if setting in named) + "}"

    @check.property(
        "revealing", "every setting that is named hides the bug", everything, opposite, *menu.revealing.values()
    )
    def revealing(attempt: Attempt, draw: Draw) -> None:
        named = set(attempt())
        shown = [setting for setting, size in differences().items() if menu.shows(size)]
        wrong = [setting for setting in shown if setting in named]
        if not wrong:
            return
        lines = [f"{setting}: {menu.says(differences()[setting])}" for setting in wrong]
        tried = "\n".join([f"{menu.compared}:", *lines])
        if named == set(menu.settings):
            attempt.fail(everything.id, tried, listed(named))
        if named == set(shown):
            attempt.fail(opposite.id, tried, listed(named))
        attempt.fail(menu.revealing[wrong[0]].id, tried, listed(named))

    @check.property("hiding", "every setting that hides the bug is named", nothing, missing)
    def hiding(attempt: Attempt, draw: Draw) -> None:
        named = set(attempt(remember=False))
        hidden = [setting for setting, size in differences().items() if not menu.shows(size)]
        missed = [setting for setting in hidden if setting not in named]
        if missed:
            count = f"{len(missed)} more setting{'s' if len(missed) > 1 else ''} on the menu"
            tried = f"{menu.compared}, under every setting: they agree under {count}"
            attempt.fail(missing.id if named else nothing.id, tried, listed(named))

    return check
