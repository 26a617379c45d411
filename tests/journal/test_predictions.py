"""Predictions: taken, replaced, sealed, scored."""

import math
from pathlib import Path

import pytest

from chisel.core.catalogue import find_claims, find_questions
from chisel.core.journal import PREDICTION, SEALED, Event, open_journal
from chisel.core.results import load_result
from chisel.journal.asking import ask
from chisel.journal.predictions import PredictionError, outcome_of, predict, questions_of, reveal, score, standing
from chisel.journal.scoring import Scored, calibration, mean_brier, mean_log

CLAIM = "reward-never-met"
FIRST, SECOND = (question.id for question in questions_of(CLAIM)[:2])


@pytest.fixture(autouse=True)
def own_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHISEL_DATA", str(tmp_path))


def said() -> dict[str, float]:
    found = standing(open_journal().events(PREDICTION, SEALED))
    return {name: prediction.credence for name, prediction in found.items()}


def test_the_last_word_before_the_seal_counts():
    predict(FIRST, 0.2)
    predict(FIRST, 0.9)
    reveal(CLAIM)
    with pytest.raises(PredictionError, match=r"the answer was shown on .*, so your 0.90 stands"):
        predict(FIRST, 0.1)
    assert said() == {FIRST: 0.9}


def test_what_was_not_predicted_cannot_be_predicted_afterwards():
    reveal(CLAIM)
    with pytest.raises(PredictionError, match="before you said anything"):
        predict(SECOND, 0.5)
    assert said() == {}


def test_an_event_after_the_seal_is_no_prediction():
    events = [
        Event(1, "t1", PREDICTION, "q", {"credence": 0.3}),
        Event(2, "t2", SEALED, "q", {}),
        Event(3, "t3", PREDICTION, "q", {"credence": 0.99}),
        Event(4, "t4", SEALED, "q", {}),
    ]
    found = standing(events)["q"]
    assert (found.credence, found.sealed) == (0.3, "t2")


@pytest.mark.parametrize("credence", [-0.01, 1.01, 70, math.nan, math.inf, True, "0.5", None, [0.5]])
def test_a_credence_is_a_number_from_0_to_1(credence):
    with pytest.raises(PredictionError, match=r"a number from 0 .* to 1"):
        predict(FIRST, credence)
    assert said() == {}


@pytest.mark.parametrize("credence", [0, 1, 0.5])
def test_the_ends_are_credences(credence):
    predict(FIRST, credence)
    assert said() == {FIRST: credence}


def test_an_unknown_question_is_told_with_the_nearest():
    with pytest.raises(PredictionError, match=f"did you mean {FIRST}"):
        predict(FIRST[:-1], 0.5)
    with pytest.raises(PredictionError, match="did you mean reward-never-met"):
        reveal("reward-never-meet")
    with pytest.raises(PredictionError, match="no question is called"):
        predict(["a list"], 0.5)  # pyright: ignore[reportArgumentType]  # what a reader may type


def test_a_refusal_is_shown_without_a_traceback():
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    with capture_output() as captured:
        InteractiveShell().run_cell(f"from chisel.journal.predictions import predict\npredict({FIRST!r}, 1.5)")
    assert "a credence is a number" in captured.stdout
    assert "Traceback" not in captured.stdout and "predictions.py" not in captured.stdout


def test_the_answer_names_result_credence_scores_and_calibration(capsys):
    predict(FIRST, 0.7)
    capsys.readouterr()
    reveal(CLAIM)
    printed = capsys.readouterr().out
    asked = {question.id: question for question in questions_of(CLAIM)}[FIRST]
    estimate = load_result(next(claim for claim in find_claims() if claim.id == CLAIM)).measurements[asked.measurement]
    assert f"{estimate.value:.2f} ({estimate.low:.2f} to {estimate.high:.2f})" in printed
    assert "You said 0.70" in printed and "You said nothing" in printed
    right = outcome_of(asked)
    brier, log = (0.7 - right) ** 2, -math.log2(0.7 if right else 0.3)
    assert f"You said 0.70: Brier {brier:.2f}, log {log:.2f} bits" in printed
    assert f"0.6 to 0.8: {int(right)} of 1" in printed
    assert max(map(len, printed.splitlines())) <= 100  # a notebook would break a longer one within a word


def test_the_running_score_goes_over_all_that_was_predicted(capsys):
    reversal = questions_of("reversal-curse")
    for question in (*questions_of(CLAIM), *reversal):
        predict(question.id, 1.0 if outcome_of(question) else 0.0)
    reveal("reversal-curse")
    assert "so far" not in capsys.readouterr().out
    reveal(CLAIM)
    printed = capsys.readouterr().out
    assert f"(of {len(questions_of(CLAIM))})" in printed
    assert f"so far (of {len(questions_of(CLAIM)) + len(reversal)})   Brier 0.00, log 0.00 bits" in printed


def test_a_certainty_that_was_wrong_is_said_in_words(capsys):
    predict(FIRST, 0.0 if outcome_of(questions_of(CLAIM)[0]) else 1.0)
    reveal(CLAIM)
    printed = capsys.readouterr().out
    assert "log without end (a certainty was wrong)" in printed and "inf" not in printed


def test_revealing_twice_changes_nothing(capsys):
    predict(FIRST, 0.7)
    capsys.readouterr()
    reveal(CLAIM)
    first = capsys.readouterr().out
    reveal(CLAIM)
    assert capsys.readouterr().out == first


def test_with_recording_off_the_notebook_goes_on(monkeypatch, capsys):
    monkeypatch.setenv("CHISEL_DATA", "off")
    assert "kept" in str(ask(CLAIM)) and set(ask(CLAIM)._repr_mimebundle_()) == {"text/plain"}
    predict(FIRST, 0.4)
    reveal(CLAIM)
    assert "You said" not in capsys.readouterr().out


def test_a_damaged_journal_stops_no_notebook(tmp_path: Path, capsys):
    (tmp_path / "journal.sqlite3").write_bytes(b"not a database at all" * 200)
    assert "cannot be recorded" in str(ask(CLAIM))
    predict(FIRST, 0.5)
    assert capsys.readouterr().err.startswith("not recorded: ")
    reveal(CLAIM)
    captured = capsys.readouterr()
    assert captured.err.startswith("not recorded: ") and captured.err.count("\n") == 1
    assert "cannot be read" in captured.out and "is damaged" in captured.out
    assert "You said" not in captured.out  # nobody knows


def parts(number: int = 0):
    """Return slider, button and state of a question in a new widget."""
    from chisel.journal.asking import sliders

    slider, button, state = sliders(ask(CLAIM)).children[2 * number + 1].children
    return slider, button, state


def test_sliders_record_and_say_so():
    slider, button, state = parts()
    assert state.value == "not recorded yet"
    slider.value = 0.85
    assert said() == {FIRST: 0.85} and state.value == "recorded: 0.85"
    assert parts()[0].value == 0.85 and parts()[2].value == "recorded: 0.85"  # the cell run again, or a new kernel
    reveal(CLAIM)
    slider.value = 0.1
    assert said() == {FIRST: 0.85} and "the answer was shown" in state.value
    assert (slider.value, slider.disabled, button.disabled) == (0.85, True, True)
    assert parts()[0].disabled and parts()[2].value == "sealed: 0.85"


def test_one_half_can_be_said_with_the_button():
    slider, button, state = parts()
    button.click()
    assert said() == {FIRST: 0.5} and state.value == "recorded: 0.50" and slider.value == 0.5


def test_sliders_say_what_cannot_be_recorded(tmp_path: Path):
    slider, _, state = parts()
    (tmp_path / "journal.sqlite3").write_bytes(b"not a database at all" * 200)
    slider.value = 0.85
    assert state.value.startswith("not recorded: ") and not slider.disabled


def test_without_a_front_end_it_says_what_to_type():
    assert f'predict("{FIRST}", 0.7)' in str(ask(CLAIM))


def test_scores_are_those_of_the_definition():
    scored = [Scored("a", "c", 0.8, True), Scored("b", "c", 0.4, False), Scored("c", "c", 0.5, True)]
    assert mean_brier(scored) == pytest.approx((0.04 + 0.16 + 0.25) / 3)
    assert mean_log(scored) == pytest.approx((-math.log2(0.8) - math.log2(0.6) + 1) / 3)
    assert Scored("d", "c", 1.0, False).log == math.inf
    for empty in (mean_brier, mean_log):
        with pytest.raises(ValueError, match="no prediction"):
            empty([])


def test_bins_hold_every_prediction_once():
    scored = [Scored(str(n), "c", n / 10, n % 2 == 0) for n in range(11)]
    bins = calibration(scored, bins=5)
    assert sum(found.n for found in bins) == 11
    assert [found.n for found in bins] == [2, 2, 2, 2, 3]
    assert all(found.low <= found.credence <= found.high for found in bins)
    assert bins[-1].share == pytest.approx(2 / 3)


def test_a_question_that_left_the_book_is_not_scored():
    journal = open_journal()
    journal.add(PREDICTION, "once-asked", {"credence": 0.5})
    journal.add(SEALED, "once-asked", {})
    assert score(standing(journal.events()).values()) == []


@pytest.mark.parametrize("question", find_questions(), ids=lambda question: question.id)
def test_each_question_is_settled_by_what_is_stored(question):
    claim = next(claim for claim in find_claims() if claim.id == question.claim)
    estimate = load_result(claim).measurements[question.measurement]
    assert outcome_of(question) == question.settled_by(estimate)
    # A question must not hang on noise: the whole interval answers it alike.
    ends = {estimate.low < question.threshold, estimate.high < question.threshold}
    assert len(ends) == 1, f"{question.id}: {estimate} reaches over {question.threshold}"
    assert question.text.endswith("?") and question.because.endswith(".") and question.what


@pytest.mark.parametrize("question", find_questions(), ids=lambda question: question.id)
def test_each_question_can_be_read_alone(question):
    # A group's page sorts them, so none may lean on the one before it.
    assert not question.text.startswith(("And ", "The same ", "Or "))


def test_shares_of_what_it_was_are_what_the_question_says():
    vectors = load_result(next(claim for claim in find_claims() if claim.id == "cheese-vector")).measurements
    asked = {question.id: question for question in find_questions()}
    assert asked["subtracted-cheese"].threshold == pytest.approx(vectors["base"].value / 2, abs=0.01)
    assert asked["wrong-cell-vector"].threshold == pytest.approx(vectors["base"].value - 0.1, abs=0.01)


def test_each_chapter_asks_and_the_answers_are_not_all_alike():
    claims = {claim.id: claim.chapter for claim in find_claims()}
    answers: dict[str, list[bool]] = {}
    for question in find_questions():
        answers.setdefault(claims[question.claim], []).append(outcome_of(question))
    assert set(answers) == set(claims.values())
    for chapter, given in answers.items():
        assert 0.25 <= sum(given) / len(given) <= 0.75, f"{chapter}: always saying yes, or no, would do"
