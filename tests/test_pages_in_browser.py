"""Open the built pages in Chromium: formulas and charts are drawn, sliders move, nothing asks another host."""

import functools
import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

import book_builds
from book_builds import Book

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.xdist_group("book")]

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip
# Console errors that do no harm: (part of the message, why it does none). None is known.
HARMLESS: tuple[tuple[str, str], ...] = ()
WIDE = {"width": 1300, "height": 900}
PHONE = {"width": 390, "height": 800}
WAIT = 20_000  # milliseconds until a page must have drawn itself, on a busy machine

CHART = 'class="chisel-chart"'
DRAWN = """() => document.readyState === 'complete'
    && [...document.querySelectorAll('.chisel-chart')].every(c => c.querySelector('svg.main-svg .cartesianlayer *'))
    && [...document.querySelectorAll('.math')].every(m => m.querySelector('mjx-container'))"""
COUNTS = """() => ({
    charts: document.querySelectorAll('.chisel-chart.js-plotly-plot').length,
    formulas: document.querySelectorAll('mjx-container').length,
    sliders: document.querySelectorAll('.slider-grip-rect').length,
})"""


@dataclass
class Site:
    """A served book, with everything that went wrong or outside while its pages were open."""

    address: str
    book: Book
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def pages(self) -> list[str]:
        return [path.relative_to(self.book.html).as_posix() for path in self.book.pages]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Print nothing for each request."""


@pytest.fixture(scope="module", params=["sample", "real"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    build = {"real": book_builds.build_real, "sample": book_builds.build_sample}[request.param]
    book = build(tmp_path_factory)
    assert book.pages, book.output[-3000:]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(book.html)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Site(f"http://127.0.0.1:{server.server_port}/", book)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def browser():
    program = os.environ.get("CHISEL_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        reason = "no Chromium: `sudo apt-get install chromium` (or CHISEL_CHROMIUM=/path/to/chrome) ends this skip"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser, site):
    """Open a page of the site and wait until it has drawn itself. Fails after the test if anything went wrong."""
    contexts = []
    site.outside.clear()
    site.errors.clear()

    def run(name: str, theme: str = "light", size: dict | None = None):
        if not contexts:
            contexts.append(browser.new_context(color_scheme=theme, viewport=size or WIDE))
            contexts[0].route("**/*", lambda route: _let_through(route, site))
        tab = contexts[0].new_page()
        tab.on("pageerror", lambda error: site.errors.append(f"{name}: {error}"))
        tab.on("console", lambda message: _note(message, name, site))
        tab.on("response", lambda r: site.errors.append(f"{name}: {r.status} {r.url}") if r.status >= 400 else None)
        tab.goto(site.address + name)
        tab.wait_for_function(DRAWN, timeout=WAIT)
        return tab

    yield run
    for context in contexts:
        context.close()
    assert not site.outside, "requests to another host:\n" + "\n".join(site.outside)
    assert not site.errors, "errors on a page:\n" + "\n".join(site.errors)


def _let_through(route, site: Site) -> None:
    if route.request.url.startswith((site.address, "data:", "blob:")):
        route.continue_()
    else:
        site.outside.append(route.request.url)
        route.abort()


def _note(message, name: str, site: Site) -> None:
    if message.type == "error" and not any(part in message.text for part, _ in HARMLESS):
        site.errors.append(f"{name}: {message.text}")


@pytest.mark.parametrize(("theme", "size"), [("light", WIDE), ("dark", PHONE)], ids=["light", "dark-phone"])
def test_each_page_draws_itself_and_asks_no_other_host(site, open_page, theme, size):
    seen = {"charts": 0, "formulas": 0, "sliders": 0}
    for name in site.pages:
        tab = open_page(name, theme, size)
        assert tab.evaluate("() => document.documentElement.dataset.theme") == theme
        for kind, count in tab.evaluate(COUNTS).items():
            seen[kind] += count
        wide = tab.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 1, f"{name} is {wide} pixels wider than the screen"
        tab.close()
    # If a book had none of these, the wait for them to be drawn would prove nothing.
    assert all(seen.values()), seen


def test_moving_a_slider_changes_its_chart(site, open_page):
    moved = 0
    for name in site.pages:
        if CHART not in (site.book.html / name).read_text(encoding="utf-8"):
            continue
        tab = open_page(name)
        for chart in tab.locator(".chisel-chart:has(.slider-grip-rect)").all():
            before, label = (
                chart.locator(".cartesianlayer").first.inner_html(),
                chart.locator(".slider-label").first.text_content(),
            )
            chart.scroll_into_view_if_needed()
            grip, rail = (
                chart.locator(part).first.bounding_box() for part in (".slider-grip-rect", ".slider-rail-rect")
            )
            tab.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
            tab.mouse.down()
            at_the_end = grip["x"] + grip["width"] / 2 > rail["x"] + 0.9 * rail["width"]
            end = rail["x"] + (1 if at_the_end else rail["width"] - 1)
            tab.mouse.move(end, rail["y"] + rail["height"] / 2, steps=8)
            tab.mouse.up()
            tab.wait_for_function(
                "([chart, old]) => chart.querySelector('.cartesianlayer').innerHTML !== old",
                arg=[chart.element_handle(), before],
                timeout=WAIT,
            )
            assert chart.locator(".slider-label").first.text_content() != label
            moved += 1
        tab.close()
    assert moved


def test_charts_follow_the_theme_switch(site, open_page):
    name = next(name for name in site.pages if CHART in (site.book.html / name).read_text(encoding="utf-8"))
    tab = open_page(name)
    colour = "() => getComputedStyle(document.querySelector('.chisel-chart .xtick text')).fill"
    theme = "() => document.documentElement.dataset.theme"
    seen = {tab.evaluate(theme): tab.evaluate(colour)}
    for _ in range(3):  # the switch goes round light, dark and the system's choice
        tab.locator(".theme-switch-button").first.click()
        seen[tab.evaluate(theme)] = tab.evaluate(colour)
    assert set(seen) == {"light", "dark"}
    lightness = {key: sum(map(int, value[4:-1].split(","))) for key, value in seen.items()}
    assert lightness["light"] < 300 < 500 < lightness["dark"], seen


def test_numbers_of_a_chart_can_be_read_as_a_table(site, open_page):
    name = next(name for name in site.pages if "chart-numbers" in (site.book.html / name).read_text(encoding="utf-8"))
    tab = open_page(name)
    details = tab.locator(".chart-numbers").first
    assert not details.locator("td").first.is_visible()
    details.locator("summary").click()
    assert details.locator("td").first.is_visible()


def test_there_is_one_search_bar(site, open_page):
    tab = open_page(site.pages[0])
    assert sum(bar.is_visible() for bar in tab.locator(".search-button-field").all()) == 1


def test_the_watch_sees_what_it_watches_for(site, open_page):
    tab = open_page(site.pages[0])
    tab.evaluate("() => fetch('http://outside.invalid/x.js').catch(() => 0)")
    tab.evaluate("() => { setTimeout(() => { throw new Error('planted'); }); console.error('also planted'); }")
    tab.wait_for_timeout(200)
    assert site.outside == ["http://outside.invalid/x.js"]
    assert {"planted", "also planted"} <= {error.split(": ")[-1] for error in site.errors}
    site.outside.clear()
    site.errors.clear()


def test_a_reading_plan_prints_on_one_page(site, open_page):
    printed = 0
    for name in site.pages:
        if 'id="a-reading-group' not in (site.book.html / name).read_text(encoding="utf-8"):
            continue
        tab = open_page(name)
        tab.evaluate("() => { window.print = () => {}; }")
        chapter = tab.locator("h1").first.evaluate("h1 => h1.firstChild.textContent").lstrip("0123456789. ")
        assert chapter not in tab.locator("section[id^='a-reading-group'] > h2").inner_text()
        tab.locator(".chisel-print-plan").click()
        tab.emulate_media(media="print")
        shown = tab.locator("h2:visible").all_inner_texts()
        assert len(shown) == 1 and shown[0].startswith("A reading group") and chapter in shown[0], shown
        assert tab.locator("section[id^='a-reading-group'] table").is_visible()
        assert not tab.locator("section[id^='a-reading-group'] details").first.is_visible()  # the answers
        pages = tab.pdf(prefer_css_page_size=True).count(b"/Type /Page\n")
        assert pages == 1, f"{name}: the plan takes {pages} pages"
        tab.evaluate("() => window.dispatchEvent(new Event('afterprint'))")
        assert tab.locator("h1").first.is_visible()
        tab.close()
        printed += 1
    assert printed or not any("reading" in name for name in site.pages)
