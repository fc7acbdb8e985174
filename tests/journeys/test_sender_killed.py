"""The sender is killed at every step of a message's life, and simply started again.

A real sender in a process of its own, a real record system, and the sandbox's HelseID, receiver and registry. Each run
dies at the next step; what has arrived is looked at after every death. At the end nothing is lost, nothing is stored
twice, and the order is that of a sender that never died.
"""

from __future__ import annotations

import datetime as dt
import multiprocessing
import signal
from pathlib import Path

import pytest

from ktt.sender.outbox.message import State
from ktt.sender.outbox.receipt_chain import verify_receipts
from ktt.sender.settings import SenderSettings
from ktt.testing.sandbox import Sandbox
from ktt.testing.sandbox.settings import SandboxSettings
from ktt.wiring.sender import outbox_from
from support.sender_epj import UNIT, Epj
from support.sender_municipality import MONDAY, open_municipality
from support.sender_process import STEPS, main

TUESDAY = MONDAY + dt.timedelta(days=1)
PROCESSES = multiprocessing.get_context("forkserver")  # a fresh process each time, without 2 s of imports
PROCESSES.set_forkserver_preload(["support.sender_process"])
PERSONS = 5


class Killed:
    """A municipality whose sender dies, and the sandbox it sends to."""

    def __init__(self, folder, sandbox):
        self.epj, self.sandbox = Epj(folder, PERSONS), sandbox
        self.settings = sandbox.write_sender(folder, epj=folder)
        self.epj.log(MONDAY)

    def start(self, kind, on, die=None):
        """A sender process; its exit code, negative when it was killed."""
        order = {"settings": str(self.settings), "kind": kind, "on": str(on), "die": die}
        process = PROCESSES.Process(target=main, args=(order,))
        process.start()
        process.join(timeout=120)
        return process.exitcode

    def accepted(self):
        """Type and payload of everything the receiver has stored, in order."""
        return [(each.message_type, each.payload) for each in self.sandbox.inbox.after(0, 1000)]

    def held(self):
        """The ids that the registry holds per record type."""
        assert self.sandbox.wait_for_ingest()
        now, keys = self.sandbox.registry.current, {"care_service": "service_id", "diagnosis": "diagnosis_id"}
        return {name: set(now(UNIT, name)[key]) for name, key in keys.items()}

    def outbox(self, ask):
        """What the outbox says."""
        with outbox_from(SenderSettings.load(self.settings)) as store:
            return ask(store)


def change_a_day(epj):
    epj.service("T9", "P0", TUESDAY)
    epj.run("DELETE FROM tjeneste WHERE id = 'T1a'")
    epj.run("UPDATE diagnose SET kode = 'A05' WHERE id = 'D2'")
    epj.log(TUESDAY)


@pytest.fixture
def killed(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))  # where the process that forks finds `support`
    folder = tmp_path / "killed"
    folder.mkdir()
    with Sandbox(SandboxSettings(folder=tmp_path / "sandbox", helseid_port=0, mottak_port=0)) as sandbox:
        yield Killed(folder, sandbox)


@pytest.fixture
def spared(tmp_path, clock):
    """The same municipality with a sender that never dies."""
    folder = tmp_path / "spared"
    folder.mkdir()
    with open_municipality(folder, clock, PERSONS) as town:
        yield town


def dies_and_goes_on(killed, kind, on, wanted, deaths):
    for step, count in deaths:
        assert killed.start(kind, on, die=(step, count)) == -signal.SIGKILL, step
        arrived = killed.accepted()
        assert arrived == wanted[: len(arrived)], step
    assert killed.start(kind, on) == 0
    assert killed.accepted() == wanted


@pytest.mark.timeout(300)
def test_killed_at_every_step_the_load_and_the_day_arrive_whole_once_and_in_order(killed, spared):
    spared.load().check()
    wanted = spared.registry.accepted()
    assert len(wanted) > len(STEPS) + 2
    # Of each dispatch only the first message is marked by itself; the next is marked as the one before is settled.
    dies_and_goes_on(killed, "load", MONDAY, wanted, [(step, 1 if step == "marking" else 2) for step in STEPS])

    change_a_day(killed.epj)
    change_a_day(spared.epj)
    spared.daily().check()
    wanted = spared.registry.accepted()
    dies_and_goes_on(killed, "daily", TUESDAY, wanted, [("enqueuing", 1), ("sent", 1), ("committing", 1)])
    assert killed.held() == spared.registry.state()
    assert "T1a" not in killed.held()["care_service"]

    messages = killed.outbox(lambda store: store.messages(UNIT))
    assert {message.state for message in messages} == {State.DELIVERED}
    assert sum(message.attempts for message in messages) > len(wanted)  # some were sent twice, none was stored twice
    assert killed.outbox(lambda store: verify_receipts(UNIT, store.receipts(UNIT))) == len(wanted)
