"""A real browser, and what it says of a page: axe's violations, what runs over the edge, what went wrong while loading."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

Scheme = Literal["light", "dark"]


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Chromium as this machine has it. CI must have it; elsewhere the tests that need it are skipped without."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        assert not os.environ.get("CI"), "CI tries the pages in a browser: install chromium"
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=found, chromium_sandbox=False)
        yield browser
        browser.close()


@contextmanager
def opened(
    browser: Browser, address: str, *, scheme: Scheme = "light", width: int = 1280
) -> Iterator[tuple[Page, list[str]]]:
    """The page, and a list of all that the browser complained of or that the page asked anybody else for."""
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}, locale="nb-NO")
    page, trouble = context.new_page(), list[str]()
    page.on("console", lambda message: trouble.append(f"console: {message.text}"))
    page.on("pageerror", lambda fault: trouble.append(f"error: {fault}"))
    page.on("request", lambda request: _note(trouble, request.url, address))
    page.goto(address)
    yield page, trouble
    context.close()


def _note(trouble: list[str], url: str, address: str) -> None:
    if url != address.partition("#")[0] and not url.endswith("/favicon.ico"):
        trouble.append(f"request: {url}")


def violations(browser: Browser, address: str, scheme: Scheme, width: int, *, english: bool = False) -> list[str]:
    """What axe has against a page as it is shown, closed parts opened; each with the first place.

    `english` chooses that language on a page that has both in it.
    """
    window: ViewportSize = {"width": width, "height": 900}
    context = browser.new_context(color_scheme=scheme, viewport=window, bypass_csp=True, reduced_motion="reduce")
    page = context.new_page()
    page.goto(address)
    if english:
        page.get_by_label("English").check()
    page.evaluate("document.querySelectorAll('details').forEach((one, nth) => one.open = nth < 20)")
    found: list[dict[str, Any]] = Axe().run(page, options={"runOnly": _RULES}).response["violations"]
    context.close()
    return [f"{one['id']} × {len(one['nodes'])}: {one['help']}: {one['nodes'][0]['html'][:200]}" for one in found]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
