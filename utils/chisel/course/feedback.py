"""One page of feedback a submission: what each exercise got and why. It stands alone, runs nothing and loads nothing.

Everything that comes from a submission is escaped, and the page forbids scripts and anything from elsewhere to whoever
shows it.
"""

import html
from collections.abc import Sequence
from pathlib import Path

from chisel.core.files import write_whole
from chisel.course.gradebook import remark
from chisel.course.grading import REMEDY
from chisel.course.marking import PASSED, Mark, Result

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --line: #8886; --good: #0072b2; --bad: #b34a00; }}
@media (prefers-color-scheme: dark) {{ :root {{ --good: #56b4e9; --bad: #f0a060; }} }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 55rem; margin: 2rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; }}
th, td {{ text-align: left; padding: .2rem 1rem .2rem 0; border-bottom: 1px solid var(--line); }}
section {{ border-top: 1px solid var(--line); margin-top: 1.5rem; }}
pre {{ overflow-x: auto; padding: .6rem; border: 1px solid var(--line); border-radius: .3rem; }}
.passed {{ color: var(--good); }} .failed, .ungraded {{ color: var(--bad); }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{submission}</p>
{body}
</body>
</html>
"""


def write_feedback(results: Sequence[tuple[str, Result]], folder: Path) -> list[Path]:
    """Write one page a result; each comes with the name of its file, without the ending.

    Raises:
        StorageError: a file cannot be written.
    """
    written = []
    for slug, result in results:
        written.append(folder / f"{slug}.html")
        write_whole(written[-1], page(result), REMEDY)
    return written


def page(result: Result) -> str:
    """Return the page about one submission."""
    title = f"{result.learner}: {result.points} of {result.most} points"
    parts = []
    if note := remark(result):
        parts.append(f"<p><strong>This file {_safe(note)}.</strong></p>" if result.problem else f"<p>{_safe(note)}</p>")
    if not result.problem:
        parts.append(_table(result))
        parts += [_section(mark) for mark in result.marks]
    return _PAGE.format(title=_safe(title), submission=_safe(result.submission), body="\n".join(parts))


def _table(result: Result) -> str:
    rows = [
        f'<tr><td>{_safe(mark.exercise)}</td><td class="{_safe(mark.status)}">{_safe(mark.status)}</td>'
        f"<td>{mark.points} of {mark.most}</td></tr>"
        for mark in result.marks
    ]
    return f"<table><tr><th>exercise</th><th>outcome</th><th>points</th></tr>\n{chr(10).join(rows)}\n</table>"


def _section(mark: Mark) -> str:
    parts = [f"<section><h2>{_safe(mark.exercise)}</h2>"]
    parts += [f"<p>{_safe(note)}</p>" for note in mark.notes]
    if mark.text:
        parts.append(f"<pre>{_safe(mark.text)}</pre>")
    elif not mark.notes:
        parts.append(f"<p>{_safe(mark.status)}</p>")
    if mark.printed:
        parts.append(f"<details><summary>What it printed</summary><pre>{_safe(mark.printed[:4096])}</pre></details>")
    if mark.seed is not None and mark.status != PASSED:
        call = f"checks.{mark.exercise}({mark.exercise}, seed={mark.seed})"
        parts.append(f"<p>The same inputs again: <code>{_safe(call)}</code></p>")
    return "\n".join([*parts, "</section>"])


def _safe(text: object) -> str:
    """Return text for a page: escaped, and without characters that no page may hold."""
    plain = str(text).encode("utf-8", "replace").decode()
    return html.escape("".join(c if c in "\n\t" or c.isprintable() else "?" for c in plain))
