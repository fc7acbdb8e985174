"""Installing, reading back and taking out: in an order that leaves nothing half, and safe to do twice."""

from __future__ import annotations

import dataclasses
import sys

import pytest

from ktt.sender.agent import systemd
from ktt.sender.agent.errors import (
    AccountNeeded,
    CommandRefused,
    NoSuchAccount,
    NotAllowed,
    NotAsAsked,
    TooMighty,
)
from ktt.sender.agent.installation import Installation, check_account
from ktt.sender.agent.scheduler import Answer
from ktt.sender.agent.systemd import Systemd
from ktt.sender.agent.task_scheduler import TaskScheduler
from support.agent_jobs import ON_LINUX, ON_WINDOWS, Machine

from .test_systemd import AS_ASKED, GONE

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="writes systemd's files")
JOB = dataclasses.replace(ON_LINUX, account="daemon")
RIGHT = AS_ASKED.replace("User=ktt", "User=daemon")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(systemd, "FOLDER", tmp_path)
    return tmp_path


def installation(said, **answers):
    machine = Machine({"show": Answer(0, said), **answers})
    return Installation(JOB, Systemd(), machine.give), machine


def test_installed_enabled_and_read_back(folder):
    one, machine = installation(RIGHT)
    assert one.install().differences == []
    assert sorted(path.name for path in folder.iterdir()) == [f"{JOB.name}.service", f"{JOB.name}.timer"]
    assert [command[:2] for command in machine.given] == [
        ("systemctl", "daemon-reload"),
        ("systemctl", "enable"),
        ("systemctl", "show"),
    ]
    written = {path: path.read_bytes() for path in folder.iterdir()}
    one.install()
    assert written == {path: path.read_bytes() for path in folder.iterdir()}


def test_what_was_made_of_it_is_what_counts(folder):
    one, _ = installation(RIGHT.replace("Persistent=yes", "Persistent=no"))
    with pytest.raises(NotAsAsked, match=r"timer\.Persistent is “no”, should be “yes”"):
        one.install()
    one, _ = installation(GONE)
    with pytest.raises(NotAsAsked, match="not set up"):
        one.install()


def test_a_command_that_is_refused_is_told_in_its_own_words(folder):
    one, _ = installation(RIGHT, enable=Answer(1, "Failed to enable unit: Access denied\nmore"))
    with pytest.raises(CommandRefused, match=r"systemctl enable .* code 1: Failed to enable unit: Access denied$"):
        one.install()


def test_files_that_may_not_be_written_are_told(folder, monkeypatch):
    monkeypatch.setattr(systemd, "FOLDER", folder / "away")
    one, machine = installation(RIGHT)
    with pytest.raises(NotAllowed):
        one.install()
    assert machine.given == []


def test_taken_out_and_nothing_else(folder):
    (folder / "other.timer").touch()
    one, machine = installation(RIGHT)
    one.install()
    assert one.uninstall()
    assert [path.name for path in folder.iterdir()] == ["other.timer"]
    assert [command[1] for command in machine.given[-3:]] == ["show", "disable", "daemon-reload"]
    one, machine = installation(GONE)
    assert not one.uninstall()
    assert [command[1] for command in machine.given] == ["show"]


@pytest.mark.parametrize(
    ("job", "scheduler", "account", "fault"),
    [
        (ON_LINUX, Systemd, "root", TooMighty),
        (ON_LINUX, Systemd, "no-such-account", NoSuchAccount),
        (ON_WINDOWS, TaskScheduler, "ktt", AccountNeeded),
        (ON_WINDOWS, TaskScheduler, "NT AUTHORITY\\SYSTEM", TooMighty),
        (ON_WINDOWS, TaskScheduler, "KOMMUNE\\Administrator", TooMighty),
    ],
)
def test_an_account_that_will_not_do(job, scheduler, account, fault):
    with pytest.raises(fault):
        check_account(dataclasses.replace(job, account=account), scheduler())


def test_an_account_of_its_own_will_do():
    check_account(dataclasses.replace(ON_LINUX, account="daemon"), Systemd())
    check_account(ON_WINDOWS, TaskScheduler())
