"""What a group predicted, as text and as a page that opens without a network: no script, no font, no other file."""

import re
from collections import Counter
from collections.abc import Sequence
from html import escape

from chisel.core.catalogue import find_chapters
from chisel.group.files import Member
from chisel.group.spread import Spread, most_divided, most_surprising
from chisel.journal.telling import MARGIN, folded

SHOWN = 10  # questions in each of the two lists of the text
APART = 0.12  # credences whose circles do not touch on a phone

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What the group predicted</title>
<style>
:root {{ color-scheme: light dark; --ground: #fff; --ink: #1c2733; --faint: #5b6670; --line: #c9d0d6; --dot: #0067a5;
  --right: #00714f; }}
@media (prefers-color-scheme: dark) {{ :root {{ --ground: #14181d; --ink: #e6e6e6; --faint: #a3adb6; --line: #46505a;
  --dot: #4aa8dd; --right: #4cc79c; }} }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem;
  background: var(--ground); color: var(--ink); overflow-wrap: anywhere; }}
h1, h2 {{ line-height: 1.2; }} h2 {{ margin-top: 2.5rem; }}
article {{ margin: 1.6rem 0; break-inside: avoid; }} article p, li p {{ margin: .2rem 0; }}
li {{ margin: .8rem 0; }}
.row {{ display: flex; align-items: flex-end; gap: .6rem; }}
.end {{ width: 3.2rem; color: var(--faint); line-height: 1.6rem; white-space: nowrap; }}
.end:first-child {{ text-align: right; }}
.end.right {{ color: var(--right); font-weight: 700; }}
.strip {{ position: relative; flex: 1; margin: .3rem .8rem 0; border-bottom: 2px solid var(--line);
  background: linear-gradient(var(--line), var(--line)) center / 1px 100% no-repeat; }}
.strip i {{ position: absolute; width: 1.7rem; height: 1.7rem; margin-left: -.85rem; border-radius: 50%;
  font: 600 .72rem/1.7rem system-ui, sans-serif; text-align: center; color: var(--ground); background: var(--dot);
  border: 1px solid var(--ground); box-sizing: border-box; line-height: 1.6rem; }}
.strip b {{ position: absolute; bottom: -.55rem; width: 3px; height: 1.1rem; margin-left: -1.5px;
  background: var(--ink); }}
.numbers {{ color: var(--faint); font-size: .9rem; }} .numbers strong {{ color: var(--right); }}
.wide {{ overflow-x: auto; }} table {{ border-collapse: collapse; }}
td, th {{ padding: .2rem .8rem .2rem 0; text-align: left; vertical-align: top; }}
tr + tr td {{ border-top: 1px solid var(--line); }}
</style>
<h1>What the group predicted</h1>
<p>{members}: {names}. Each circle is one member, at the probability that he or she gave to "yes"; the bar under the
line is their mean.{answers}</p>
<h2>Most divided first</h2>
<p class="numbers">By the standard deviation: 0 if all agree, .5 if half are sure of yes and half of no.</p>
{divided}
{surprising}
<h2>Progress</h2>
{progress}
</html>
"""
_SURPRISING = """<h2>Most surprising first</h2>
<p class="numbers">By the mean Brier score: 0 if all were sure and right, .25 if all said one half, 1 if all were sure
and wrong.</p>
"""


def as_text(members: Sequence[Member], found: Sequence[Spread], answers: bool = True) -> str:
    """Return the group's spread: the most divided questions, then, with `answers`, the most surprising ones."""
    if not found:
        return f"{_count(len(members), 'member')}, and none has predicted anything yet"
    lines = [f"{_count(len(members), 'member')}, {_count(len(found), 'question')}", "", "Most divided first"]
    divided = [_lines(spread, spread.division, answers) for spread in most_divided(found)[:SHOWN]]
    lines += divided or [f"{MARGIN}no question was answered by two"]
    if answers:
        lines += ["", "Most surprising first"]
        lines += [_lines(spread, spread.surprise, answers) for spread in most_surprising(found)[:SHOWN]]
    return "\n".join(lines)


def as_page(members: Sequence[Member], found: Sequence[Spread], answers: bool = True) -> str:
    """Return the page as HTML, with everything that it shows inside it."""
    short = _initials([member.name for member in members])
    divided = "".join(_question(spread, short, answers) for spread in most_divided(found))
    surprising = ""
    if answers:
        asked = "".join(_settled(spread) for spread in most_surprising(found))
        surprising = _SURPRISING + (f"<ol>{asked}</ol>" if asked else "<p>Nobody has predicted anything yet.</p>")
    return _PAGE.format(
        members=_count(len(members), "member"),
        names=", ".join(f"{escape(member.name)} ({escape(short[member.name])})" for member in members),
        answers=" The answer is the end that is marked." if answers else " The answers are left out.",
        divided=divided or "<p>No question was answered by two members.</p>",
        surprising=surprising,
        progress=_progress(members),
    )


def _question(spread: Spread, short: dict[str, str], answers: bool) -> str:
    """Draw one question: a line from no to yes with a circle for each member; credences that are close are stacked."""
    levels = _levels([credence for _, credence in spread.credences])
    dots = ""
    for (name, credence), level in zip(spread.credences, levels, strict=True):
        title = escape(f"{name}: {credence:.2f}", quote=True)
        dots += (
            f'<i style="left:{100 * credence:.1f}%;bottom:{0.35 + 1.75 * level:.2f}rem" title="{title}">'
            f"{escape(short[name])}</i>"
        )
    ends = [
        f'<span class="end{" right" if answers and spread.outcome == says else ""}">'
        f"{word}{' ✓' if answers and spread.outcome == says else ''}</span>"
        for word, says in (("no", False), ("yes", True))
    ]
    said = ", ".join(f"{escape(name)} {credence:.2f}" for name, credence in spread.credences)
    numbers = f"Mean {spread.mean:.2f}, division {spread.division:.2f}"
    if answers:
        word = "yes" if spread.outcome else "no"
        numbers = f"Answer: <strong>{word}</strong>. {numbers}"
    return (
        f"<article><p>{escape(spread.question.text)}</p>"
        f'<div class="row">{ends[0]}<div class="strip" style="height:{0.5 + 1.75 * (1 + max(levels)):.2f}rem">{dots}'
        f'<b style="left:{100 * spread.mean:.1f}%"></b></div>{ends[1]}</div>'
        f'<p class="numbers">{numbers}. {said}.</p></article>\n'
    )


def _settled(spread: Spread) -> str:
    return (
        f"<li><p>{escape(spread.question.text)}</p>"
        f'<p class="numbers">Answer: <strong>{"yes" if spread.outcome else "no"}</strong>. '
        f"Surprise {spread.surprise:.2f}, mean {spread.mean:.2f}, of {len(spread.credences)}.</p></li>\n"
    )


def _levels(credences: Sequence[float]) -> list[int]:
    """Return how high each circle is stacked, so that no two overlap on a phone. Credences are in their order."""
    last: list[float] = []  # the credence that was put last on each level
    levels = []
    for credence in credences:
        level = next((i for i, before in enumerate(last) if credence - before >= APART), len(last))
        last[level : level + 1] = [credence]
        levels.append(level)
    return levels


def _initials(names: Sequence[str]) -> dict[str, str]:
    """Return one or two letters for each name, or a number where two names would look alike."""
    drafts = {}
    for name in names:
        words = re.findall(r"\w+", name) or [""]
        drafts[name] = (words[0][0] + words[1][0]).upper() if len(words) > 1 else words[0][:2]
    often = Counter(drafts.values())
    return {
        name: draft if draft and often[draft] == 1 else str(number)
        for number, (name, draft) in enumerate(drafts.items(), start=1)
    }


def _progress(members: Sequence[Member]) -> str:
    titles = {chapter.package.rpartition(".")[2]: chapter.title for chapter in find_chapters()}
    chapters = list(dict.fromkeys(chapter for member in members for chapter in member.done))
    head = "<tr><th>member</th>" + "".join(f"<th>{escape(titles.get(c, c))}</th>" for c in chapters) + "</tr>"
    rows = ""
    for member in members:
        cells = (f"{member.done[c][0]} of {member.done[c][1]}" if c in member.done else "" for c in chapters)
        rows += f"<tr><td>{escape(member.name)}</td>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
    return f'<div class="wide"><table>{head}{rows}</table></div>'


def _lines(spread: Spread, number: float, answers: bool) -> str:
    said = ", ".join(f"{name} {credence:.2f}" for name, credence in spread.credences)
    answer = f"{'yes' if spread.outcome else 'no'}; " if answers else ""
    margin = " " * 6
    asked = folded(spread.question.text, margin)
    return f"{number:.2f}  {asked.lstrip()}\n{folded(answer + said, margin)}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
