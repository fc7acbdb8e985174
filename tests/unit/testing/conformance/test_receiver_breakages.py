"""Receiver cases can fail: our receiver is broken in one way at a time, and the case about that way says so."""

from __future__ import annotations

import pytest

from ktt.core.settings import SandboxSettings
from ktt.testing.conformance.case import Verdict, chosen
from ktt.testing.conformance.receiver.cases import RECEIVER_CASES
from ktt.testing.conformance.receiver.run import play
from ktt.testing.conformance.receiver.target import read_target
from ktt.testing.sandbox.sandbox import Sandbox
from support.broken_receiver import BREAKAGES, Breakage, before


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    """A receiver with a door; what the door does is put in the list."""
    folder, now = tmp_path_factory.mktemp("broken"), [Breakage("")]

    def door(app, service):
        async def through(scope, receive, send):
            await before(now[0])(app, service)(scope, receive, send)

        return through

    settings = SandboxSettings(folder=folder / "sandbox", helseid_port=0, mottak_port=0)
    with Sandbox(settings, door=door, ingest=lambda _inbox: None) as sandbox:
        sandbox.write_config(folder / "client.json")
        yield now, read_target(folder / "client.json", {})


@pytest.mark.parametrize("name", BREAKAGES)
def test_a_breakage_is_seen_and_nothing_when_it_is_mended(broken, name: str):
    now, target = broken
    cases = chosen(RECEIVER_CASES, BREAKAGES[name].case)
    now[0] = Breakage("")
    assert [one.verdict for one in play(target, cases)] == [Verdict.PASSED]
    now[0] = BREAKAGES[name]
    assert [one.verdict for one in play(target, cases)] == [Verdict.FAILED]
