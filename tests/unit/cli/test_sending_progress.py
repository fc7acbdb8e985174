"""What is told while a run sends: how much of all, how fast, how long is left; in the log at most once a minute."""

from __future__ import annotations

import json
import logging
from types import SimpleNamespace

import pytest

from ktt.cli.sender.sending_progress import SendingProgress
from ktt.core.log.handler import attach


class Clock:
    seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def log_as_attached():
    """The levels of the program's log, put back: to speak up is for a whole process."""
    attach()
    root = logging.getLogger("ktt")
    before = root.level, [(handler, handler.level) for handler in root.handlers]
    yield
    root.setLevel(before[0])
    for handler, level in before[1]:
        handler.setLevel(level)


@pytest.fixture
def told(monkeypatch):
    monkeypatch.setenv("KTT_LANG", "nb")
    clock, seen = Clock(), []
    progress = SendingProgress(lambda done, total=None, text="": seen.append((done, total, text)), clock)
    return clock, seen, progress


def message(records):
    return SimpleNamespace(period="2019-03", message_type="KTT_Vedtak", upserts=records - 1, deletions=1)


def test_what_is_left_of_an_earlier_run_is_sent_before_it_is_known_how_much_there_is(told):
    clock, seen, progress = told
    progress.delivered(message(10))
    progress.planned(1_000)
    clock.seconds += 2
    progress.delivered(message(100))
    clock.seconds += 8
    progress.delivered(message(100))
    assert seen == [
        (10, None, "2019-03 KTT_Vedtak"),
        (100, 1_000, "2019-03 KTT_Vedtak"),
        (200, 1_000, "2019-03 KTT_Vedtak, 20 poster i sekundet, 40 sekunder igjen"),
    ]


@pytest.mark.usefixtures("log_as_attached")
def test_without_a_terminal_a_line_a_minute_is_logged(told, capsys, monkeypatch):
    monkeypatch.delenv("KTT_LOG", raising=False)
    clock, _, progress = told
    progress.planned(10_000)
    for _ in range(180):
        clock.seconds += 1
        progress.delivered(message(10))
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == [
        f"{n} messages, {n * 10} of 10000 records: 2019-03 KTT_Vedtak, 10 records a second, {left} left"
        for n, left in ((60, "16 minutes"), (120, "15 minutes"), (180, "14 minutes"))
    ]


def test_on_a_terminal_nothing_is_logged(told, capsys, monkeypatch):
    clock, seen, progress = told
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    clock.seconds = 90
    progress.delivered(message(10))
    assert len(seen) == 1
    assert capsys.readouterr().err == ""
