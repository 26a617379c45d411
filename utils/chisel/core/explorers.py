"""What an explorer's notebook cell shows: a live widget, and beside it a static figure for readers without a kernel."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Explorer:
    """A widget with its static counterpart.

    Attributes:
        widget: what a running notebook shows.
        static: a plotly figure, for the book and for a notebook that is only read.
        name: of the figure, unique on its page.
        alt: what the figure shows, in a sentence.
    """

    widget: Any
    static: Any
    name: str
    alt: str

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from chisel.core.plotting import mime_bundle  # plotly is loaded only when something is shown

        return {**self.widget._repr_mimebundle_(), **mime_bundle(self.static, self.name, self.alt)}
