"""The console over HTTP: what is outstanding until it is emptied, what is not there, and what cannot be asked for."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from ktt.messages.register import find
from ktt.testing.sandbox import UNIT, Sandbox
from ktt.testing.sandbox.settings import SandboxSettings
from ktt.web.console.app import console_app
from ktt.web.console.console import Console
from ktt.web.console.units import units_of

KIND = ("KTT_Vedtak", "1")


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    settings = SandboxSettings(folder=tmp_path / "s", helseid_port=0, mottak_port=0, console_port=0)
    with Sandbox(settings, pages=console_app) as running:
        yield running


@pytest.fixture(scope="module")
def at_rest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    settings = SandboxSettings(folder=tmp_path_factory.mktemp("s"), helseid_port=0, mottak_port=0, console_port=0)
    with Sandbox(settings, pages=console_app, ingest=lambda _inbox: None) as running:
        yield running


def asked(sandbox: Sandbox, method: str, path: str, form: str = "") -> tuple[int, str]:
    address = sandbox.console_url.removeprefix("http://")
    connection = HTTPConnection(address, timeout=30)
    connection.request(method, path, form, {"Origin": sandbox.console_url, "Host": address})
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response.status, body


def test_what_is_outstanding_is_shown_until_all_is_emptied(sandbox: Sandbox):
    (before,) = units_of(Console(sandbox))
    assert (before.messages, before.findings, before.last) == (0, 0, "–")
    sandbox.control.send(*KIND, find(*KIND).examples()["N06-no-identity"])
    assert sandbox.wait_for_findings()
    assert sandbox.wait_for_ingest()
    (state,) = units_of(Console(sandbox))
    assert (state.messages, state.findings) == (1, 1)
    status, page = asked(sandbox, "GET", f"/units/{UNIT.key}")
    assert status == 200
    assert '<a href="/rules/KTT-PERSON-02">' in page
    assert asked(sandbox, "POST", "/units/empty")[0] == 303
    assert units_of(Console(sandbox)) == [before]
    assert "KTT-PERSON-02" not in asked(sandbox, "GET", f"/units/{UNIT.key}")[1]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/units/999999999-0301"),
        ("GET", "/requests/99"),
        ("GET", "/requests/99/message.json"),
        ("POST", "/requests/99/replay"),
        ("GET", "/examples/KTT_Vedtak/1/N99"),
        ("POST", "/examples/KTT_Vedtak/2/N01-everyday/send"),
        ("GET", "/rules/KTT-NONE-99"),
        ("GET", "/static/0123456789abcdef/style.css"),
    ],
)
def test_what_is_not_there_is_told_in_words(at_rest: Sandbox, method: str, path: str):
    status, page = asked(at_rest, method, path)
    assert status == 404
    assert page == "Not found\n" or '<a href="/">Til oversikten</a>' in page


@pytest.mark.parametrize("form", ["what=nosuch", "what=503&count=0", "what=503&count=x", "what=slow&seconds=601"])
def test_a_fault_that_cannot_be_made_is_refused_with_the_limits(at_rest: Sandbox, form: str):
    status, page = asked(at_rest, "POST", "/faults", form)
    assert (status, "fra 1 til 1000" in page) == (400, True)
    assert at_rest.control.faults.waiting() == []
