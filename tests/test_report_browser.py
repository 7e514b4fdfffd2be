"""The report in a real browser, opened from disk: what a reader sees, presses and prints."""

from __future__ import annotations

import importlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import report_study
from pypdf import PdfReader

from helpers.run.report import make_report

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[1]
DEFAULT = ROOT / "output" / "liaoning_anshan"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Without these Chromium asks its maker's servers for updates, whatever page it shows.
QUIET = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def absent(reason: str) -> Any:
    """Skip, saying so; under STUDY_BROWSER, which ``make pages`` sets, fail instead."""
    if os.environ.get("STUDY_BROWSER"):
        pytest.fail(reason)
    pytest.skip(f"{reason} Run make pages.")


def library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        return absent(f"{name} is not installed ({error}).")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    api = library("playwright.sync_api")
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if found is None:
        absent(f"No browser of {', '.join(BROWSERS)} is installed.")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pages of a made-up study in both languages, in a folder with a space and Chinese letters."""
    for name in ("sphinx", "pypandoc", "typst"):
        library(name)
    root = tmp_path_factory.mktemp("report") / "研究 output"
    return {one: make_report(report_study.make(root / one, one)) for one in ("en", "zh")}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages of the default study, which has to have been run."""
    library("sphinx")
    if not (DEFAULT / "run.json").is_file():
        absent("The default study was not run.")
    folder = tmp_path_factory.mktemp("whole") / DEFAULT.name
    folder.mkdir()
    for path in DEFAULT.iterdir():
        if path.name != "report":
            (folder / path.name).symlink_to(path)
    return make_report(folder, ["web"])


class Watch:
    """A page and what it complained of, asked for, or popped up."""

    def __init__(self, browser: Any, **options: Any) -> None:
        self.page = browser.new_page(**options)
        self.trouble: list[str] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))
        self.page.on("dialog", self._dialog)
        self.page.on("request", self._request)
        self.page.on("requestfailed", lambda one: self.trouble.append(f"failed: {one.url}"))

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.trouble.append(f"{message.type}: {message.text}")

    def _dialog(self, dialog: Any) -> None:
        self.trouble.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Any) -> None:
        if urlsplit(request.url).scheme not in ("file", "data", "blob"):
            self.trouble.append(f"outside: {request.url}")

    def open(self, path: Path, suffix: str = "") -> Any:
        self.page.goto(path.as_uri() + suffix, wait_until="load")
        if path.name != "search.html":
            self.page.wait_for_function("document.documentElement.dataset.ready === 'yes'")
        return self.page


@pytest.fixture
def watch(chromium: Any) -> Iterator[Callable[..., Watch]]:
    """Open pages; at the end none may have complained or asked for anything outside."""
    opened: list[Watch] = []

    def new(**options: Any) -> Watch:
        opened.append(Watch(chromium, **options))
        return opened[-1]

    yield new
    for one in opened:
        one.page.close()
    assert [line for one in opened for line in one.trouble] == []


def test_every_page_opens_in_silence(watch: Callable[..., Watch], whole: Path) -> None:
    names = sorted(path.name for path in whole.glob("*.html"))
    assert {"index.html", "sources.html", "downloads.html", "search.html"} < set(names)
    view = watch()
    for name in names:
        page = view.open(whole / name)
        assert page.title()
        page.wait_for_timeout(100)


def test_a_complaint_is_noticed(chromium: Any, tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text(
        "<script>document.documentElement.dataset.ready = 'yes'; console.error('x'); alert(1);"
        "throw new Error('y')</script><img src='https://example.invalid/a.png'>"
    )
    view = Watch(chromium)
    view.open(page)
    kinds = {line.split(":")[0] for line in view.trouble}
    assert kinds >= {"error", "dialog", "outside"}
    view.page.close()


def test_hostile_names_stay_text(watch: Callable[..., Watch], small: dict[str, Path]) -> None:
    for language, folder in small.items():
        view = watch()
        page = view.open(folder / "01_made_up.html")
        assert page.locator("td", has_text=report_study.HOSTILE).count() >= 2
        assert page.locator("article script, article img[src=x], [onclick], [onerror]").count() == 0
        assert page.locator("td", has_text="=1+1").count() >= 1
        if language == "en":
            page = view.open(folder / "index.html")
            assert page.locator("td", has_text=report_study.HOSTILE).count() == 1


def shows(page: Any, wanted: list[str]) -> None:
    """Wait until the first column of the verdicts reads so: tables are sorted after the click."""
    playwright = importlib.import_module("playwright.sync_api")
    cells = page.locator("#verdicts tbody tr td:first-child")
    playwright.expect(cells).to_have_text(wanted)


def test_verdicts_are_filtered_searched_and_sorted(
    watch: Callable[..., Watch], small: dict[str, Path]
) -> None:
    page = watch().open(small["zh"] / "index.html")
    shows(page, ["C1-01", "C2-01", "C2-02"])
    page.locator('select[data-column="1"]').select_option("二、趋势与位次")
    shows(page, ["C2-01", "C2-02"])
    page.locator('select[data-column="2"]').select_option("不符")
    shows(page, ["C2-01"])
    assert "1" in page.locator("output").inner_text()
    for place in (1, 2):
        page.locator(f'select[data-column="{place}"]').select_option("")
    page.locator(".bar input").fill("堃喆")
    shows(page, ["C2-02"])
    page.locator(".bar input").fill("没有这样的字")
    shows(page, ["无匹配行。"])
    page.locator(".bar input").fill("")
    head = page.locator("#verdicts thead th").first
    head.click()
    shows(page, ["C1-01", "C2-01", "C2-02"])
    head.click()
    shows(page, ["C2-02", "C2-01", "C1-01"])


@pytest.mark.parametrize("query", ["镕堃喆", "合成", "鞍", "Revenue"])
def test_search_finds_chinese(
    query: str, watch: Callable[..., Watch], small: dict[str, Path]
) -> None:
    page = watch().open(small["zh"] / "search.html", f"?q={query}")
    page.locator("ul.search li a").first.wait_for()
    links = [one.get_attribute("href") or "" for one in page.locator("ul.search li a").all()]
    assert any(link.startswith("01_made_up.html") for link in links)


def test_search_does_not_find_what_is_not_there(
    watch: Callable[..., Watch], small: dict[str, Path]
) -> None:
    page = watch().open(small["zh"] / "search.html", "?q=苏州石湖")
    page.wait_for_function("document.querySelector('#search-results p.search-summary')?.innerText")
    page.wait_for_timeout(300)
    assert page.locator("ul.search li").count() == 0


def test_figures_are_there_and_told(watch: Callable[..., Watch], whole: Path) -> None:
    view, count = watch(), 0
    for path in sorted(whole.glob("*.html")):
        page = view.open(path)
        for image in page.locator("article img").all():
            image.scroll_into_view_if_needed()
            assert len(image.get_attribute("alt") or "") > 10, path.name
            page.wait_for_function(
                "one => one.complete && one.naturalWidth > 100", arg=image.element_handle()
            )
            count += 1
    saved = len(list((DEFAULT / "figures").glob("*.png")))
    assert count >= saved > 40


def test_every_saved_figure_is_shown_and_every_table_offered(whole: Path) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in whole.glob("*.html"))
    figures = [path.stem for path in (DEFAULT / "figures").glob("*.png")]
    assert [name for name in figures if text.count(f' id="figure-{name}"') != 1] == []
    downloads = (whole / "downloads.html").read_text(encoding="utf-8")
    tables = [path.name for path in (DEFAULT / "tables").glob("*.csv")]
    assert len(tables) > 40
    assert [name for name in tables if f'href="tables/{name}"' not in downloads] == []


def test_links_lead_somewhere(whole: Path, small: dict[str, Path]) -> None:
    for folder in (whole, *small.values()):
        pages = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.html")}
        idents = {name: set(re.findall(r'\bid="([^"]+)"', text)) for name, text in pages.items()}
        for name, text in pages.items():
            article = text.partition("<article")[2]
            for link in re.findall(r'(?:href|src)="([^"]+)"', article):
                parts = urlsplit(link.replace("&amp;", "&"))
                if parts.scheme:
                    continue
                target = unquote(parts.path) or name
                assert (folder / target).is_file(), (name, link)
                if parts.fragment and target in pages:
                    assert unquote(parts.fragment) in idents[target], (name, link)


# Each has parts that the others lack; checking all notebooks would take minutes and find the same.
PAGES = ("index", "04_growth_paths", "06_ledger", "search")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(
    scheme: str, watch: Callable[..., Watch], whole: Path, small: dict[str, Path]
) -> None:
    axe = library("axe_playwright_python.sync_playwright").Axe()
    view = watch(color_scheme=scheme)
    # In the dark only the colours differ.
    rules = {"runOnly": ["color-contrast"]} if scheme == "dark" else {}
    paths = [whole / f"{name}.html" for name in PAGES]
    paths += [small["zh"] / f"{name}.html" for name in ("index", "01_made_up", "sources")]
    found = {}
    for path in paths:
        page = view.open(path)
        for one in axe.run(page, options={"preload": False, **rules}).response["violations"]:
            if one["impact"] in ("serious", "critical"):
                nodes = [node["target"] for node in one["nodes"][:3]]
                found[path.parent.name, path.name, one["id"]] = (one["help"], nodes)
    assert found == {}


def test_axe_would_find_something(chromium: Any, tmp_path: Path) -> None:
    axe = library("axe_playwright_python.sync_playwright").Axe()
    path = tmp_path / "bad.html"
    path.write_text("<html><body><img src='a.png'><p style='color:#ccc'>pale</p></body></html>")
    page = chromium.new_page()
    page.goto(path.as_uri())
    found = {one["id"] for one in axe.run(page, options={"preload": False}).response["violations"]}
    page.close()
    assert {"image-alt", "html-has-lang", "color-contrast"} <= found


@pytest.mark.parametrize("width", [360, 800, 1200, 1400])
def test_no_window_needs_sideways_scrolling(
    watch: Callable[..., Watch], whole: Path, width: int
) -> None:
    view = watch(viewport={"width": width, "height": 740})
    for path in sorted(whole.glob("*.html")):
        page = view.open(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path.name


def test_dark_follows_the_system(watch: Callable[..., Watch], small: dict[str, Path]) -> None:
    script = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    light = watch(color_scheme="light").open(small["en"] / "index.html").evaluate(script)
    dark = watch(color_scheme="dark").open(small["en"] / "index.html").evaluate(script)
    assert min(light[:3]) > 200 and max(dark[:3]) < 80


def test_pages_print(watch: Callable[..., Watch], whole: Path, tmp_path: Path) -> None:
    view = watch()
    for name in ("index", "03_city_distribution"):
        page = view.open(whole / f"{name}.html")
        target = tmp_path / f"{name}.pdf"
        page.pdf(path=target, format="A4", print_background=True)
        printed = PdfReader(target)
        text = "".join(sheet.extract_text() for sheet in printed.pages)
        assert len(printed.pages) >= 3
        # What is for pressing has no place on paper.
        assert "Download" not in text and "Search" not in text.split("\n")[:5]
        # Also those that the reader has not scrolled to, which load as late as that.
        shown = page.locator("article figure img").count()
        assert 3 <= shown <= pictures(printed)


def pictures(printed: PdfReader) -> int:
    """Pictures in a PDF, each counted once a page."""
    parts = [
        one.get_object()
        for sheet in printed.pages
        for one in (sheet["/Resources"].get("/XObject") or {}).values()
    ]
    return sum(part["/Subtype"] == "/Image" for part in parts)


def test_first_view_is_ready_within_a_second(chromium: Any, whole: Path) -> None:
    """The best of five, since other programs may keep the processors busy."""
    times = []
    for _ in range(5):
        view = Watch(chromium)
        view.page.add_init_script(
            "new MutationObserver(() => window.readyAt ??= performance.now())"
            ".observe(document, {subtree: true, attributes: true, attributeFilter: ['data-ready']})"
        )
        page = view.open(whole / "index.html")
        page.wait_for_function("window.readyAt")
        times.append(page.evaluate("window.readyAt"))
        page.close()
    assert min(times) < 1000, times


def test_the_pages_are_small(whole: Path) -> None:
    size = sum(path.stat().st_size for path in whole.rglob("*") if path.is_file())
    assert size < 15_000_000, size
