"""The {chart} directive: a figure drawn from a stored result, with its numbers as a table for who cannot see it."""

import html
import importlib
from collections.abc import Iterator, Sequence
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from chisel.core.results import results_folder
from chisel.publishing import evidence
from chisel.publishing.evidence import EvidenceError, show_number

logger = logging.getLogger(__name__)

NO_NUMBERS = ("band", "drawing")  # traces that repeat others, or are lines of a picture
MOST_ROWS = 40  # a longer line is thinned in the table, and the table says so


class ChartDirective(SphinxDirective):
    """```{chart} module:function claim-id``` with `:alt:` (required), `:name:` and a caption as its content.

    The function takes the loaded Result and returns a plotly figure. "chisel." may be left out of the module.
    """

    required_arguments = 2
    has_content = True
    option_spec = {  # noqa: RUF012 (docutils declares it so)
        "alt": directives.unchanged_required,
        "name": directives.unchanged_required,
        "scale": directives.unchanged,
    }

    def run(self) -> list[nodes.Node]:
        path, claim_id = self.arguments
        scale = self.options.get("scale", "laptop")
        try:
            if "alt" not in self.options:
                raise EvidenceError("it needs :alt:, a sentence that says what the figure shows")
            function = find_function(path, self.config.chisel_root)
            result = evidence.find_result(claim_id, scale, self.config.chisel_root)
            claim = evidence.find_claim(claim_id, self.config.chisel_root)
        except EvidenceError as error:
            logger.warning("{chart} %s %s: %s", path, claim_id, error, location=self.get_location(), type="chisel")
            return []
        self.env.note_dependency(str(results_folder(claim) / f"{claim_id}.{scale}.json"))
        from chisel.core.plotting import figure_html  # plotly takes half a second that a page without a chart saves

        name = self.options.get("name", f"{claim_id}-{path.split(':')[1]}").replace("_", "-")
        try:
            figure = function(result)
            text = figure_html(figure, name, self.options["alt"]) + numbers_html(figure)
        except KeyError as error:
            message = "{chart} %s %s: the stored result has no %s that the figure asks for"
            logger.warning(message, path, claim_id, error, location=self.get_location(), type="chisel")
            return []
        except (TypeError, ValueError) as error:
            logger.warning("{chart} %s %s: %s", path, claim_id, error, location=self.get_location(), type="chisel")
            return []
        node = nodes.figure("", nodes.raw("", text, format="html"), classes=["chart"])
        caption = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, caption)
        if caption.children:
            node += nodes.caption(caption.rawsource, "", *caption.children[0].children)
            node += nodes.legend("", *caption.children[1:]) if len(caption.children) > 1 else []
        self.set_source_info(node)
        self.options["name"] = name
        self.add_name(node)
        return [node]


def find_function(path: str, root: str = "chisel") -> Any:
    """Return the function at `module:function`.

    Raises:
        EvidenceError: there is no such module or function.
    """
    module, _, name = path.partition(":")
    module = module if module.split(".")[0] == root else f"{root}.{module}"
    try:
        return getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as error:
        raise EvidenceError(f"no module {module} ({error})") from error
    except AttributeError:
        raise EvidenceError(f"{module} has no function {name!r}") from None


def numbers_html(figure: Any) -> str:
    """Return the figure's numbers as a folded HTML table: one row a point, with its interval where it has one.

    Raises:
        TypeError: a trace is of a kind that this does not know how to write down.
    """
    return (
        '<details class="chart-numbers"><summary>Show the numbers</summary><div class="chart-numbers-table">'
        f"{''.join(_trace_tables(figure))}</div></details>"
    )


def _trace_tables(figure: Any) -> Iterator[str]:
    layout = figure.layout
    labels = (layout.xaxis.title.text or "x", layout.yaxis.title.text or "y")
    groups = _slider_labels(figure)
    for index, trace in enumerate(figure.data):
        if trace.meta in NO_NUMBERS:
            continue
        title = ", ".join(part for part in (trace.name, groups.get(index)) if part) or "Values"
        if trace.type == "heatmap":
            columns = ["", *_texts(trace.x if trace.x is not None else range(len(trace.z[0])))]
            names = _texts(trace.y if trace.y is not None else range(len(trace.z)))
            rows = [[name, *_texts(row)] for name, row in zip(names, trace.z, strict=True)]
        elif trace.type in ("scatter", "bar"):
            columns, rows = _point_rows(trace, labels)
        else:
            raise TypeError(f"a {trace.type} trace has no table form yet: add one to chisel.publishing.charts")
        yield _table(title, columns, rows)


def _point_rows(trace: Any, labels: tuple[str, str]) -> tuple[list[str], list[list[str]]]:
    y = list(trace.y)
    x = list(trace.x) if trace.x is not None else list(range(len(y)))
    bounds = _bounds(trace, y)
    columns = [*labels, "low", "high"] if bounds else list(labels)
    rows = [[*_texts((x[i], y[i])), *(_texts(bounds[i]) if bounds else [])] for i in range(len(y))]
    if len(rows) > MOST_ROWS:
        step = -(-len(rows) // MOST_ROWS)
        columns[0] += f" (every {step} points)"
        rows = [*rows[:-1:step], rows[-1]]
    return columns, rows


def _bounds(trace: Any, y: Sequence[float]) -> list[tuple[float, float]]:
    """The interval of each point: error bars, or what `plotting.add_band` left beside the line."""
    bars = trace.error_y
    if bars.array is not None:
        minus = bars.arrayminus if bars.arrayminus is not None else bars.array
        return [(v - below, v + above) for v, below, above in zip(y, minus, bars.array, strict=True)]
    kept = trace.customdata
    if kept is not None and len(kept) == len(y) and all(len(pair) == 2 for pair in kept):
        return [(low, high) for low, high in kept]
    return []


def _slider_labels(figure: Any) -> dict[int, str]:
    """Trace index -> the slider step that shows it."""
    found: dict[int, str] = {}
    for slider in figure.layout.sliders:
        if slider.steps[0].method == "animate":  # every frame redraws the same traces
            continue
        shown = [step.args[0]["visible"] for step in slider.steps]
        for index in range(len(figure.data)):
            steps = [step for step, visible in zip(slider.steps, shown, strict=True) if visible[index]]
            if len(steps) == 1:
                found[index] = f"{slider.currentvalue.prefix or ''}{steps[0].label}"
    return found


def _texts(values: Any) -> list[str]:
    # A label of two lines is broken for the axis alone.
    words = ["" if v is None else v if isinstance(v, str) else show_number(float(v), ".4g") for v in values]
    return [word.replace("<br>", " ") for word in words]


def _table(title: str, columns: list[str], rows: list[list[str]]) -> str:
    head = "".join(f'<th scope="col">{html.escape(column)}</th>' for column in columns)
    body = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    caption = f"<caption>{html.escape(title)}</caption>"
    return f'<table class="table">{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
