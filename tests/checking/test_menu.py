"""The check of a menu of settings: what was named must hide the bug, and what hides it must be named."""

from collections import Counter

import pytest

from chisel.checking import Diagnosis, Menu, menu_check

APART = {"calm": 0.0, "storm": 0.3, "night": 0.0, "noon": 0.05}


def toy(asked: Counter[str]):
    def difference(setting: str) -> float:
        asked[setting] += 1
        return APART[setting]

    revealing = {
        name: Diagnosis(f"{name}-does-not-hide", f"{name} is no cover", "It shows.") for name in ("storm", "noon")
    }
    menu = Menu(
        settings=tuple(APART),
        difference=difference,
        shows=lambda size: size > 0.01,
        compared="with and without",
        says=lambda size: f"{size:.0%} apart",
        everything="Some show it.",
        opposite="Those show it.",
        nothing="Some hide it.",
        missing="Look again.",
        revealing=revealing,
    )
    return menu_check("chisel.toy.silent_bug:hidden_by", "an example", "a section", menu)


@pytest.mark.parametrize(
    ("named", "id"),
    [
        ({"calm", "night"}, "passed"),
        (["night", "calm", "calm"], "passed"),
        (set(APART), "names-everything"),
        ({"storm", "noon"}, "answers-the-opposite"),
        ({"calm", "night", "noon"}, "noon-does-not-hide"),
        (("storm",), "storm-does-not-hide"),
        (set(), "names-nothing"),
        ({"calm"}, "misses-a-hiding-setting"),
        ({"dusk"}, "wrong-type"),
    ],
)
def test_each_answer_gets_its_diagnosis(named, id):
    assert toy(Counter()).run(lambda: named).id == id


def test_the_report_tells_what_was_measured():
    report = toy(Counter()).run(lambda: {"calm", "night", "storm", "noon"} - {"noon"})
    assert "with and without" in str(report) and "storm: 30% apart" in str(report) and "noon" not in str(report)


def test_each_setting_is_measured_once_however_often_it_is_checked():
    asked: Counter[str] = Counter()
    check = toy(asked)
    for _ in range(3):
        check.run(lambda: {"calm", "storm"})
    assert asked == Counter(dict.fromkeys(APART, 1))
