"""Every log line of the program is JSON on stderr, and no personal number gets through."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from ktt.core.log.handler import JsonLines, attach

PERSON, DUF = "08844110015", "201812345678"


@pytest.fixture
def root():
    logger = logging.getLogger("ktt")
    before = (list(logger.handlers), logger.level)
    logger.handlers = [one for one in before[0] if not isinstance(one, JsonLines)]  # one that earlier commands attached
    yield logger
    logger.handlers, logger.level = before
    for handler in [one for one in logging.getLogger().handlers if isinstance(one, JsonLines)]:
        logging.getLogger().removeHandler(handler)


def test_a_line_says_when_where_and_what(capsys):
    name, args = "ktt.receiver.pipeline.checks", ("312000008 æøå",)
    record = logging.LogRecord(name, logging.WARNING, "", 0, "refused %s", args, None)
    record.created = 1772431200.5
    JsonLines().handle(record)
    assert capsys.readouterr().err == (
        '{"at": "2026-03-02T06:00:00.500+00:00", "level": "warning", "component": "receiver", '
        '"event": "refused 312000008 æøå"}\n'
    )


@pytest.mark.parametrize("number", [PERSON, DUF, int(PERSON.lstrip("0") + "0")])
@pytest.mark.parametrize("shape", ["%s", "id %s was", "F%sX", "[%s]\n"])
def test_a_number_in_an_event_is_masked(root, capsys, number, shape):
    attach()
    logging.getLogger("ktt.receiver").error(shape, number)
    shown = capsys.readouterr().err
    assert str(number) not in shown
    assert shown.count("\n") == 1
    assert "•••" in json.loads(shown)["event"]


def test_a_fault_is_named_by_its_type_alone(root, capsys):
    attach()
    try:
        int(PERSON + "x")  # its text quotes what it was given
    except ValueError:
        logging.getLogger("ktt.registry").exception("stopped")
    shown = capsys.readouterr().err
    assert json.loads(shown)["error"] == "ValueError"
    assert PERSON not in shown


@pytest.mark.parametrize(("level", "lines"), [("", 0), ("info", 1), ("no such level", 0)])
def test_how_much_is_written_is_chosen(root, capsys, monkeypatch, level, lines):
    monkeypatch.setenv("KTT_LOG", level)
    attach()
    logging.getLogger("ktt.sender.outbox").info("delivered")
    assert len(capsys.readouterr().err.splitlines()) == lines


def test_it_is_attached_once(root):
    attach()
    attach()
    assert sum(isinstance(one, JsonLines) for one in root.handlers) == 1


def test_what_a_library_says_is_a_line_too_without_what_it_was_given(root, capsys):
    attach()
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: ValueError(%s)", PERSON)
    logging.getLogger("uvicorn.error").info("Started")
    logging.getLogger("ktt.receiver").error("once")
    shown = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["component"], line["event"]) for line in shown] == [
        ("uvicorn", "Invalid HTTP request received."),
        ("asyncio", "Task exception was never retrieved"),
        ("receiver", "once"),
    ]


def test_a_line_goes_to_standard_error_as_it_is_now(root, capsys):
    attach()
    with contextlib.redirect_stderr(io.StringIO()) as elsewhere:
        logging.getLogger("ktt.sender").error("first")
    logging.getLogger("ktt.sender").error("second")
    assert json.loads(elsewhere.getvalue())["event"] == "first"
    assert json.loads(capsys.readouterr().err)["event"] == "second"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
def test_a_log_that_cannot_be_written_stops_nobody():
    write = (
        "from ktt.core.log.handler import attach; attach(); import logging; logging.getLogger('ktt.x').error('lost')"
    )
    go_on = "print('went on')"
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-c", f"{write}\n{go_on}"]
        ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=full, text=True, check=False)
    assert ended.stdout == "went on\n"
