"""The clients in `examples/` send to the sandbox: in order, with reasons, and on from where a run was cut off.

A client whose language is not on the machine is skipped. `make soak` asks the whole conformance suite of each.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ktt.testing.conformance.case import Verdict, failures
from ktt.testing.conformance.sender.case import SenderCase
from ktt.testing.conformance.sender.cases import SENDER_CASES
from ktt.testing.conformance.sender.drivers.command import read_command
from ktt.testing.conformance.sender.drivers.command_drivers import (
    MESSAGE_PLACEHOLDERS,
    PLACEHOLDERS,
    MessageCommandDriver,
)
from ktt.testing.conformance.sender.harness import SenderHarness, open_harness
from ktt.testing.conformance.sender.run import run_suite
from ktt.testing.sandbox.faults.faults import read_fault
from support.csharp_client import csharp_client
from support.effort import FULL

EXAMPLES = Path(__file__).parents[2] / "examples"
COMMANDS = {
    "node": ("node", "node/send.mjs"),
    "java": ("java", "java/Send.java"),
    "curl": ("bash", "curl/send.sh"),
}
NEEDED = {"node": ("node",), "java": ("javac",), "curl": ("bash", "curl", "openssl", "jq")}
CSHARP = "csharp"
ORDINARY = {"N102", "N150", "N206", "N212", "N402"}
"""Token, proof and envelope of one ordinary message."""
QUICK = {
    "node": ORDINARY | {"N503", "F822", "F907"},
    "java": ORDINARY | {"N503"},
    "curl": ORDINARY | {"F907"},
    CSHARP: ORDINARY | {"N233", "N503", "F822", "F907"},
}
"""For the fastest also the choice of the key, and the remedies for a refusal."""


@pytest.fixture(scope="module", params=[*COMMANDS, CSHARP])
def words(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    if request.param == CSHARP:
        return csharp_client(tmp_path_factory.mktemp("csharp"))
    missing = [program for program in NEEDED[request.param] if shutil.which(program) is None]
    if missing:
        pytest.skip(f"the machine has no {', '.join(missing)}")
    program, script = COMMANDS[request.param]
    return [program, str(EXAMPLES / script)]


@pytest.fixture
def cases(request: pytest.FixtureRequest, words: list[str]) -> list[SenderCase]:
    """The whole suite with full effort."""
    language = request.node.callspec.params["words"]
    return [case for case in SENDER_CASES if FULL or case.name in QUICK[language]]


@pytest.fixture(scope="module")
def harness(words: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[SenderHarness]:
    text = f"{words[0]} '{words[1]}' {{config}} {{message}} {{type}} {{version}}"
    command = read_command(text, "--run", 120.0, PLACEHOLDERS | MESSAGE_PLACEHOLDERS)
    with open_harness(MessageCommandDriver(command), tmp_path_factory.mktemp("examples")) as opened:
        yield opened


class Outbox:
    """A folder of messages, and the client that sends what is in it."""

    def __init__(self, harness: SenderHarness, words: list[str], folder: Path) -> None:
        self.harness, self.words, self.folder = harness, words, folder
        self.config = folder / "client.json"
        harness.clear_faults()
        harness.sandbox.write_config(self.config)
        self.began = harness.control.recorder.last

    def put(self, number: int, service: str | int) -> None:
        """A message that says that a service was deleted; an id that is a number is not accepted."""
        unit = {"orgNr": 312000008, "kommuneNr": 1114}
        message = [{**unit, "slettTjeneste": [{"tjenesteId": service, "erSlettet": True}]}]
        (self.folder / f"{number:03}.json").write_text(json.dumps(message), encoding="utf-8")

    def send(self) -> subprocess.CompletedProcess[str]:
        files = sorted(str(path) for path in self.folder.glob("[0-9]*.json"))
        command = [*self.words, str(self.config), *files, "KTT_Tjeneste", "1"]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    def statuses(self) -> list[int | None]:
        """What the receiver answered to each message since the beginning."""
        return [one.status for one in self.harness.control.recorder.after(self.began) if one.path == "/message"]

    def fail(self, what: str, count: int = 1) -> None:
        fault = read_fault(what, 0)
        assert fault is not None
        self.harness.control.faults.add(fault, count)


@pytest.fixture
def outbox(harness: SenderHarness, words: list[str], tmp_path: Path) -> Outbox:
    return Outbox(harness, words, tmp_path)


def test_it_stops_at_what_is_rejected_and_goes_on_when_it_is_corrected(outbox: Outbox):
    for number, service in enumerate(("T-1", 12345, "T-3"), start=1):
        outbox.put(number, service)
    ended = outbox.send()
    assert (ended.returncode, outbox.statuses()) == (12, [200, 400]), ended.stderr
    receipt = ended.stdout.split()[1]
    assert ended.stdout.split() == ["001.json", receipt]
    assert "/0/slettTjeneste/0/tjenesteId" in ended.stderr
    assert "12345" not in ended.stderr, "a long number may be a person's"
    outbox.put(2, "T-2")
    ended = outbox.send()
    assert (ended.returncode, outbox.statuses()) == (0, [200, 400, 200, 200]), ended.stderr
    assert [line.split()[0] for line in ended.stdout.splitlines()] == ["001.json", "002.json", "003.json"]
    assert ended.stdout.splitlines()[0].split()[1] == receipt, "the first is not sent again; its receipt is shown"
    outbox.send()
    assert len(outbox.statuses()) == 4, "nothing is left to send"


def test_what_may_have_been_stored_is_sent_again_before_anything_else(outbox: Outbox):
    outbox.put(1, "T-1")
    outbox.fail("lose")
    outbox.fail("500", 3)
    ended = outbox.send()
    assert ended.returncode == 14, ended.stderr
    tries = len(outbox.statuses())
    assert tries == 4
    outbox.put(1, "T-9")
    ended = outbox.send()
    assert (ended.returncode, len(outbox.statuses())) == (12, tries), "other content waits until this is settled"
    outbox.put(1, "T-1")
    outbox.put(2, "T-2")
    ended = outbox.send()
    assert (ended.returncode, outbox.statuses()[tries:]) == (0, [200, 200]), ended.stderr


def test_a_state_that_was_cut_off_in_a_line_is_read(outbox: Outbox):
    outbox.put(1, "T-1")
    assert outbox.send().returncode == 0
    state = outbox.folder / "sent.log"
    whole = state.read_bytes()
    state.write_bytes(whole[:-20])
    ended = outbox.send()
    assert (ended.returncode, outbox.statuses()) == (0, [200, 200]), ended.stderr
    assert ended.stdout.split()[1] in whole.decode(), "the receiver gives the first receipt again"
    if os.name == "posix":
        assert state.stat().st_mode & 0o077 == 0


@pytest.mark.timeout(1800 if FULL else 300)
def test_it_follows_the_protocol(harness: SenderHarness, cases: list[SenderCase]):
    harness.clear_faults()
    results = run_suite(harness, cases)
    assert [(one.case.name, one.reasons) for one in failures(results)] == []
    assert FULL or [one.case.name for one in results if one.verdict is not Verdict.PASSED] == []
