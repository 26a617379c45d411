"""The questions before an experiment, as sliders; without a front end, as text that says what to type."""

from dataclasses import dataclass
from typing import Any

from chisel.core.journal import PREDICTION, SEALED, JournalError, open_journal, switched_off
from chisel.core.questions import Question
from chisel.journal.predictions import Prediction, PredictionError, predict, questions_of, standing

STEP = 0.05


@dataclass(frozen=True)
class Asked:
    """What `ask` returns: a notebook shows it as sliders, anything else as text."""

    questions: tuple[Question, ...]
    said: dict[str, Prediction]
    shown: frozenset[str]
    notice: str

    def __str__(self) -> str:
        lines = [self.notice] if self.notice else []
        for question in self.questions:
            lines += [question.text, f"    {_state(question, self.said, self.shown)}"]
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
        return Asked(questions, {}, frozenset(), "In a running notebook these have sliders, and what you say is kept.")
    try:
        events = open_journal().events(PREDICTION, SEALED)
    except JournalError as error:
        return Asked(questions, {}, frozenset(), f"Predictions cannot be recorded: {error}")
    shown = frozenset(event.subject for event in events if event.kind == SEALED)
    return Asked(questions, standing(events), shown, "")


def sliders(asked: Asked) -> Any:
    """Return the widget: for each question a slider for the credence in yes, and what was recorded."""
    import ipywidgets as widgets  # only a notebook needs it

    rows: list[Any] = [widgets.HTML(f"<em>{asked.notice}</em>")] if asked.notice else []
    for question in asked.questions:
        said = asked.said.get(question.id)
        slider = widgets.FloatSlider(
            value=said.credence if said else 0.5,
            min=0,
            max=1,
            step=STEP,
            readout_format=".2f",
            continuous_update=False,
            disabled=bool(asked.notice) or question.id in asked.shown,
            description="P(yes)",
            tooltip=question.text,
        )
        slider.add_class(f"chisel-predict-{question.id}")
        state = widgets.Label(_state(question, asked.said, asked.shown))
        slider.observe(_recorder(question, state), names="value")
        rows += [widgets.HTML(question.text), widgets.HBox([slider, state])]
    return widgets.VBox(rows)


def _recorder(question: Question, state: Any) -> Any:
    def moved(change: dict[str, Any]) -> None:
        credence = round(float(change["new"]), 2)
        try:
            predict(question.id, credence)
        except (PredictionError, JournalError) as error:
            state.value = str(error)
        else:
            state.value = f"recorded: {credence:.2f}"

    return moved


def _state(question: Question, said: dict[str, Prediction], shown: frozenset[str]) -> str:
    own = said.get(question.id)
    if question.id in shown:
        return f"sealed: {own.credence:.2f}" if own else "the answer was shown already"
    return f"recorded: {own.credence:.2f}" if own else f'predict("{question.id}", 0.7)'
