"""The pages as people meet them: in a browser, light and dark, wide and on a telephone, by keyboard, with axe beside."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from ktt.testing.sandbox import Sandbox
from ktt.testing.sandbox.settings import SandboxSettings
from support.browser import Scheme, opened, overflow, running_browser, violations

TELEPHONE, DESKTOP = 320, 1280
PAGES = ("validate", "nothing", "broken", "mapping", "swagger")


def ktt(*words: object) -> int:
    command = [sys.executable, "-m", "ktt", *map(str, words)]
    return subprocess.run(command, capture_output=True, timeout=120, check=False).returncode


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Addresses: reports that the commands wrote, and the page that a sandbox serves."""
    folder = tmp_path_factory.mktemp("pages")
    assert ktt("synth", "iplos", "--out", folder / "faults.xml", "--persons", 300, "--faults") == 0
    assert ktt("synth", "iplos", "--out", folder / "clean.xml", "--persons", 20) == 0
    assert ktt("validate", folder / "faults.xml", "--format", "html", "--out", folder / "validate.html") != 0
    assert ktt("validate", folder / "clean.xml", "--format", "html", "--out", folder / "nothing.html") == 0
    assert (
        ktt("synth", "epj", "--recipients", 20, "--municipality", 1114, "--from", "2024-01-01", "--out", folder / "epj")
        == 0
    )
    assert ktt("source", "doc", folder / "epj" / "mapping.toml", "--out", folder / "mapping.html") == 0
    settings = SandboxSettings(folder=folder / "sandbox", helseid_port=0, mottak_port=0)
    with Sandbox(settings, ingest=lambda _inbox: None) as sandbox:
        sandbox.write_config(folder / "client.json")
        config = json.loads((folder / "client.json").read_text(encoding="utf-8"))
        config["unit"]["orgnr"] = "312000563"  # a unit that the client may not speak for
        (folder / "client.json").write_text(json.dumps(config), encoding="utf-8")
        few = ("conformance", "receiver", "--config", folder / "client.json", "--only", "N1,N2,N10,F101,F200")
        assert ktt(*few, "--html", folder / "broken.html") != 0
        files = {path.stem: path.as_uri() for path in folder.glob("*.html")}
        yield {**files, "swagger": f"{sandbox.mottak_url}/swagger"}


@pytest.fixture(scope="module")
def browser(pages: dict[str, str]) -> Iterator[Browser]:
    assert pages, "made before the browser starts: its driver keeps an event loop of its own in this thread"
    with running_browser() as running:
        yield running


@pytest.mark.parametrize(
    ("name", "scheme", "width"),
    [
        ("validate", "light", TELEPHONE),
        ("validate in English", "dark", DESKTOP),
        ("nothing", "dark", TELEPHONE),
        ("broken", "light", TELEPHONE),
        ("broken in English", "dark", DESKTOP),
        ("mapping", "light", TELEPHONE),
        ("mapping", "dark", DESKTOP),
        ("swagger", "light", TELEPHONE),
        ("swagger in English", "dark", DESKTOP),
    ],
)
def test_axe_finds_nothing(pages: dict[str, str], browser: Browser, name: str, scheme: Scheme, width: int):
    page, _, language = name.partition(" in ")
    assert violations(browser, pages[page], scheme, width, english=bool(language)) == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_fetched_and_nothing_runs_over_the_edge(pages: dict[str, str], browser: Browser, name: str):
    with opened(browser, pages[name], width=TELEPHONE) as (page, trouble):
        assert overflow(page) == 0
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert overflow(page) == 0
    assert trouble == []


@pytest.mark.parametrize(
    ("name", "nb", "en"),
    [
        ("validate", "Kontroll av KTT-data", "Validation of KTT data"),
        ("swagger", "KTT mottak", "KTT receiver"),
        ("broken", "Samsvarsprøve av et mottak", "Conformance of a receiver"),
    ],
)
def test_the_reader_chooses_the_language(pages: dict[str, str], browser: Browser, name: str, nb: str, en: str):
    with opened(browser, pages[name]) as (page, _):
        expect(page.get_by_role("heading", level=1)).to_have_text(nb, use_inner_text=True)
        page.get_by_label("English").check()
        expect(page.get_by_role("heading", level=1)).to_have_text(en, use_inner_text=True)
        page.get_by_label("Bokmål").check()
        expect(page.get_by_role("heading", level=1)).to_have_text(nb, use_inner_text=True)


def test_a_report_leads_from_each_rule_to_its_places(pages: dict[str, str], browser: Browser):
    with opened(browser, pages["validate"]) as (page, _):
        for language, label in (("nb", "Bokmål"), ("en", "English")):
            page.get_by_label(label).check()
            table = page.locator(f"main#{language} table").nth(1)
            rule = table.get_by_role("link").last
            rule.click()
            reached = page.locator(".rule:target")
            expect(reached).to_contain_text(rule.inner_text())
            expect(reached.locator("li").first).to_be_visible()


def test_by_keyboard_alone(pages: dict[str, str], browser: Browser):
    with opened(browser, pages["broken"]) as (page, _):
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Hopp til resultatene")).to_be_focused()
        page.keyboard.press("Enter")
        case = page.locator("details.case.passed").first
        case.locator("summary").first.focus()
        page.keyboard.press("Enter")
        expect(case).to_have_attribute("open", "")
        expect(case.get_by_text("Hensikt").first).to_be_visible()


def test_what_did_not_hold_stands_open_at_the_top(pages: dict[str, str], browser: Browser):
    with opened(browser, pages["broken"]) as (page, _):
        expect(page.get_by_role("heading", name="Det som ikke ble bestått")).to_be_visible()
        first = page.locator("nav li a").first
        first.click()
        expect(page.locator(f"details#{first.inner_text()}")).to_have_attribute("open", "")
