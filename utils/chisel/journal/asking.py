"""The questions before an experiment, as sliders; without a front end, as text that says what to type."""

from dataclasses import dataclass
from html import escape
from typing import Any

from chisel.core.journal import PREDICTION, SEALED, JournalError, open_journal, switched_off
from chisel.core.questions import Question
from chisel.journal.predictions import Prediction, PredictionError, questions_of, standing, take
from chisel.journal.telling import MARGIN, folded

STEP = 0.05


@dataclass(frozen=True)
class Asked:
    """What `ask` returns: a notebook shows it as sliders, anything else as text."""

    questions: tuple[Question, ...]
    said: dict[str, Prediction]
    shown: frozenset[str]
    notice: str

    def __str__(self) -> str:
        lines = [folded(self.notice)] if self.notice else []
        for question in self.questions:
            command = f'predict("{question.id}", 0.7)'
            lines += [folded(question.text), f"{MARGIN}{_state(question, self.said, self.shown, command)}"]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        if switched_off():  # a page of the book, which has no kernel behind it
            return {"text/plain": str(self)}
        return {**sliders(self)._repr_mimebundle_(), "text/plain": str(self)}


def ask(*claims: str) -> Asked:
    """Ask the questions about these claims, before a result is shown.

    Raises:
        PredictionError: there are no questions about one of them.
    """
    questions = questions_of(*claims)
    if switched_off():
        notice = "Nothing is recorded here. In a notebook of your own these have sliders, and what you say is kept."
        return Asked(questions, {}, frozenset(), notice)
    try:
        events = open_journal().events(PREDICTION, SEALED)
    except JournalError as error:
        return Asked(questions, {}, frozenset(), f"Predictions cannot be recorded: {error}")
    shown = frozenset(event.subject for event in events if event.kind == SEALED)
    return Asked(questions, standing(events), shown, "")


def sliders(asked: Asked) -> Any:
    """Return the widget: for each question a slider for the credence in yes, and what was recorded."""
    import ipywidgets as widgets  # only a notebook needs it

    rows: list[Any] = [widgets.HTML(f"<em>{escape(asked.notice)}</em>")] if asked.notice else []
    for question in asked.questions:
        rows += [
            widgets.HTML(f'<div style="line-height: 1.4; margin-top: .4em">{escape(question.text)}</div>'),
            _line(question, asked),
        ]
    return widgets.VBox(rows)


def _line(question: Question, asked: Asked) -> Any:
    """Return the slider of one question, a button that records it where it stands, and what was recorded."""
    import ipywidgets as widgets

    said = asked.said.get(question.id)
    closed = bool(asked.notice) or question.id in asked.shown
    slider = widgets.FloatSlider(
        value=said.credence if said else 0.5,
        min=0,
        max=1,
        step=STEP,
        readout_format=".2f",
        continuous_update=False,
        disabled=closed,
        description="P(yes)",
        tooltip=question.text,
        style={"description_width": "3.5em"},
        layout={"width": "22em"},
    )
    slider.add_class(f"chisel-predict-{question.id}")
    button = widgets.Button(
        description="record", disabled=closed, tooltip="record the credence where it stands", layout={"width": "5em"}
    )
    state = widgets.Label(_state(question, asked.said, asked.shown, "not recorded yet"))

    def record_it(_: Any) -> None:
        if slider.disabled:
            return  # it has just been put back
        credence = round(float(slider.value), 2)
        try:
            take(question.id, credence)
        except PredictionError as error:  # the answer was shown since: what stands is what was said before
            slider.disabled = button.disabled = True
            slider.value = _said_before(question.id, slider.value)
            state.value = str(error)
        except JournalError as error:
            state.value = f"not recorded: {error}"
        else:
            state.value = f"recorded: {credence:.2f}"

    slider.observe(record_it, names="value")
    button.on_click(record_it)
    return widgets.HBox([slider, button, state], layout={"flex_flow": "row wrap"})


def _said_before(question: str, otherwise: float) -> float:
    """Return the credence that stands for a question, or `otherwise` where none does."""
    own = standing(open_journal().events(PREDICTION, SEALED)).get(question)
    return own.credence if own else otherwise


def _state(question: Question, said: dict[str, Prediction], shown: frozenset[str], otherwise: str) -> str:
    own = said.get(question.id)
    if question.id in shown:
        return f"sealed: {own.credence:.2f}" if own else "the answer was shown already"
    return f"recorded: {own.credence:.2f}" if own else otherwise
