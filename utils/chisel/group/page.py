"""What a group predicted, as text and as a page that opens without a network."""

from collections.abc import Sequence
from html import escape
from typing import Any

from chisel.core.questions import Question
from chisel.group.files import Member
from chisel.group.spread import Spread, most_divided, most_surprising

SHOWN = 10  # questions in each of the two lists of the text

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What the group predicted</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; }} td, th {{ padding: .2rem .8rem; text-align: left; vertical-align: top; }}
tr + tr td {{ border-top: 1px solid #8884; }} .number {{ text-align: right; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #14181d; color: #e6e6e6; }} }}
</style>
<h1>What the group predicted</h1>
<p>{members} members: {names}. A credence is the probability that its holder gave to "yes".</p>
<h2>Most divided first</h2>
{divided}
<h2>Most surprising first</h2>
<p>By the mean Brier score: 0 if all were right and sure, 1 if all were wrong and sure.</p>
{surprising}
<h2>Progress</h2>
{progress}
</html>
"""


def as_text(members: Sequence[Member], found: Sequence[Spread]) -> str:
    """Return the group's spread as a table: the most divided questions, then the most surprising ones."""
    if not found:
        return f"{len(members)} members, and none has predicted anything yet"
    lines = [f"{len(members)} members, {len(found)} questions", "", "Most divided first"]
    lines += [_line(spread, f"{spread.division:.2f}") for spread in most_divided(found)[:SHOWN]] or [
        "  nobody shares one"
    ]
    lines += ["", "Most surprising first"]
    lines += [_line(spread, f"{spread.surprise:.2f}") for spread in most_surprising(found)[:SHOWN]]
    return "\n".join(lines)


def as_page(members: Sequence[Member], found: Sequence[Spread]) -> str:
    """Return the page as HTML, with everything that it shows inside it."""
    from plotly.offline import get_plotlyjs

    divided, surprising = most_divided(found), most_surprising(found)
    script = f"<script>{get_plotlyjs()}</script>"
    return _PAGE.format(
        members=len(members),
        names=escape(", ".join(member.name for member in members)),
        divided=script + (_plot(divided) if divided else "<p>No question was answered by two members.</p>"),
        surprising=_table(surprising) if surprising else "<p>Nobody has predicted anything yet.</p>",
        progress=_progress(members),
    )


def _plot(found: Sequence[Spread]) -> str:
    return _figure(found).to_html(full_html=False, include_plotlyjs=False, config={"displaylogo": False})


def _figure(found: Sequence[Spread]) -> Any:
    """Draw each question as a line of dots, one a member; its answer is a diamond at 0 or 1."""
    from chisel.core.plotting import NEUTRAL, PALETTE, new_figure

    chart = new_figure("credence in yes", "")
    labels = [_label(spread.question) for spread in found]
    rows = [(label, member, c) for label, s in zip(labels, found, strict=True) for member, c in s.credences]
    chart.add_scatter(
        x=[credence for _, _, credence in rows],
        y=[label for label, _, _ in rows],
        text=[escape(member) for _, member, _ in rows],
        mode="markers",
        name="a member",
        marker={"color": PALETTE[0], "size": 10, "opacity": 0.7},
        hovertemplate="%{text}: %{x:.2f}<extra></extra>",
    )
    chart.add_scatter(
        x=[float(spread.outcome) for spread in found],
        y=labels,
        mode="markers",
        name="the answer",
        marker={"color": NEUTRAL, "symbol": "diamond-open", "size": 13},
        hovertemplate="%{x:.0f}<extra></extra>",
    )
    chart.update_xaxes(range=[-0.05, 1.05])
    chart.update_yaxes(autorange="reversed", automargin=True)
    chart.update_layout(height=120 + 46 * len(found))
    return chart


def _label(question: Question) -> str:
    words, lines = question.text.split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) > 46:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "<br>".join(escape(line) for line in lines)


def _table(found: Sequence[Spread]) -> str:
    rows = "".join(
        f"<tr><td>{escape(s.question.text)}</td><td>{'yes' if s.outcome else 'no'}</td>"
        f'<td class="number">{s.mean:.2f}</td><td class="number">{s.surprise:.2f}</td>'
        f'<td class="number">{len(s.credences)}</td></tr>'
        for s in found
    )
    head = "<tr><th>question</th><th>answer</th><th>mean credence</th><th>Brier</th><th>answers</th></tr>"
    return f"<table>{head}{rows}</table>"


def _progress(members: Sequence[Member]) -> str:
    chapters = list(dict.fromkeys(chapter for member in members for chapter in member.done))
    head = "<tr><th>member</th>" + "".join(f"<th>{escape(chapter)}</th>" for chapter in chapters) + "</tr>"
    rows = ""
    for member in members:
        cells = (f"{member.done[c][0]} of {member.done[c][1]}" if c in member.done else "" for c in chapters)
        rows += f"<tr><td>{escape(member.name)}</td>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
    return f"<table>{head}{rows}</table>"


def _line(spread: Spread, number: str) -> str:
    said = ", ".join(f"{name} {credence:.2f}" for name, credence in spread.credences)
    return f"  {number}  {spread.question.text}\n        {'yes' if spread.outcome else 'no'}; {said}"
