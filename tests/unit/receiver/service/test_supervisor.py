"""The parent of the receiver's processes, with children that do exactly what the test says. They are real processes."""

from __future__ import annotations

import sys
import textwrap
import time
from dataclasses import replace

import pytest

from ktt.receiver.service.errors import WorkerDidNotStart
from ktt.receiver.service.supervisor import Pace, Supervisor

QUICK = Pace(first_delay=0.05, longest_delay=0.2, settled=60.0, silence=60.0, stop=1.0)
ALERT = replace(QUICK, silence=1.5)  # on a busy machine a child may need a second for its first word
PROLOGUE = """
import os, signal, socket, sys, time
link, notes, name = socket.socket(fileno=int(sys.argv[1])), sys.argv[2], sys.argv[3]

def note(words):
    with open(notes, "a") as file:
        file.write(f"{name} {words}\\n")

def starts():
    with open(notes) as file:
        return file.read().count(f"{name} started")

def end_parent():
    os.kill(os.getppid(), signal.SIGTERM)

def polite(*_):
    note("polite")
    sys.exit(0)

signal.signal(signal.SIGTERM, polite)
note("started")
"""
READY = "link.send(b'.')\n"
WAIT = "\nwhile True:\n    time.sleep(0.05)\n    link.send(b'.')\n"


@pytest.fixture
def children(tmp_path):
    """Run the supervisor over children with these programs; gives what they noted."""
    notes = tmp_path / "notes"
    notes.touch()

    def run(pace=QUICK, **programs):
        commands = {}
        for name, program in programs.items():
            script = tmp_path / f"{name}.py"
            script.write_text(PROLOGUE + textwrap.dedent(program))
            fixed = [sys.executable, "-I", "-S", str(script)]
            commands[name] = lambda link, fixed=fixed, name=name: [*fixed, str(link), str(notes), name]
        said = []
        try:
            Supervisor(commands, pace=pace, on_ready=lambda: said.append("ready")).run()
        finally:
            run.noted = notes.read_text().splitlines() + said
        return run.noted

    return run


def test_a_child_that_dies_is_started_again_and_the_others_go_on(children, caplog):
    noted = children(
        steady=READY + WAIT,
        mortal=READY + "if starts() == 3:\n    end_parent()\n" + "else:\n    os.kill(os.getpid(), 9)\n" + WAIT,
    )
    assert noted.count("mortal started") == 3
    assert noted.count("steady started") == 1
    assert noted[-1] == "ready"
    assert {"mortal polite", "steady polite"} <= set(noted)
    dead = [record.getMessage() for record in caplog.records if "DEAD" in record.getMessage()]
    assert len(dead) == 2
    assert "mortal" in dead[0]
    assert "was ended by SIGKILL" in dead[0]
    assert [line.rpartition(" in ")[2] for line in dead] == ["0.1 s", "0.1 s"], "0.05 s, then 0.10 s"


def test_the_delay_grows_to_its_limit(children):
    begun = time.monotonic()
    children(mortal=READY + "if starts() == 6:\n    end_parent()\n" + "else:\n    sys.exit(3)\n" + WAIT)
    assert time.monotonic() - begun >= 0.05 + 0.1 + 0.2 + 0.2 + 0.2


def test_a_child_that_never_gets_ready_ends_the_start(children):
    with pytest.raises(WorkerDidNotStart) as told:
        children(
            steady=READY + WAIT,
            broken="while 'steady started' not in open(notes).read():\n    time.sleep(0.01)\nsys.exit(16)\n",
        )
    assert told.value.facts == {"name": "broken", "ending": "ended with 16"}
    assert "steady polite" in children.noted, "the others are not left behind"


def test_a_child_that_is_killed_while_it_starts_for_the_first_time_is_started_again(children):
    noted = children(mortal="if starts() == 1:\n    os.kill(os.getpid(), 9)\n" + READY + "end_parent()\n" + WAIT)
    assert noted.count("mortal started") == 2
    assert noted[-1] == "ready"


def test_a_child_that_hangs_is_killed_and_started_again(children, caplog):
    noted = children(pace=ALERT, hanging=READY + "if starts() == 1:\n    time.sleep(60)\n" + "end_parent()\n" + WAIT)
    assert noted.count("hanging started") == 2
    assert any("HANGS" in record.getMessage() for record in caplog.records)


def test_a_child_that_is_slow_to_start_is_not_killed_for_it(children, caplog):
    noted = children(
        pace=replace(QUICK, silence=0.5, start=60.0), slow="time.sleep(2)\n" + READY + "end_parent()\n" + WAIT
    )
    assert noted.count("slow started") == 1
    assert noted[-1] == "ready"


def test_a_child_that_hangs_while_it_starts_is_killed_in_the_end(children, caplog):
    hanging = "if starts() == 1:\n    time.sleep(60)\n" + READY + "end_parent()\n" + WAIT
    assert children(pace=replace(QUICK, start=2.0), hanging=hanging).count("hanging started") == 2
    assert any("HANGS" in record.getMessage() for record in caplog.records)


def test_a_child_that_will_not_go_is_made_to(children):
    stubborn = "signal.signal(signal.SIGTERM, lambda *_: note('asked'))\n" + READY + "end_parent()\n" + WAIT
    begun = time.monotonic()
    noted = children(stubborn=stubborn)
    assert "stubborn asked" in noted
    assert time.monotonic() - begun >= 1.0


def test_a_second_signal_ends_the_patience(children):
    patient = Pace(first_delay=0.05, silence=60.0, stop=60.0)
    again = "signal.signal(signal.SIGTERM, lambda *_: end_parent())\n"
    begun = time.monotonic()
    children(pace=patient, stubborn=again + READY + "end_parent()\n" + WAIT)
    assert time.monotonic() - begun < 50.0


def test_children_notice_when_the_parent_is_killed(tmp_path):
    """The link closes; nothing of ours is left to hold the port."""
    import subprocess

    notes = tmp_path / "notes"
    notes.touch()
    child = tmp_path / "child.py"
    child.write_text(PROLOGUE + READY + "note(link.recv(1))\n")
    parent = f"""
import os, sys
from ktt.receiver.service.supervisor import Supervisor
command = lambda link: [{sys.executable!r}, "-I", "-S", {str(child)!r}, str(link), {str(notes)!r}, "child"]
Supervisor({{"child": command}}, on_ready=lambda: os.kill(os.getpid(), 9)).run()
"""
    assert subprocess.run([sys.executable, "-c", parent], check=False).returncode == -9
    until = time.monotonic() + 60
    while "child b''" not in notes.read_text() and time.monotonic() < until:
        time.sleep(0.02)
    assert notes.read_text().splitlines() == ["child started", "child b''"]
