"""The rooms' own log lines end in the one log, and no number gets through."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from ktt.core.log.bridge import Bridge, attach

PERSON = "08844110015"


@pytest.fixture
def root():
    logger = logging.getLogger("ktt")
    before = (list(logger.handlers), logger.level)
    logger.handlers = [one for one in before[0] if not isinstance(one, Bridge)]  # one that earlier commands attached
    yield logger
    logger.handlers, logger.level = before


def test_a_line_is_json_with_its_room_and_without_numbers(root, capsys, monkeypatch):
    monkeypatch.delenv("KTT_LOG", raising=False)
    attach()
    logging.getLogger("ktt.receiver.pipeline.checks").warning("refused %s", PERSON)
    shown = json.loads(capsys.readouterr().err)
    assert (shown["room"], shown["level"]) == ("receiver", "warning")
    assert PERSON not in str(shown)


def test_a_fault_is_named_by_its_type_alone(root, capsys):
    attach()
    try:
        int(PERSON + "x")  # its text quotes what it was given
    except ValueError:
        logging.getLogger("ktt.registry").exception("stopped")
    shown = capsys.readouterr().err
    assert json.loads(shown)["error"] == "ValueError"
    assert PERSON not in shown


@pytest.mark.parametrize(("said", "lines"), [("", 0), ("info", 1)])
def test_how_much_is_said_is_chosen(root, capsys, monkeypatch, said, lines):
    monkeypatch.setenv("KTT_LOG", said)
    attach()
    logging.getLogger("ktt.sender.outbox").info("delivered")
    assert len(capsys.readouterr().err.splitlines()) == lines


def test_it_is_attached_once(root):
    attach()
    attach()
    assert sum(isinstance(one, Bridge) for one in root.handlers) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
def test_a_log_that_cannot_be_written_stops_nobody():
    say = "from ktt.core.log.bridge import attach; attach(); import logging; logging.getLogger('ktt.x').error('lost')"
    go_on = "print('went on')"
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-c", f"{say}\n{go_on}"]
        ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=full, text=True, check=False)
    assert ended.stdout == "went on\n"
