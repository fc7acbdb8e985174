"""The console in a real browser: what Kari sees of a message, what she makes fail, by mouse and by keyboard alone."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection

import pytest
from playwright.sync_api import Browser, Page, expect

from ktt.messages.register import find
from ktt.testing.sandbox import UNIT, Sandbox
from ktt.testing.sandbox.settings import SandboxSettings
from ktt.web.console.app import console_app
from support.browser import Scheme, overflow, running_browser, violations

TELEPHONE, DESKTOP = 320, 1280
EXAMPLE = "/examples/KTT_Vedtak/1/N01-everyday"
BROKEN = "/examples/KTT_Vedtak/1/F28-unused-service-type"
PAGES = ("/", "/requests", "/faults", "/examples", EXAMPLE, "/units", f"/units/{UNIT.key}", "/rules?search=dato")
Look = Callable[[str], str]
NUMBER = re.compile(r"\b\d{6} ?\d{5}\b")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder = tmp_path_factory.mktemp("console") / "s"
    settings = SandboxSettings(folder=folder, helseid_port=0, mottak_port=0, console_port=0)
    with Sandbox(settings, pages=console_app) as running:
        yield running


@pytest.fixture(scope="module")
def sent(sandbox: Sandbox) -> dict[str, str]:
    """The pages of an accepted message and of a rejected one."""
    return {name: _sent(sandbox, address) for name, address in (("accepted", EXAMPLE), ("rejected", BROKEN))}


def _sent(sandbox: Sandbox, address: str) -> str:
    version = sandbox_example(address)
    before = sandbox.control.recorder.last
    sandbox.control.send(*version)
    return (
        f"/requests/{next(one.number for one in sandbox.control.recorder.after(before) if one.address == '/message')}"
    )


def sandbox_example(address: str) -> tuple[str, str, bytes]:
    _, _, kind, version, name = address.split("/")
    return kind, version, find(kind, version).examples()[name]


@pytest.fixture(scope="module")
def browser(sent: dict[str, str]) -> Iterator[Browser]:
    assert sent, "made before the browser starts: its driver keeps an event loop of its own in this thread"
    with running_browser() as running:
        yield running


@contextmanager
def visiting(browser: Browser, url: str, **options: object) -> Iterator[tuple[Page, list[str]]]:
    """A page, and all that the browser complained of, was refused, or asked anybody else for."""
    context = browser.new_context(**{"viewport": {"width": DESKTOP, "height": 900}, "locale": "nb-NO", **options})
    page, trouble = context.new_page(), list[str]()
    own = "/".join(url.split("/")[:3])
    page.on("console", lambda message: trouble.append(f"console: {message.text}"))
    page.on("pageerror", lambda fault: trouble.append(f"error: {fault}"))
    page.on("request", lambda asked: None if asked.url.startswith((own, "data:")) else trouble.append(asked.url))
    page.goto(url)
    yield page, trouble
    context.close()


@pytest.fixture
def look(sandbox: Sandbox, sent: dict[str, str]) -> Look:
    return lambda name: sandbox.console_url + sent.get(name, name)


@pytest.mark.parametrize(
    ("name", "scheme", "width"),
    [
        *((page, *how) for page in ("/", "rejected") for how in (("light", TELEPHONE), ("dark", DESKTOP))),
        *((page, "dark", TELEPHONE) for page in ("accepted", "/faults", EXAMPLE)),
        *(
            (page, "light", DESKTOP)
            for page in ("/requests", "/examples", "/units", "/rules?search=dato", "/nowhere/1")
        ),
    ],
)
def test_axe_finds_nothing(look: Look, browser: Browser, name: str, scheme: Scheme, width: int):
    assert violations(browser, look(name), scheme, width) == []


@pytest.mark.parametrize("name", [*PAGES, "accepted", "rejected"])
def test_a_telephone_shows_all_of_it_and_nobody_else_is_asked(look: Look, browser: Browser, name: str):
    with visiting(browser, look(name), viewport={"width": TELEPHONE, "height": 700}) as (page, trouble):
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert overflow(page) == 0
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        assert trouble == []


def test_a_rejected_message_says_what_where_and_what_to_do(look: Look, browser: Browser):
    with visiting(browser, look("rejected")) as (page, trouble):
        expect(page.get_by_role("heading", level=1)).to_contain_text("Avvist")
        expect(page.locator(".ds-alert").first).to_contain_text("Hva dere gjør")
        line = page.get_by_role("link", name=re.compile("Linje")).first
        line.click()
        expect(page.locator(".lines span:target")).to_contain_text("tjenesteType")
        page.locator(".lines span:target a").first.click()
        expect(page.locator(".rule:target")).to_contain_text("Slik retter dere")
        page.get_by_role("link", name=re.compile("KTT-SKJEMA")).first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("KTT-SKJEMA")
        assert trouble == []


def test_numbers_are_hidden_until_they_are_asked_for(look: Look, browser: Browser):
    with visiting(browser, look("accepted")) as (page, _):
        assert NUMBER.search(page.content()) is None
        page.get_by_role("link", name="Vis dem").click()
        assert NUMBER.search(page.content()) is not None
        assert NUMBER.search(page.url + page.title()) is None
        page.get_by_role("link", name="Skjul personnumrene").click()
        assert NUMBER.search(page.content()) is None


def test_an_accepted_message_shows_each_claim_as_held(look: Look, browser: Browser):
    with visiting(browser, look("accepted")) as (page, _):
        proof = page.get_by_role("region", name="Beviset")
        expect(proof.get_by_role("row", name=re.compile("^htu ")).first).to_contain_text("✓ ja")
        assert proof.get_by_text("✗").count() == 0
        shown = page.content()
    assert re.search(r"eyJ[\w-]{20,}\.[\w-]{20,}\.", shown) is None, "a token or proof that could be used again"


def test_what_comes_shows_itself_and_is_told(sandbox: Sandbox, browser: Browser):
    with visiting(browser, sandbox.console_url + "/requests") as (page, trouble):
        link = page.locator("#requests a").first
        link.focus()
        before = link.inner_text()
        sender = threading.Thread(target=_sent, args=(sandbox, EXAMPLE))
        sender.start()
        sender.join()
        expect(page.locator("#requests a").first).not_to_have_text(before)
        expect(page.locator("#news")).to_contain_text("nye forespørsler")
        expect(page.get_by_role("link", name=before, exact=True)).to_be_focused()
        assert trouble == []


def test_a_fault_is_asked_for_met_and_taken_away_by_keyboard_alone(sandbox: Sandbox, browser: Browser):
    with visiting(browser, sandbox.console_url + "/") as (page, trouble):
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Hopp til innholdet")).to_be_focused()
        page.keyboard.press("Tab")
        page.get_by_role("link", name="Feil på bestilling").focus()
        page.keyboard.press("Enter")
        page.get_by_label("Hva skal skje?").focus()
        page.keyboard.type("2010")
        page.get_by_role("button", name="Bestill").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("table")).to_contain_text("2010")
        page.goto(sandbox.console_url + EXAMPLE)
        page.get_by_role("button", name="Send eksempelet").focus()
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/requests/\d+$"))
        page.goto(sandbox.console_url + "/requests")
        expect(page.locator("#requests")).to_contain_text("Feil på bestilling")
        assert trouble == []
    assert sandbox.control.faults.waiting() == []


def test_sending_again_leads_to_the_new_request(look: Look, browser: Browser):
    with visiting(browser, look("accepted")) as (page, _):
        page.get_by_role("button", name="Send på nytt").click()
        page.wait_for_url(re.compile(r"/requests/\d+$"))
        assert page.url != look("accepted")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Godtatt")


def test_the_reader_chooses_language_and_colours(sandbox: Sandbox, browser: Browser):
    with visiting(browser, sandbox.console_url + "/rules?search=dato") as (page, _):
        page.get_by_role("link", name="English").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Rules")
        expect(page.locator("html")).to_have_attribute("lang", "en")
        assert page.url.endswith("/rules?search=dato")
        page.get_by_role("link", name="Dark", exact=True).click()
        expect(page.locator("html")).to_have_attribute("data-color-scheme", "dark")
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.get_by_role("link", name="Light", exact=True).click()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != dark
        page.get_by_role("link", name="Requests").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Requests")


def test_without_scripts_everything_is_there(look: Look, browser: Browser):
    with visiting(browser, look("rejected"), java_script_enabled=False) as (page, _):
        page.get_by_role("button", name="Send på nytt").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Avvist")
        assert page.get_by_role("button", name="Kopier").count() == 0


def test_in_forced_colours_the_line_that_is_wrong_still_stands_out(look: Look, browser: Browser):
    with visiting(browser, look("rejected"), forced_colors="active") as (page, _):
        found = page.locator(".lines span.found").first
        assert found.evaluate("one => getComputedStyle(one).fontWeight") == "600"
        assert found.evaluate("one => getComputedStyle(one).borderInlineStartWidth") == "4px"


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Host": "evil.example"}, 421), ({"Origin": "http://evil.example"}, 403), ({}, 403)],
)
def test_a_strangers_page_can_do_nothing(sandbox: Sandbox, headers: dict[str, str], status: int):
    connection = HTTPConnection("127.0.0.1", int(sandbox.console_url.rpartition(":")[2]), timeout=10)
    connection.request("POST", "/faults", b"what=2010", headers)
    assert connection.getresponse().status == status
    connection.close()
    assert sandbox.control.faults.waiting() == []
