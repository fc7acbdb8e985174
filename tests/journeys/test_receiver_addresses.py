"""A vendor follows the page on the receiver's addresses, word for word, against a sandbox."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ktt.core.clock import SystemClock
from ktt.core.http.client import HttpClient
from ktt.core.http.exchange import Request
from ktt.messages.contract import Accepted, OutgoingMessage
from ktt.messages.register import find
from ktt.sender.client.factory import open_receiver_client
from ktt.sender.settings import SenderSettings
from ktt.testing.sandbox import UNIT, Sandbox
from ktt.testing.sandbox.settings import SandboxSettings

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "mottakets-adresser.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Path]]:
    folder = tmp_path_factory.mktemp("addresses")
    settings = SandboxSettings(folder=folder / "sandbox", helseid_port=0, mottak_port=0)
    with Sandbox(settings, ingest=lambda _inbox: None) as sandbox:
        sandbox.write_sender(folder / "sender")
        yield sandbox, folder


def ahead() -> bytes:
    """The everyday decisions, one of them dated where no decision can be."""
    return find("KTT_Vedtak", "1").examples()["N01-everyday"].replace(b'"2026-01-09"', b'"2031-01-09"', 1)


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
def test_the_open_check_by_curl(running: tuple[Sandbox, Path]):
    sandbox, folder = running
    (commands,) = (block for block in blocks("sh") if "curl" in block)
    script = commands.replace("http://127.0.0.1:8791", sandbox.mottak_url)
    done = subprocess.run(["sh", "-ec", script], cwd=folder, capture_output=True, check=True, timeout=200)
    assert b'"outcome":"accepted"' in done.stdout


def test_validate_and_outstanding_from_python(running: tuple[Sandbox, Path]):
    sandbox, folder = running
    with open_receiver_client(SenderSettings.load(folder / "sender" / "sender.toml"), SystemClock()) as mottak:
        sent = mottak.send(OutgoingMessage(UNIT, "KTT_Vedtak", "1", ahead(), SystemClock().now().date()))
    assert isinstance(sent, Accepted)
    assert sandbox.wait_for_findings()
    (script,) = blocks("python")
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("200 accepted")
    assert "V-2026-0055" in done.stdout
    assert "0 meldinger er ikke kontrollert ennå" in done.stdout


def test_the_sandbox_shows_its_page(running: tuple[Sandbox, Path]):
    http = HttpClient()
    answer = http.exchange(Request("GET", f"{running[0].mottak_url}/swagger"))
    http.close()
    assert answer.status == 200
    assert b"Dette mottaket tar bare imot syntetiske personer." in answer.body
