"""Notebooks in JupyterLab, in a real browser: what a researcher presses and sees."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Without these Chromium asks its maker's servers for updates, whatever page it shows.
QUIET = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
LONG = 120_000  # milliseconds; a busy machine is slow, not wrong
PANEL = "jupyterapp.shell.currentWidget"
FAILED = "(cell) => cell.outputs.some((one) => one.output_type === 'error')"
OUTPUTS = ".jp-Notebook .jp-OutputArea-output"


def absent(reason: str) -> Any:
    """Skip, saying so; under STUDY_BROWSER, which ``make pages`` sets, fail instead."""
    if os.environ.get("STUDY_BROWSER"):
        pytest.fail(reason)
    pytest.skip(f"{reason} Run make pages.")


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab on copies of notebooks."""

    address: str
    token: str

    def url(self, notebook: str) -> str:
        """Address of a notebook, in a workspace of its own: else others would be opened again."""
        name = notebook.removesuffix(".ipynb")
        return f"{self.address}/lab/workspaces/{name}/tree/{notebook}?token={self.token}"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def copied(name: str, folder: Path, **parameters: str) -> None:
    """A copy of a notebook with other parameters: JupyterLab saves what it has run."""
    notebook = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    cell = next(c for c in notebook["cells"] if "parameters" in c["metadata"].get("tags", []))
    text = "".join(cell["source"])
    for key, value in parameters.items():
        text = re.sub(rf'^{key} = ".*?"', f"{key} = {value!r}", text, flags=re.MULTILINE)
    cell["source"] = text
    (folder / f"{name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def settings(folder: Path) -> dict[str, str]:
    """JupyterLab as a user in a dark theme has it, away from the settings of who runs the tests."""
    chosen = {
        "themes": {"theme": "JupyterLab Dark"},
        "notification": {"fetchNews": "false", "checkForUpdates": False},
    }
    place = folder / "settings" / "@jupyterlab" / "apputils-extension"
    place.mkdir(parents=True)
    for name, values in chosen.items():
        (place / f"{name}.jupyterlab-settings").write_text(json.dumps(values), encoding="utf-8")
    names = ("SETTINGS_DIR", "WORKSPACES_DIR"), ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    own = {f"JUPYTERLAB_{name}": str(folder / name.split("_")[0].lower()) for name in names[0]}
    own |= {f"JUPYTER_{name}": str(folder / name.split("_")[0].lower()) for name in names[1]}
    return {**os.environ, **own, "JUPYTER_PREFER_ENV_PATH": "1"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    try:
        importlib.import_module("jupyterlab")
    except ImportError as error:
        absent(f"jupyterlab is not installed ({error}).")
    root = tmp_path_factory.mktemp("lab")
    books = root / "books"
    books.mkdir()
    out = str(root / "out")
    copied("explore", books, output_dir=out)
    copied("04_growth_paths", books, output_dir=out, language="zh")
    port, token = free_port(), "made-up-token"
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
        "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={books}",
        "--LabApp.expose_app_in_browser=True",
    ]  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    with (root / "log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command, env=settings(root), cwd=books, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        wait_for(f"{address}/api?token={token}", process, root / "log")
        yield Lab(address, token)
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:  # it asks its kernels to end first, which may take long
            process.kill()
            process.wait()


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + LONG / 1000
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            ended = process.poll() is not None or time.monotonic() > deadline
            assert not ended, log.read_text(encoding="utf-8")
            time.sleep(0.2)


class Watch:
    """A page and what it complained of or asked for beyond this machine."""

    def __init__(self, page: Any, lab: Lab) -> None:
        self.page, self.trouble, self._own = page, list[str](), lab.address
        page.set_default_timeout(LONG)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))
        page.on("request", self._request)

    def _console(self, message: Any) -> None:
        if message.type == "error":
            self.trouble.append(message.text)

    def _request(self, request: Any) -> None:
        # Web sockets of the server have an address of their own kind.
        if not request.url.startswith((self._own, "data:", "blob:", "ws://127.0.0.1:")):
            self.trouble.append(f"outside: {request.url}")


@pytest.fixture
def watch(lab: Lab) -> Iterator[Watch]:
    try:
        api = importlib.import_module("playwright.sync_api")
    except ImportError as error:
        absent(f"playwright is not installed ({error}).")
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if found is None:
        absent(f"No browser of {', '.join(BROWSERS)} is installed.")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        one = Watch(browser.new_page(viewport={"width": 1400, "height": 1000}), lab)
        yield one
        browser.close()
    assert one.trouble == []


def run_all(page: Any, url: str) -> None:
    """Open a notebook, choose Run All Cells, wait for its end, and look for errors."""
    page.goto(url)
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.wait_for_function(f"{PANEL}.sessionContext.session?.kernel?.status === 'idle'")
    page.click('.lm-MenuBar-itemLabel:text-is("Run")')
    page.click('.lm-Menu-itemLabel:text-is("Run All Cells")')
    # What is far from the window is not in the page, so the end of the run is read from the cells.
    cells = f"{PANEL}.content.model.toJSON().cells.filter((one) => one.cell_type === 'code')"
    page.wait_for_function(f"{cells}.every((one) => one.execution_count) || {cells}.some({FAILED})")
    page.wait_for_function(f"{PANEL}.sessionContext.session?.kernel?.status === 'idle'")
    outputs = page.evaluate(f"{cells}.flatMap((one) => one.outputs)")
    assert [one for one in outputs if one["output_type"] in ("error", "stream")] == []


SHOW = """async ([content, text]) => {
  const holds = (one) => one.model.type === "code" && one.model.sharedModel.source.includes(text);
  const place = content.widgets.findLastIndex(holds);
  content.activeCellIndex = place;
  await content.scrollToItem(place, "start");
}"""


def show_cell(page: Any, text: str) -> None:
    """Scroll to the last code cell that holds a text: cells far from the window are not in the page."""
    page.evaluate(SHOW, [page.evaluate_handle(f"{PANEL}.content"), text])


def luminance(page: Any, locator: Any) -> float:
    """Lightness of an element's text, from 0 for black to 1 for white."""
    colour = locator.evaluate("one => getComputedStyle(one).color")
    return sum(map(float, re.findall(r"[\d.]+", colour)[:3])) / 3 / 255


def test_the_explorer_redraws_when_the_province_changes(watch: Watch, lab: Lab) -> None:
    page = watch.page
    run_all(page, lab.url("explore.ipynb"))
    show_cell(page, "Explorer(study)")
    picture = page.locator(f"{OUTPUTS} img[alt^='Share of']").first
    picture.scroll_into_view_if_needed()
    assert "Liaoning" in picture.get_attribute("alt")
    before = picture.get_attribute("src")
    boxes = page.locator(f"{OUTPUTS} select")
    boxes.nth(1).select_option(label="Jiangsu")
    page.wait_for_selector(f"{OUTPUTS} img[alt*='Jiangsu']")
    assert picture.get_attribute("src") != before
    assert boxes.nth(2).locator("option").first.text_content() == "Nanjing"
    page.wait_for_selector(f"{OUTPUTS} td:text-is('Rank of the province')")
    assert luminance(page, page.locator(f"{OUTPUTS} table.three-line td").first) > 0.6
    boxes.nth(0).select_option(label="Which measures come first")
    page.wait_for_selector(f"{OUTPUTS} img[alt^='Horizontal bars']")
    page.click(f"{OUTPUTS} button:has-text('Save this figure')")
    page.wait_for_selector(f"{OUTPUTS} p:has-text('05_robustness.svg')")


def test_a_notebook_runs_and_its_table_is_searched(watch: Watch, lab: Lab) -> None:
    page = watch.page
    run_all(page, lab.url("04_growth_paths.ipynb"))
    show_cell(page, "sortable")
    table = page.locator(".jp-Notebook table.dataTable").first
    table.scroll_into_view_if_needed()
    assert luminance(page, table.locator("td").first) > 0.6
    ground = "one => getComputedStyle(one.closest('.dt-container')).backgroundColor"
    assert table.evaluate(ground) == "rgba(0, 0, 0, 0)"  # that of the theme, also under the heads
    rows = table.locator("tbody tr")
    count = rows.count()
    page.locator(".jp-Notebook .dt-search input").first.fill("海华")
    fewer = "([one, count]) => one.querySelectorAll('tbody tr').length < count"
    page.wait_for_function(fewer, arg=[table.element_handle(), count])  # other tables stay as long
    assert rows.count() >= 1 and "海华" in rows.first.text_content()
