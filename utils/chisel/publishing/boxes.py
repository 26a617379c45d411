"""The verdict box of a claim, and the scoreboard of all claims."""

from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

from chisel.core.catalogue import find_chapters
from chisel.core.claims import CAVEAT, FAILS, HOLDS, Claim, Criterion
from chisel.core.results import Judgement, Result, results_folder
from chisel.publishing import evidence
from chisel.publishing.evidence import EvidenceError

logger = logging.getLogger(__name__)

# A shape, a word and a colour each say the verdict, so none is needed to read it.
MARKS = {HOLDS: ("✓", "holds"), CAVEAT: ("△", "caveat"), FAILS: ("✗", "fails")}
MOST_OPEN = 5  # criteria that a box shows without folding
END_WORDS = {"low": "the low end counts", "high": "the high end counts", "value": "the value counts"}


class VerdictDirective(SphinxDirective):
    """```{verdict} claim-id```: what was claimed, what was found, and how to find it again."""

    required_arguments = 1
    option_spec = {"scale": directives.unchanged}  # noqa: RUF012 (docutils declares it so)

    def run(self) -> list[nodes.Node]:
        name, scale = self.arguments[0], self.options.get("scale", "laptop")
        root = self.config.chisel_root
        try:
            claim = evidence.find_claim(name, root)
            result = evidence.find_result(name, scale, root)
        except EvidenceError as error:
            logger.warning("{verdict} %s: %s", name, error, location=self.get_location(), type="chisel")
            return []
        self.env.note_dependency(str(results_folder(claim) / f"{name}.{scale}.json"))
        self._record(name)
        mark, short = MARKS[result.verdict]
        box = nodes.container("", ids=[f"verdict-{name}"], classes=["verdict", f"verdict-{short}"])
        box += nodes.paragraph(
            "",
            "",
            nodes.inline("", f"{mark} {result.verdict}", classes=["verdict-word"]),
            nodes.Text(" "),
            nodes.strong("", claim.title),
            classes=["verdict-head"],
        )
        box += nodes.paragraph("", "", *_words(claim.statement))
        box += _criteria(claim, result)
        if claim.note:
            box += nodes.paragraph("", "", nodes.strong("", "Note. "), *_words(claim.note))
        box += _folded("How it was measured", _facts(claim, result))
        return [box]

    def _record(self, name: str) -> None:
        places = _places(self.env)
        if name in places and places[name] != self.env.docname:
            logger.warning(
                "{verdict} %s: %s has this box already", name, places[name], location=self.get_location(), type="chisel"
            )
        places[name] = self.env.docname


def _words(text: str) -> list[nodes.Node]:
    """Return declared prose as nodes: what stands between backticks is code, as in a comment of the declaration."""
    parts = enumerate(text.split("`"))
    return [nodes.literal("", part) if number % 2 else nodes.Text(part) for number, part in parts if part]


def _criteria(claim: Claim, result: Result) -> list[nodes.Node]:
    """List the criteria. In a long list the ones that are met are folded away, never one that is not."""
    declared = {criterion.id: criterion for criterion in claim.criteria}

    def listed(met: tuple[bool, ...]) -> list[nodes.Node]:
        chosen = [judged for judged in result.criteria if judged.met in met]
        items = [nodes.list_item("", _criterion(judged, declared[judged.id], result)) for judged in chosen]
        return [nodes.bullet_list("", *items, classes=["verdict-criteria"])] if items else []

    if len(result.criteria) <= MOST_OPEN:
        return listed((True, False))
    met = sum(judged.met for judged in result.criteria)
    return [*listed((False,)), _folded(f"{met} of {len(result.criteria)} criteria are met", *listed((True,)))]


def _criterion(judged: Judgement, criterion: Criterion, result: Result) -> nodes.paragraph:
    state = "✓ met" if judged.met else "✗ not met"
    estimate = result.measurements[criterion.measurement]
    found = f" Measured: {evidence.show_interval(estimate)}"
    if estimate.unit != "exact":
        found += f"; {END_WORDS[criterion.end]}"
    scope = " (limits where the claim holds)" if judged.role == "scope" else ""
    return nodes.paragraph(
        "",
        "",
        nodes.inline("", state, classes=["criterion-met" if judged.met else "criterion-unmet"]),
        *_words(f" {criterion.statement.rstrip('.')}{scope}."),
        nodes.inline("", f"{found}.", classes=["criterion-measured"]),
    )


def _facts(claim: Claim, result: Result) -> nodes.field_list:
    where = result.provenance
    rows: list[tuple[str, list[nodes.Node]]] = [
        ("Statistic", [nodes.paragraph("", "", *_words(claim.statistic))]),
        ("Source", [nodes.paragraph("", "", *_words(claim.source))]),
        ("Controls", [_bullets(claim.controls)]),
        ("Seeds", [nodes.paragraph("", evidence.show_setting(where["seeds"]))]),
        ("Scale and device", [nodes.paragraph("", f"{result.scale}, {where['device']}")]),
        ("Cost", [nodes.paragraph("", f"{where['cpu_seconds']:,.0f} CPU-seconds")]),
        ("Versions", [nodes.paragraph("", f"Python {where['python']}, PyTorch {where['torch']}")]),
        ("Run it again", [nodes.paragraph("", "", nodes.literal("", f"chisel claims {claim.id}"))]),
    ]
    fields = nodes.field_list("", classes=["verdict-facts"])
    for name, body in rows:
        fields += nodes.field("", nodes.field_name("", name), nodes.field_body("", *body))
    return fields


def _bullets(lines: tuple[str, ...]) -> nodes.Node:
    if not lines:
        return nodes.paragraph("", "none")
    return nodes.bullet_list("", *[nodes.list_item("", nodes.paragraph("", "", *_words(line))) for line in lines])


def _folded(summary: str, *body: nodes.Node) -> nodes.container:
    """Fold `body` away in HTML; anything else that Sphinx writes shows it open."""
    opening = nodes.raw("", f"<details><summary>{summary}</summary>", format="html")
    return nodes.container("", opening, *body, nodes.raw("", "</details>", format="html"), classes=["verdict-more"])


class ScoreboardDirective(SphinxDirective):
    """```{scoreboard}```: every claim of every chapter with its verdict, linked to its box."""

    def run(self) -> list[nodes.Node]:
        board: list[nodes.Node] = []
        verdicts: list[str] = []
        for chapter in find_chapters(self.config.chisel_root):
            rows = [(claim, result) for claim in chapter.claims if (result := self._result(claim))]
            verdicts += [result.verdict for _, result in rows]
            if rows:
                board += [nodes.rubric("", chapter.title), _table(rows)]
        if not verdicts:
            return [nodes.paragraph("", "No claim has been measured yet.")]
        tally = ", ".join(f"{verdicts.count(word)} {word}" for word in MARKS)
        return [nodes.paragraph("", f"Claims measured: {len(verdicts)}. Verdicts: {tally}."), *board]

    def _result(self, claim: Claim) -> Result | None:
        try:
            result = evidence.find_result(claim.id, root=self.config.chisel_root)
        except EvidenceError as error:
            logger.warning("{scoreboard}: %s", error, location=self.get_location(), type="chisel")
            return None
        self.env.note_dependency(str(results_folder(claim) / f"{claim.id}.laptop.json"))
        return result


def _table(rows: list[tuple[Claim, Result]]) -> nodes.table:
    group = nodes.tgroup("", cols=2)
    group += [nodes.colspec("", colwidth=width) for width in (25, 75)]
    group += nodes.thead("", _row([nodes.paragraph("", head) for head in ("Verdict", "Claim")]))
    body = nodes.tbody("")
    for claim, result in rows:
        mark, short = MARKS[result.verdict]
        verdict = nodes.paragraph(
            "", "", nodes.inline("", f"{mark} {result.verdict}", classes=["verdict-word", f"verdict-{short}"])
        )
        link = addnodes.pending_xref(
            "", nodes.inline("", claim.title), refdomain="", reftype="verdict", reftarget=claim.id, refexplicit=True
        )
        body += _row([verdict, nodes.paragraph("", "", link, nodes.Text(f": {claim.statement}"))])
    group += body
    return nodes.table("", group, classes=["scoreboard"])


def _row(cells: list[nodes.paragraph]) -> nodes.row:
    return nodes.row("", *[nodes.entry("", cell) for cell in cells])


def resolve_verdict(
    app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, content: nodes.Node
) -> nodes.Node | None:
    """Link a claim of the scoreboard to the page that holds its verdict box."""
    if node["reftype"] != "verdict":
        return None
    name = node["reftarget"]
    place = _places(env).get(name)
    if place is None:
        logger.warning(
            "claim %s has no verdict box on any page: put ```{verdict} %s``` on its chapter's page",
            name, name, location=node, type="chisel",
        )  # fmt: skip
        return content
    return make_refnode(app.builder, node["refdoc"], place, f"verdict-{name}", content)


def forget_page(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Drop the boxes of a page that is read anew."""
    places = _places(env)
    for name in [name for name, place in places.items() if place == docname]:
        del places[name]


def merge_pages(app: Sphinx, env: BuildEnvironment, docnames: list[str], other: BuildEnvironment) -> None:
    """Take over the boxes that a parallel reader found."""
    _places(env).update({name: place for name, place in _places(other).items() if place in docnames})


def _places(env: Any) -> dict[str, str]:
    """Claim id -> page of its verdict box. Kept on the environment, which Sphinx stores between builds."""
    if not hasattr(env, "chisel_verdicts"):
        env.chisel_verdicts = {}
    return env.chisel_verdicts
