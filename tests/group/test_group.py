"""A group's files: written, read together, refused with the file's name, and shown."""

import json
from pathlib import Path

import pytest

from chisel.cli import main
from chisel.core.catalogue import find_questions
from chisel.core.journal import CHECK, PREDICTION, open_journal
from chisel.group.files import GroupError, Member, member_of, read_members, write_member
from chisel.group.page import _levels, as_page, as_text
from chisel.group.spread import most_divided, most_surprising, spreads
from chisel.journal.predictions import outcome_of, predict
from test_pages_in_browser import PHONE, WIDE, browser  # noqa: F401  (a fixture)

ASKED = find_questions()
FIRST, SECOND, THIRD = (question.id for question in ASKED[:3])
NO = next(question.id for question in ASKED if not outcome_of(question))
YES = next(question.id for question in ASKED if outcome_of(question))


@pytest.fixture(autouse=True)
def own_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHISEL_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


def member(name: str, **said: float) -> Member:
    return Member(name, said, {"update_strength": (1, 13)})


def write(name: str, said: dict[str, float]) -> Path:
    path = Path(f"{name}.json")
    write_member(Member(name, said, {}), path)
    return path


def test_a_file_holds_what_was_said_and_nothing_else():
    predict(FIRST, 0.3)
    open_journal().add(CHECK, "update_strength/reward_to_go", {"status": "passed"})
    mine = member_of("  Ada ", open_journal())
    write_member(mine, Path("ada.json"))
    content = json.loads(Path("ada.json").read_text())
    assert set(content) == {"form", "version", "name", "predictions", "done"}
    assert content["name"] == "Ada" and content["predictions"] == {FIRST: 0.3}
    assert content["done"]["update_strength"][0] == 1
    assert read_members([Path("ada.json")]) == [mine]


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\nb", "a\x00b"])
def test_a_name_is_one_that_prints(name: str):
    with pytest.raises(GroupError, match="choose another"):
        member_of(name, open_journal())


def test_the_most_divided_and_the_most_surprising_come_first():
    group = [
        Member("Ada", {YES: 0.9, NO: 0.9}, {}),
        Member("Bo", {YES: 0.1, NO: 0.9}, {}),
    ]
    found = spreads(group)
    assert [spread.question.id for spread in most_divided(found)] == [YES, NO]
    assert [spread.question.id for spread in most_surprising(found)] == [NO, YES]
    divided = most_divided(found)[0]
    assert divided.division == pytest.approx(0.4) and divided.mean == pytest.approx(0.5)
    assert divided.surprise == pytest.approx((0.01 + 0.81) / 2)


def test_one_answer_divides_nobody():
    found = spreads([Member("Ada", {YES: 0.9}, {}), Member("Bo", {NO: 0.2}, {})])
    assert most_divided(found) == [] and len(most_surprising(found)) == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "is damaged"),
        ("[]", "no file of"),
        ('{"form": "other"}', "no file of"),
        ('{"form": "chisel-group", "version": 2}', "another version"),
        ('{"form": "chisel-group", "version": 1}', "is damaged"),
        (
            f'{{"form": "chisel-group", "version": 1, "name": "B", "predictions": {{"{FIRST}": 1.5}}, "done": {{}}}}',
            "0 to 1",
        ),
        (
            f'{{"form": "chisel-group", "version": 1, "name": "B", "predictions": {{"{FIRST}": true}}, "done": {{}}}}',
            "0 to 1",
        ),
        (
            '{"form": "chisel-group", "version": 1, "name": "B", "predictions": {"gone": 0.5}, "done": {}}',
            r"does not ask \(gone\): update whichever is older",
        ),
        ('{"form": "chisel-group", "version": 1, "name": "B", "predictions": {}, "done": {"a": 3}}', "not two counts"),
        ('{"form": "chisel-group", "version": 1, "name": "B", "predictions": {}, "done": {"a": [3, 2]}}', "two counts"),
        (
            '{"form": "chisel-group", "version": 1, "name": "\\u001b[2J", "predictions": {}, "done": {}}',
            "cannot be shown",
        ),
        ('{"form": "chisel-group", "version": 1, "name": " ", "predictions": {}, "done": {}}', "cannot be shown"),
        (
            f'{{"form": "chisel-group", "version": 1, "name": "B", "predictions": {{"{FIRST}": NaN}}, "done": {{}}}}',
            "0 to 1",
        ),
        ("[" * 100_000, "is damaged"),
        ("", "is damaged"),
        ("\udcff", "is damaged"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_and_nothing_is_merged(content: str, says: str, capsys):
    good = write("Ada", {FIRST: 0.5})
    Path("bad.json").write_text(content, errors="surrogateescape")
    with pytest.raises(GroupError, match=f"bad.json.*{says}"):
        read_members([good, Path("bad.json")])
    assert main(["group", "merge", "Ada.json", "bad.json", "--html", "page.html"]) == 2
    assert not Path("page.html").exists()
    said = capsys.readouterr().err
    assert "bad.json" in said and said.count("\n") == 1


def test_what_an_older_version_asked_is_not_exported():
    open_journal().add(PREDICTION, "once-asked", {"credence": 0.5})
    predict(FIRST, 0.3)
    assert member_of("Ada", open_journal()).predictions == {FIRST: 0.3}


def test_two_members_of_one_name():
    write("Ada", {})
    Path("other.json").write_text(Path("Ada.json").read_text())
    with pytest.raises(GroupError, match=r"both of 'Ada'"):
        read_members([Path("Ada.json"), Path("other.json")])


def test_a_missing_file_is_named():
    with pytest.raises(GroupError, match=r"cannot read nobody\.json"):
        read_members([Path("nobody.json")])


def test_commands(capsys):
    predict(YES, 0.8)
    assert main(["group", "export", "--name", "Ada L."]) == 0
    assert "wrote Ada-L.json, as Ada L.: predictions 1" in capsys.readouterr().out
    write("Bo", {YES: 0.1})
    assert main(["group", "merge", "Ada-L.json", "Bo.json", "--html", "page.html"]) == 0
    printed = capsys.readouterr().out
    assert "Most divided first" in printed and "Ada L. 0.80" in printed and "wrote page.html" in printed


def test_answers_can_be_left_out_until_the_results_are_shown(capsys):
    write("Ada", {YES: 0.9, NO: 0.2})
    write("Bo", {YES: 0.1, NO: 0.3})
    assert main(["group", "merge", "Ada.json", "Bo.json", "--html", "page.html", "--hide-answers"]) == 0
    printed, page = capsys.readouterr().out, Path("page.html").read_text()
    assert "Most surprising" not in printed and "Bo 0.10, Ada 0.90" in printed
    for marked in ("Most surprising", "Answer:", "✓", 'class="end right"', "yes;", "no;"):
        assert marked not in printed + page


def test_the_page_stands_alone_and_escapes_names():
    evil = "<script>alert(1)</script>"
    group = [member(evil, **{YES: 0.9}), member('Bo" onload="alert(2)', **{YES: 0.2})]
    page = as_page(group, spreads(group))
    assert evil not in page and "&lt;script&gt;alert(1)" in page and 'onload="' not in page
    for fetched in ("<script", "src=", "@import", "<link", "url("):  # everything is inside
        assert fetched not in page
    assert "1 of 13" in page and "Reward is update strength" in page


def test_circles_do_not_overlap_and_say_who_they_are():
    names = ["Ada", "Adam", "Bo Li", "<b>", "???"]
    group = [Member(name, {YES: 0.5, NO: 0.05 * index}, {}) for index, name in enumerate(names)]
    page = as_page(group, spreads(group))
    for circle in (">1</i>", ">2</i>", ">BL</i>", ">b</i>", ">5</i>"):
        assert circle in page
    assert _levels([0.5] * 5) == [0, 1, 2, 3, 4]
    assert _levels([0.0, 0.05, 0.1, 0.15, 0.2]) == [0, 1, 2, 0, 1]


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_page_opens_without_a_network(browser, size):  # noqa: F811
    group = [Member(f"member {number}", {q.id: number / 8 for q in ASKED}, {}) for number in range(8)]
    group.append(Member("<img src=http://outside.invalid/x onerror=alert(1)>", {YES: 1.0}, {}))
    Path("page.html").write_text(as_page(group, spreads(group)), encoding="utf-8")
    context = browser.new_context(viewport=size, offline=True)
    tab, asked, wrong = context.new_page(), [], []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("dialog", lambda dialog: wrong.append(dialog.message))
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.goto(Path("page.html").absolute().as_uri())
    assert len(asked) == 1 and not wrong, asked
    assert tab.evaluate("() => document.documentElement.scrollWidth - window.innerWidth") <= 0
    first = tab.locator("article").first
    boxes = [dot.bounding_box() for dot in first.locator("i").all()]
    assert len(boxes) >= 8
    for index, one in enumerate(boxes):
        for other in boxes[:index]:
            apart = abs(one["x"] - other["x"]) + 1 >= one["width"] or abs(one["y"] - other["y"]) + 1 >= one["height"]
            assert apart, (one, other)
    context.close()


def test_a_group_that_has_not_predicted():
    group = [Member("Ada", {}, {})]
    assert "none has predicted" in as_text(group, [])
    assert "Nobody has predicted" in as_page(group, [])


def test_one_chapter_can_be_looked_at_alone(capsys):
    apart = next(question.id for question in ASKED if question.claim == "reversal-curse")
    write("ada", {FIRST: 0.9, apart: 0.2})
    assert main(["group", "merge", "ada.json", "--chapter", "reversal_curse"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "1 question" in shown and all(q.text not in shown for q in ASKED if q.id == FIRST)
    assert main(["group", "merge", "ada.json", "--chapter", "reversal"]) == 2
    assert "no chapter is called 'reversal': there are reward_as_chisel" in capsys.readouterr().err
