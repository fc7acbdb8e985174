"""`kill -9` of the receiver at every step of a message's way, from the first header to the moment before the answer:
nothing is lost, nothing is stored twice, the order holds, and the sender needs to do nothing but send again.
"""

from __future__ import annotations

import datetime as dt
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from ktt.core.clock import SystemClock
from ktt.messages.contract import Accepted, NotSent, OutgoingMessage, Unknown
from ktt.messages.register import find
from ktt.receiver.store.inbox import SqlInbox
from ktt.receiver.store.tables import SCHEMA
from ktt.sender.client.factory import open_receiver_client
from ktt.sender.settings import SenderSettings
from ktt.storage.database import Database
from ktt.storage.vault import Vault
from ktt.testing.sandbox import UNIT
from support.receiver_harness import STEPS

POINTS = (*STEPS, "stored")
LAUNCHER = Path(__file__).parents[1] / "support" / "receiver_launcher.py"


class Launcher:
    """A program that starts sandboxes and tells how they ended."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ports = {"helseid_port": free_port(), "mottak_port": free_port()}
        self._program = subprocess.Popen(
            [sys.executable, str(LAUNCHER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(self, step: str, passes: int) -> None:
        order = {"folder": str(self._folder), **self._ports, "step": step, "pass": passes}
        self._program.stdin.write(json.dumps(order) + "\n")
        self._program.stdin.flush()
        assert self._program.stdout.readline() == "up\n"

    def killed(self) -> bool:
        return self._program.stdout.readline() == f"ended {-signal.SIGKILL}\n"

    def close(self) -> None:
        self._program.stdin.close()
        self._program.wait(30)
        self._program.stdout.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def launcher(tmp_path: Path) -> Iterator[Launcher]:
    made = Launcher(tmp_path)
    yield made
    made.close()


def content(number: int) -> bytes:
    """The same decision under another id: a new message."""
    version = find("KTT_Vedtak", "1")
    example = next(body for name, body in version.examples().items() if name.startswith("N"))
    items = orjson.loads(example)
    items[0]["vedtak"][0]["vedtakId"] = f"V-{number}"
    return orjson.dumps(items)


def outgoing(number: int) -> OutgoingMessage:
    return OutgoingMessage(UNIT, "KTT_Vedtak", "1", content(number), dt.date(2026, 3, 2))


def test_killed_at_every_step(tmp_path: Path, launcher: Launcher):
    """Each sandbox takes the message that the last one died over, and dies over the next, one step later."""
    receipts: list[str] = []
    for number, step in enumerate(POINTS):
        launcher.start(step, passes=2)
        with open_receiver_client(SenderSettings.load(tmp_path / "sender" / "sender.toml"), SystemClock()) as mottak:
            again = mottak.send(outgoing(number))
            assert isinstance(again, Accepted), (step, again)
            receipts.append(again.correlation_id)
            lost = mottak.send(outgoing(number + 1))
            assert isinstance(lost, Unknown | NotSent), (step, lost)
        assert launcher.killed(), step
    stored = read(tmp_path)
    assert [payload for _, payload in stored] == [content(number) for number in range(len(POINTS) + 1)]
    assert [correlation for correlation, _ in stored][:-1] == receipts, "each resend was told its first receipt"


def read(folder: Path) -> list[tuple[str, bytes]]:
    """What is in the store, with no process of it alive."""
    database = Database.open(f"sqlite:///{folder / 'receiver.sqlite'}", SCHEMA)
    inbox = SqlInbox(database, Vault.from_file(folder / "receiver.vault"))
    found = [(message.correlation_id, message.payload) for message in inbox.after(0, 100)]
    database.close()
    return found
