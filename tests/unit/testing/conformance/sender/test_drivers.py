"""How a sender is driven: as a command given messages, as a command with messages of its own, and listened to."""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path

import pytest

from ktt.testing.conformance.case import Verdict, select_cases
from ktt.testing.conformance.errors import CommandUnusable
from ktt.testing.conformance.sender.cases import SENDER_CASES
from ktt.testing.conformance.sender.drivers.command import read_command
from ktt.testing.conformance.sender.drivers.command_drivers import (
    MESSAGE_PLACEHOLDERS,
    PLACEHOLDERS,
    PREPARE_PLACEHOLDERS,
    CommandDriver,
    MessageCommandDriver,
    command_driver,
)
from ktt.testing.conformance.sender.drivers.driver import Ability
from ktt.testing.conformance.sender.drivers.listening_driver import ListeningDriver
from ktt.testing.conformance.sender.harness import SetupFiles, open_harness
from ktt.testing.conformance.sender.run import run_suite
from support import scripted_sender
from support.scripted_driver import ScriptedDriver
from support.scripted_sender import Client

SCRIPT = f'"{sys.executable}" "{scripted_sender.__file__}" {{config}} {{message}} {{type}} {{version}} {{dato}}'


def command(text: str, timeout: float = 30.0):
    return read_command(text, "--run", timeout, PLACEHOLDERS | MESSAGE_PLACEHOLDERS | PREPARE_PLACEHOLDERS)


@pytest.fixture(scope="module")
def harness(tmp_path_factory):
    folder = tmp_path_factory.mktemp("harness")
    with open_harness(
        ScriptedDriver(), folder, files=SetupFiles(config=folder / "given.json", fhi_client=folder / "fhi")
    ) as running:
        yield running


def played(harness, driver, names: str) -> dict:
    harness.driver = driver
    return {one.case.name: one for one in run_suite(harness, select_cases(SENDER_CASES, names))}


def test_a_command_that_is_given_messages(harness):
    driver = command_driver(command(SCRIPT), None)
    assert isinstance(driver, MessageCommandDriver)
    results = played(harness, driver, "N200,N230,F803,F921,N713,N700")
    assert {name: one.verdict.value for name, one in results.items()} == {
        "N200": "passed",
        "N230": "passed",
        "F803": "passed",
        "F921": "passed",
        "N713": "passed",
        "N700": "skipped",
    }
    assert results["N700"].reasons == (Ability.QUEUE.value,)
    assert [run["exit_code"] for run in results["F803"].runs] == [3, 0, 0]
    assert harness.files.config.stat().st_mode & 0o777 == 0o600
    assert {path.name for path in harness.files.fhi_client.iterdir()} == {"appsettings.json", "client.json"}


def test_a_command_that_is_broken_fails(harness):
    results = played(harness, command_driver(command(f'{SCRIPT} "no ath"'), None), "N212")
    assert results["N212"].verdict is Verdict.FAILED


OWN = """
import json, pathlib, sys
sys.path.insert(0, {support!r})
from scripted_sender import main
waiting = pathlib.Path({folder!r})
if sys.argv[1] == "prepare":
    if sys.argv[2] == "begin":
        for old in waiting.glob("*.json"):
            old.unlink()
    elif sys.argv[2] != "new":
        sys.exit(9)
    for number in range(int(sys.argv[3])):
        unit = dict(orgNr=312000008, kommuneNr=1114, slettTjeneste=[dict(tjenesteId=f"K-{{number}}", erSlettet=True)])
        (waiting / f"{{number}}.json").write_text(json.dumps([unit]))
else:
    for path in sorted(waiting.glob("*.json")):
        if main([sys.argv[2], str(path), "KTT_Tjeneste", "1", "02.03.2026"]) != 0:
            sys.exit(3)
        path.unlink()
"""


def test_a_command_with_messages_of_its_own(harness, tmp_path):
    program, waiting = tmp_path / "own.py", tmp_path / "waiting"
    waiting.mkdir()
    program.write_text(
        OWN.format(support=str(Path(scripted_sender.__file__).parent), folder=str(waiting)), encoding="utf-8"
    )
    run = command(f'"{sys.executable}" "{program}" send {{config}}')
    prepare = command(f'"{sys.executable}" "{program}" prepare {{wish}} {{count}}')
    driver = command_driver(run, prepare)
    assert isinstance(driver, CommandDriver)
    results = played(harness, driver, "N700,F816,F818,N608")
    assert {name: one.verdict.value for name, one in results.items()} == {
        "N700": "passed",
        "F816": "passed",
        "F818": "passed",
        "N608": "skipped",
    }
    assert "letters" in results["N608"].reasons[0].en


def test_without_prepare_nothing_can_be_wished_for(harness):
    results = played(harness, command_driver(command(f'"{sys.executable}" -c pass'), None), "N200")
    assert results["N200"].verdict is Verdict.SKIPPED
    assert "--prepare" in results["N200"].reasons[0].en


def test_a_sender_that_sends_nothing_is_not_judged(harness):
    results = played(
        harness, command_driver(command(f'"{sys.executable}" -c pass {{message}}'), None), "N200,F500,N904"
    )
    assert {one.verdict for one in results.values()} == {Verdict.SKIPPED}


def test_a_command_that_never_ends_is_ended_and_its_children_too(harness, tmp_path):
    program = tmp_path / "hang.py"
    alive = tmp_path / "alive"
    child = f"import time, pathlib\nwhile True:\n pathlib.Path({str(alive)!r}).touch(); time.sleep(0.05)"
    program.write_text(
        f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {child!r}]).wait()", encoding="utf-8"
    )
    began = time.monotonic()
    run = command(f'"{sys.executable}" "{program}"', timeout=1.5).run({}, 0)
    assert (run.timed_out, run.exit_code) == (True, None)
    assert time.monotonic() - began < 60
    alive.unlink(missing_ok=True)
    time.sleep(0.3)
    assert not alive.exists()


def test_what_a_command_says_is_kept_without_numbers():
    run = command(f'"{sys.executable}" -c "print(\'x\' * 5000, 23915820158)"').run({}, 0)
    assert len(run.output) <= 2000
    assert run.output.rstrip().endswith("•••")
    assert "23915820158" not in run.output


@pytest.mark.parametrize("text", ["", "   ", "send {strange}", 'send "unclosed', "send {config"])
def test_a_command_that_cannot_be_read(text: str):
    with pytest.raises(CommandUnusable):
        command(text)


def test_a_command_that_cannot_be_started(tmp_path):
    with pytest.raises(CommandUnusable):
        command(str(tmp_path / "missing")).run({}, 0)


def test_braces_are_doubled():
    assert command("x {{a}} {config}").placeholders == {"config"}


class Resident(threading.Thread):
    """A sender that never ends: it sends when someone has told it to, and tries again until it is delivered."""

    def __init__(self, config: Path) -> None:
        super().__init__(daemon=True)
        self.config, self.orders, self.stopping = config, 0, threading.Event()

    def told(self, text) -> None:
        if text.en.startswith("Have "):
            self.orders += int(next(word for word in text.en.split() if word.isdigit()))

    def run(self) -> None:
        line = 0
        while not self.stopping.wait(0.02):
            if not self.orders:
                continue
            client = Client(json.loads(self.config.read_text(encoding="utf-8")))
            line += 1
            service = {"tjenesteId": f"R-{id(self)}-{line}", "erSlettet": True}
            content = json.dumps([{"orgNr": 312000008, "kommuneNr": 1114, "slettTjeneste": [service]}]).encode()
            while not self.stopping.wait(0.02):
                answer = client.post(client.seal(content), "KTT_Tjeneste", "1", "02.03.2026")
                if scripted_sender.receipt(answer):
                    break
            self.orders -= 1


def test_a_sender_that_is_not_ours_to_start(harness):
    resident = Resident(harness.files.config)
    messages = []

    def tell(text) -> None:
        messages.append(text)
        resident.told(text)

    resident.start()
    try:
        results = played(harness, ListeningDriver(tell, wait=60.0, quiet=1.0), "N200,N700,F803,F819")
    finally:
        resident.stopping.set()
        resident.join(5)
    assert {name: one.verdict.value for name, one in results.items()} == {
        "N200": "passed",
        "N700": "passed",
        "F803": "passed",
        "F819": "skipped",
    }
    assert any("Venter" in text.nb for text in messages)


def test_listening_ends_when_nothing_comes(harness):
    began = time.monotonic()
    results = played(harness, ListeningDriver(lambda _text: None, wait=1.0, quiet=0.2), "N200")
    assert results["N200"].verdict is Verdict.SKIPPED
    assert 0.9 <= time.monotonic() - began < 60
