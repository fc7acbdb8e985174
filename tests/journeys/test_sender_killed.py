"""The sender is killed at every step of a message's life, and simply started again.

A real sender in a process of its own, a real record system, a real registry behind HTTP. Each run dies at the next step;
the registry is looked at after every death. At the end nothing is lost, nothing is stored twice, and the order is that
of a sender that never died.
"""

from __future__ import annotations

import datetime as dt
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ktt.outbox.chain import verify
from ktt.outbox.message import State
from support.sender_epj import UNIT, Epj
from support.sender_process import STEPS, open_sender, run
from support.sender_registry import running_registry

MONDAY, TUESDAY = dt.date(2026, 3, 2), dt.date(2026, 3, 3)
TESTS = Path(__file__).parents[1]


class World:
    """One municipality with its record system, its line and a registry."""

    def __init__(self, folder, registry):
        self.folder, self.registry = folder, registry
        self.epj = Epj(folder, persons=5)
        self.epj.log(MONDAY)

    def start(self, kind, on, die=None):
        """A sender process; its exit code, negative when it was killed."""
        order = {"folder": str(self.folder), "registry": self.registry.url, "kind": kind, "on": str(on), "die": die}
        command = [sys.executable, "-W", "error", "-m", "support.sender_process", json.dumps(order)]
        done = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, timeout=60, check=False)
        assert done.stderr == ""
        return done.returncode

    def look(self, ask):
        """What the line says, by a fresh connection."""
        sender, database = open_sender(self.folder, self.registry.url)
        try:
            return ask(sender.store)
        finally:
            database.close()

    def change_a_day(self):
        self.epj.service("T9", "P0", dt.date(2026, 3, 2))
        self.epj.run("DELETE FROM tjeneste WHERE id = 'T1a'")
        self.epj.run("UPDATE diagnose SET kode = 'A05' WHERE id = 'D2'")
        self.epj.log(TUESDAY)


@pytest.fixture
def worlds(tmp_path):
    """A world that will be killed in, and its twin that never is."""
    folders = [tmp_path / name for name in ("killed", "spared")]
    for folder in folders:
        folder.mkdir()
    with running_registry(tmp_path / "killed.inbox") as first, running_registry(tmp_path / "spared.inbox") as second:
        yield World(folders[0], first), World(folders[1], second)


def spare(world, kind, on):
    """The same run, in this process, without a death."""
    sender, database = open_sender(world.folder, world.registry.url)
    run(sender, kind, on).check()
    database.close()
    return world.registry.accepted()


def test_killed_at_every_step_the_load_and_the_day_arrive_whole_once_and_in_order(worlds):
    killed, spared = worlds
    wanted = spare(spared, "load", MONDAY)
    assert len(wanted) > len(STEPS) + 2
    for step in STEPS:
        assert killed.start("load", MONDAY, die=(step, 2)) == -signal.SIGKILL, step
        arrived = killed.registry.accepted()
        assert arrived == wanted[: len(arrived)], step
    assert killed.start("load", MONDAY) == 0
    assert killed.registry.accepted() == wanted
    assert killed.registry.posts > len(wanted)  # some were sent twice, none was stored twice

    for world in worlds:
        world.change_a_day()
    wanted = spare(spared, "daily", TUESDAY)
    for step in ("enqueuing", "sent", "committing"):
        assert killed.start("daily", TUESDAY, die=(step, 1)) == -signal.SIGKILL, step
        arrived = killed.registry.accepted()
        assert arrived == wanted[: len(arrived)], step
    assert killed.start("daily", TUESDAY) == 0
    assert killed.registry.accepted() == wanted
    assert killed.registry.state() == spared.registry.state()
    assert "T1a" not in killed.registry.state()["care_service"]

    messages = killed.look(lambda store: store.messages(UNIT))
    assert {message.state for message in messages} == {State.DELIVERED}
    assert killed.look(lambda store: verify(UNIT, store.receipts(UNIT))) == len(wanted)
