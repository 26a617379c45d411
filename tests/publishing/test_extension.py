"""Roles and directives: what they put on a page, and that a wrong name stops a strict build."""

import io
import sys

import pytest

pytest.importorskip("sphinx")

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from chisel.core.plotting import new_figure
from chisel.publishing import charts, extension
from chisel.publishing.evidence import EvidenceError
from publishing import sample

# sphinx 7.4 and myst-parser 3 use parts of docutils and of Python that are on their way out.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")


@pytest.fixture
def build(tmp_path, monkeypatch):
    """Build pages given by name with a bare Sphinx; return (application, warnings)."""
    sample.write_package(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    pages = tmp_path / "pages"
    pages.mkdir()

    def run(**texts: str) -> tuple[Sphinx, str]:
        for name, text in texts.items():
            (pages / f"{name}.md").write_text(text, encoding="utf-8")
        found = io.StringIO()
        settings = {
            "extensions": ["myst_parser", "chisel.publishing.extension"],
            "chisel_root": "samplebook",
            "root_doc": "index",
            "numfig": True,
        }
        with patch_docutils(), docutils_namespace():
            app = Sphinx(
                str(pages), None, str(tmp_path / "out"), str(tmp_path / "trees"), "html", settings,
                status=None, warning=found, freshenv=True,
            )  # fmt: skip
            app.build()
        return app, found.getvalue()

    yield run
    for name in [name for name in sys.modules if name.split(".")[0] == "samplebook"]:
        del sys.modules[name]


def page(app: Sphinx, name: str = "index") -> str:
    return (app.outdir / f"{name}.html").read_text(encoding="utf-8")


def test_roles_put_numbers_into_sentences(build):
    app, warnings = build(
        index="# T\n\n{interval}`coin-fair:heads:.2f` of {setting}`coin-fair:tosses`, "
        "{given}`90` and {measured}`coin-lands:edge`"
    )
    assert not warnings
    text = app.env.get_doctree("index").astext()
    assert "0.48 (0.46 to 0.50) of 20,000, 90 and 0.0012" in text
    assert 'title="coin-fair: heads; 95 % interval 0.455 to 0.499; 2,000 seeds; laptop scale"' in page(app)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{measured}`coin-fair:tails`", "no measurement of coin-fair is called 'tails'"),
        ("{interval}`coin-unknown:heads`", "no claim is called 'coin-unknown'"),
        ("{setting}`coin-fair`", "should read claim-id:name"),
        ("```{verdict} coin-unknown\n```", "no claim is called 'coin-unknown'"),
        ("```{verdict} coin-fair\n:scale: gpu\n```", "no stored gpu result"),
        ("```{chart} coins.figures:share_chart coin-fair\n```", "it needs :alt:"),
        ("```{chart} coins.figures:no_chart coin-fair\n:alt: x\n```", "has no function 'no_chart'"),
        ("```{chart} coins.shapes:chart coin-fair\n:alt: x\n```", "no module samplebook.coins.shapes"),
        ("```{chart} coins.figures:pie_chart coin-fair\n:alt: x\n```", "a pie trace has no table form"),
    ],
)
def test_wrong_names_are_warnings_with_their_line(build, text, message):
    _, warnings = build(index=f"# T\n\n{text}\n")
    assert message in warnings and "index.md:3: WARNING" in warnings
    assert warnings.count("WARNING") == 1


def test_verdict_box_says_it_in_words(build):
    claims = ("coin-fair", "coin-lands", "coin-remembers")
    app, warnings = build(index="# T\n\n" + "".join(f"```{{verdict}} {name}\n```\n\n" for name in claims))
    assert not warnings
    found = app.env.get_doctree("index").findall(nodes.container)
    boxes = [box.astext() for box in found if "verdict" in box["classes"]]
    assert [box.split("\n")[0] for box in boxes] == [
        "✓ holds A coin is fair", "△ holds with a caveat A coin lands", "✗ does not replicate A coin remembers",
    ]  # fmt: skip
    assert "✓ met Heads exceed .4. Measured: 0.477 (0.455 to 0.499); the low end counts." in boxes[0]
    assert "✗ not met It never stands on its edge (limits where the claim holds)." in boxes[1]
    assert "The thick coin was picked after looking." in boxes[1]
    assert '<span class="pre">thick</span></code> coin was picked' in page(app)
    for part in ("a coin that nobody touched", "2,000", "laptop, cpu (test)", "chisel claims coin-remembers"):
        assert part in boxes[2]


def test_long_lists_fold_what_is_met_and_never_what_is_not(build):
    app, _ = build(index="# T\n\n```{verdict} coin-remembers\n```\n")
    text = page(app)
    unmet, folded = text.index("✗ not met"), text.index("<summary>5 of 6 criteria are met</summary>")
    assert unmet < folded < text.index("✓ met") and text.count("✓ met") == 5


def test_scoreboard_links_each_claim_to_its_box(build):
    verdicts = "".join(f"```{{verdict}} {name}\n```\n\n" for name in ("coin-fair", "coin-lands", "coin-remembers"))
    app, warnings = build(
        index="# T\n\n```{toctree}\nchapter\n```\n\n```{scoreboard}\n```\n", chapter=f"# Coins\n\n{verdicts}"
    )
    assert not warnings
    assert "Claims measured: 3. Verdicts: 1 holds, 1 holds with a caveat, 1 does not replicate." in page(app)
    for name in ("coin-fair", "coin-lands", "coin-remembers"):
        assert f'href="chapter.html#verdict-{name}"' in page(app) and f'id="verdict-{name}"' in page(app, "chapter")


def test_scoreboard_warns_of_a_claim_without_a_box(build):
    _, warnings = build(index="# T\n\n```{verdict} coin-fair\n```\n\n```{scoreboard}\n```\n")
    assert warnings.count("WARNING") == 2
    assert "claim coin-lands has no verdict box on any page" in warnings


def test_scoreboard_warns_of_a_claim_without_a_result(build, tmp_path):
    (tmp_path / "samplebook" / "coins" / "results" / "coin-fair.laptop.json").unlink()
    _, warnings = build(index="# T\n\n```{scoreboard}\n```\n")
    assert "coin-fair has no stored laptop result yet: `chisel claims coin-fair" in warnings


def test_two_boxes_for_one_claim_are_a_warning(build):
    box = "```{verdict} coin-fair\n```\n"
    _, warnings = build(index=f"# T\n\n```{{toctree}}\nother\n```\n\n{box}", other=f"# O\n\n{box}")
    assert "has this box already" in warnings


def test_chart_has_a_caption_a_number_and_a_table(build):
    options = ":alt: It settles.\n:name: share\n"
    chart = f"```{{chart}} coins.figures:share_chart coin-fair\n{options}\nThe share *settles*.\n```\n"
    app, warnings = build(index=f"# T\n\n{chart}\nSee {{numref}}`share`.\n", plain="---\norphan: true\n---\n# P\n")
    assert not warnings
    text = page(app)
    assert 'id="chart-share"' in text and 'aria-label="It settles."' in text
    assert "Fig. 1" in text and "<em>settles</em>" in text
    assert "plotly.min.js" in text and "plotly.min.js" not in page(app, "plain")
    for name in ("plotly.min.js", "charts.js", "chisel.css"):
        assert (app.outdir / "_static" / name).stat().st_size > 500


def test_tables_hold_the_numbers_of_each_kind_of_figure(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(sample.HERE))
    result = sample.make_result(sample.load_claims()[0])
    share = charts.numbers_html(charts.find_function("coins.figures:share_chart", "samplebook")(result))
    assert share.count("<tr>") == 1 + 34 and "every 3 points" in share
    assert "990" in share, "the last point is always there"
    slider = charts.numbers_html(charts.find_function("coins.figures:slider_chart", "samplebook")(result))
    assert slider.count("<table") == 3 and "shift 0.2, shift 0.2" in slider
    points = charts.numbers_html(charts.find_function("coins.figures:points_chart", "samplebook")(result))
    assert "<td>heads</td><td>0.4771</td><td>0.4552</td><td>0.499</td>" in points
    grid = charts.numbers_html(charts.find_function("coins.figures:map_chart", "samplebook")(result))
    assert "<td>tails</td><td>0.24</td><td>0.26</td>" in grid
    with pytest.raises(EvidenceError, match="no function"):
        charts.find_function("coins.figures:nothing", "samplebook")
    for name in [name for name in sys.modules if name.split(".")[0] == "samplebook"]:
        del sys.modules[name]


def test_labels_in_tables_are_escaped():
    figure = new_figure("x <b>", "y")
    figure.add_scatter(x=["<script>"], y=[1.0], name="a & b")
    text = charts.numbers_html(figure)
    assert "&lt;script&gt;" in text and "<script>" not in text and "a &amp; b" in text


def test_no_repository_no_buttons():
    options = {"repository_url": "", "repository_branch": "main", "use_issues_button": False}
    extension.choose_buttons(options)
    assert options == {}


def test_a_repository_brings_all_buttons():
    hub = {"jupyterhub_url": "https://hub.example.org", "thebe": False}
    options: dict = {"repository_url": "https://github.com/owner/name", "launch_buttons": hub}
    extension.choose_buttons(options)
    assert options["use_repository_button"] and options["use_edit_page_button"]
    assert {"binderhub_url", "colab_url", "jupyterhub_url"} == set(options["launch_buttons"]) - {"notebook_interface"}
    elsewhere: dict = {"repository_url": "https://gitlab.com/owner/name"}
    extension.choose_buttons(elsewhere)
    assert "colab_url" not in elsewhere["launch_buttons"]
