"""The Sphinx extension of the book: roles and directives for results, and everything that keeps a page offline.

A page must load nothing from another host: MathJax comes from the wheel sphinx-mathjax-offline (its own extension),
plotly.js is copied from plotly's wheel, and the loader that sphinx-thebe adds is taken off again.
"""

import json
import shutil
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging

import chisel
from chisel.publishing import boxes, charts, evidence, roles

logger = logging.getLogger(__name__)

BUTTONS = ("use_repository_button", "use_issues_button", "use_edit_page_button")
CHART_MARK = 'class="chisel-chart"'


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything with Sphinx."""
    app.add_config_value("chisel_root", "chisel", "env")
    for name, role in roles.ROLES.items():
        app.add_role(name, role())
    app.add_directive("verdict", boxes.VerdictDirective)
    app.add_directive("scoreboard", boxes.ScoreboardDirective)
    app.add_directive("chart", charts.ChartDirective)
    app.add_css_file("chisel.css")
    app.add_js_file("plan.js", loading_method="defer")
    app.connect("config-inited", set_repository)
    app.connect("builder-inited", forget_results)
    app.connect("source-read", check_outputs)
    app.connect("env-purge-doc", boxes.forget_page)
    app.connect("env-merge-info", boxes.merge_pages)
    app.connect("missing-reference", boxes.resolve_verdict)
    # After every other handler, for these two remove what sphinx-thebe adds.
    app.connect("doctree-resolved", drop_thebe, priority=900)
    app.connect("html-page-context", choose_scripts, priority=900)
    app.connect("build-finished", copy_static)
    return {"version": chisel.__version__, "parallel_read_safe": True, "parallel_write_safe": True}


def forget_results(app: Sphinx) -> None:
    """Read result files anew in each build."""
    evidence.find_result.cache_clear()


def set_repository(app: Sphinx, config: Config) -> None:
    """Set the theme's buttons before it reads its options."""
    choose_buttons(config.html_theme_options)


def choose_buttons(options: dict[str, Any]) -> None:
    """Switch repository and launch buttons on if `repository: url:` in _config.yml is filled, else all of them off.

    The address is written nowhere else: Jupyter Book hands it on as a theme option. `options` is changed in place.
    """
    url = str(options.get("repository_url") or "")
    if not url:
        for key in (*BUTTONS, "repository_url", "repository_branch", "path_to_docs", "launch_buttons"):
            options.pop(key, None)
        return
    options.update(dict.fromkeys(BUTTONS, True))
    launch = {"notebook_interface": "jupyterlab", "binderhub_url": "https://mybinder.org"}
    if url.startswith("https://github.com/"):  # Colab opens notebooks from GitHub alone
        launch["colab_url"] = "https://colab.research.google.com"
    # What _config.yml says itself, a JupyterHub for example, goes before these.
    options["launch_buttons"] = launch | {k: v for k, v in (options.get("launch_buttons") or {}).items() if v}


# What a page can show. A widget is shown by its static counterpart, another output of the same notebook.
SHOWN_TYPES = {"text/html", "text/plain", "text/markdown", "text/latex", "image/png", "image/svg+xml"}


def check_outputs(app: Sphinx, page: str, source: list[str]) -> None:
    """Warn of a notebook output that a page cannot show, such as a plotly figure without the HTML that `show` adds."""
    if Path(app.env.doc2path(page)).suffix != ".ipynb":
        return
    for cell in json.loads(source[0])["cells"]:
        for output in cell.get("outputs", []):
            types = set(output.get("data", {}))
            if "application/vnd.plotly.v1+json" in types and "text/html" not in types:
                message = "cell %r shows a plotly figure that a page cannot draw: use chisel.core.plotting.show"
                logger.warning(message, cell.get("id"), location=page, type="chisel")
            elif types and not types & SHOWN_TYPES:
                logger.warning(
                    "cell %r: no type of %s can be shown", cell.get("id"), types, location=page, type="chisel"
                )


def drop_thebe(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Take out sphinx-thebe's settings, which name a public server, though nothing here would read them."""
    for node in list(doctree.findall(nodes.raw)):
        if "x-thebe-config" in node.astext():
            node.parent.remove(node)


def choose_scripts(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Load plotly.js (4.8 MB) only where a chart is, and nothing of sphinx-thebe anywhere."""
    if CHART_MARK in context.get("body", ""):
        app.add_js_file("plotly.min.js", loading_method="defer")
        app.add_js_file("charts.js", loading_method="defer")
    kept = [script for script in context.get("script_files", []) if not _is_thebe(script)]
    context["script_files"] = kept


def _is_thebe(script: Any) -> bool:
    return "thebe" in str(getattr(script, "filename", script)) or "THEBE" in getattr(script, "attributes", {}).get(
        "body", ""
    )


def copy_static(app: Sphinx, error: Exception | None) -> None:
    """Copy our own style and script, and plotly.js out of plotly's wheel, beside the pages."""
    if error is not None or app.builder.format != "html":
        return
    target = Path(app.outdir) / "_static"
    for package, name in (
        ("chisel.publishing", "static/chisel.css"),
        ("chisel.publishing", "static/charts.js"),
        ("chisel.publishing", "static/plan.js"),
        ("plotly", "package_data/plotly.min.js"),
    ):
        with as_file(files(package) / name) as source:
            shutil.copyfile(source, target / source.name)
