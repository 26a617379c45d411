"""Progress: what is done, tried and untouched, and what the commands say."""

import json
from pathlib import Path

import pytest

from chisel.cli import main
from chisel.core.journal import CHECK, Event, open_journal
from chisel.journal.progress import next_step, progress
from chisel.update_strength import checks


@pytest.fixture(autouse=True)
def own_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHISEL_DATA", str(tmp_path))


def event(number: int, subject: str, status: str, diagnosis: str = "") -> Event:
    return Event(number, "t", CHECK, subject, {"status": status, "diagnosis": diagnosis})


def states(*events: Event) -> dict[str, tuple[str, int]]:
    return {e.name: (e.state, e.tries) for chapter in progress(events) for e in chapter.exercises}


def test_states_follow_from_the_log():
    found = states(
        event(1, "update_strength/reward_to_go", "failed", "off-by-one"),
        event(2, "update_strength/reward_to_go", "failed", "off-by-one"),
        event(3, "update_strength/reward_to_go", "passed"),
        event(4, "update_strength/reward_to_go", "failed", "sign-flipped"),
        event(5, "update_strength/score_matrix", "failed", "row-order"),
    )
    assert found["reward_to_go"] == ("done", 2)  # what is done stays done
    assert found["score_matrix"] == ("tried", 1)
    assert found["participation_ratio"] == ("untouched", 0)


def test_exercises_stand_in_the_order_of_the_notebook():
    names = [e.name for chapter in progress([]) if chapter.package == "update_strength" for e in chapter.exercises]
    assert names.index("reward_to_go") < names.index("score_matrix") < names.index("pessimistic_vi")
    assert sorted(names) == sorted(checks.__all__)


def test_what_was_begun_comes_next():
    tried = progress([event(1, "update_strength/score_matrix", "failed", "row-order")])
    assert "score_matrix" in next_step(tried) and "row-order" in next_step(tried)
    fresh = progress([])
    assert fresh[0].exercises[0].name in next_step(fresh)
    every = [event(1, f"{c.package}/{e.name}", "passed") for c in fresh for e in c.exercises]
    assert "every exercise is done" in next_step(progress(every))


def test_a_check_records_its_outcome_and_shows_the_solution_after_three_tries(capsys):
    def wrong(rewards, gamma, mask):
        return rewards * 0

    for _ in range(2):
        assert not checks.reward_to_go(wrong)
    assert "solutions/" not in capsys.readouterr().out
    checks.reward_to_go(wrong)
    assert "Tried 3 times" in capsys.readouterr().out
    own = [e for e in open_journal().events(CHECK) if e.subject == "update_strength/reward_to_go"]
    assert [e.value["status"] for e in own] == ["failed"] * 3
    assert own[0].value["diagnosis"]


def test_an_unsolved_stub_is_no_try(capsys):
    def reward_to_go(rewards, gamma, mask):
        raise NotImplementedError

    checks.reward_to_go(reward_to_go)
    assert open_journal().events() == []


def test_grading_records_nothing(monkeypatch):
    monkeypatch.setenv("CHISEL_GRADED", "1")
    checks.reward_to_go(lambda rewards, gamma, mask: rewards * 0)
    assert open_journal().events() == []


def test_a_check_goes_on_where_nothing_can_be_recorded(monkeypatch, tmp_path: Path, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CHISEL_DATA", str(tmp_path / "file"))
    assert not checks.reward_to_go(lambda rewards, gamma, mask: rewards * 0)
    captured = capsys.readouterr()
    assert "not recorded" in captured.err and "reward_to_go" in captured.out


def test_status_for_people_and_for_tools(capsys):
    open_journal().add(CHECK, "update_strength/reward_to_go", {"status": "passed", "diagnosis": "passed"})
    assert main(["status"]) == 0
    assert "1 of" in capsys.readouterr().out
    assert main(["status", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    chapter = next(c for c in found["chapters"] if c["package"] == "update_strength")
    assert chapter["done"] == 1
    assert {e["state"] for e in chapter["exercises"]} == {"done", "untouched"}


def test_calibration_for_people_and_for_tools(capsys):
    from chisel.journal.predictions import predict, questions_of, reveal

    assert main(["calibration"]) == 0
    assert "No prediction is settled yet" in capsys.readouterr().out
    for question in questions_of("reward-never-met"):
        predict(question.id, 0.75)
    reveal("reward-never-met")
    capsys.readouterr()
    assert main(["calibration"]) == 0
    printed = capsys.readouterr().out
    assert "Always saying 50 %" in printed and "Reward is a chisel" in printed and "0.6 to 0.8" in printed
    assert main(["calibration", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["scores"][0]["n"] == len(questions_of("reward-never-met")) == found["bins"][0]["n"]


def test_a_damaged_journal_is_one_line_and_status_2(tmp_path: Path, capsys):
    (tmp_path / "journal.sqlite3").write_bytes(b"no database" * 500)
    for command in ("status", "calibration"):
        assert main([command]) == 2
        said = capsys.readouterr().err
        assert "is damaged" in said and said.count("\n") == 1
