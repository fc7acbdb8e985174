"""The front of the command line: quick, bilingual, and a fault is told, never thrown at anyone."""

from __future__ import annotations

import json
import subprocess
import sys
from types import ModuleType

import pytest
import typer

from ktt.cli import app
from ktt.cli.show import JsonFlag, emit
from ktt.core.errors import EXIT_QUEUE, KttError
from ktt.core.text import Text

PERSON = "41815012345"  # eleven digits, month + 80


class LineStands(KttError):
    """A fault for these tests."""

    code, exit_code = "KTT-TST-01", EXIT_QUEUE
    what = Text(nb="Køen står ved {sequence}.", en="The line stands at {sequence}.")
    remedy = Text(nb="Rett {sequence}.", en="Correct {sequence}.")


@pytest.fixture
def command(monkeypatch):
    """Put a function in the table of contents as `ktt probe`."""

    def put(function):
        module = ModuleType("probe")
        module.probe = function
        monkeypatch.setitem(sys.modules, "probe", module)
        monkeypatch.setitem(app.COMMANDS, "probe", ("probe:probe", Text(nb="Prøv.", en="Try.")))

    return put


@pytest.fixture(params=["nb", "en"])
def spoken(request, monkeypatch):
    monkeypatch.setenv("KTT_LANG", request.param)
    return request.param


def raising(fault):
    def probe(*, json: JsonFlag = False) -> None:
        raise fault

    return probe


def test_every_command_is_in_the_help_in_the_language_that_was_chosen(spoken, capsys):
    assert app.run([]) == 0
    shown = capsys.readouterr().out
    for name, (_place, says) in app.COMMANDS.items():
        assert name in shown
        assert says.in_(spoken) in shown, f"the help of {name} is cut off"


def test_help_takes_half_a_second_of_processor_time_and_reads_no_frames():
    code = "import sys; from ktt.cli.app import run; run(['--help']); print('polars' in sys.modules, 'rich' in sys.modules)"
    best = min(_seconds([sys.executable, "-c", code]) for _ in range(3))
    assert best < 0.5
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.endswith("False False\n")


def _seconds(run):
    """Processor seconds of the child: what else runs on the machine does not count."""
    *start, code = run
    told = subprocess.run([*start, f"{code}; import time; print(time.process_time())"], capture_output=True, check=True)
    return float(told.stdout.split()[-1])


@pytest.mark.parametrize("name", app.COMMANDS)
def test_every_command_can_be_fetched_and_explains_itself(name):
    fetched = app.fetch(name)
    for one in (fetched, *getattr(fetched, "commands", {}).values()):
        assert one.help


def test_a_known_fault_is_two_lines_on_stderr_with_its_own_exit_code(command, spoken, capsys):
    command(raising(LineStands(sequence=7)))
    assert app.run(["probe"]) == EXIT_QUEUE
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == {
        "nb": "KTT-TST-01: Køen står ved 7.\nRett 7.\n",
        "en": "KTT-TST-01: The line stands at 7.\nCorrect 7.\n",
    }[spoken]  # fmt: skip


def test_a_known_fault_with_json_is_one_object_in_both_languages(command, capsys):
    command(raising(LineStands(sequence=7)))
    assert app.run(["probe", "--json"]) == EXIT_QUEUE
    assert json.loads(capsys.readouterr().err) == {
        "code": "KTT-TST-01",
        "what": {"nb": "Køen står ved 7.", "en": "The line stands at 7."},
        "remedy": {"nb": "Rett 7.", "en": "Correct 7."},
        "exit_code": EXIT_QUEUE,
    }


@pytest.mark.parametrize("debug", ["", "1"])
@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_an_unforeseen_fault_shows_its_kind_and_never_its_values(command, monkeypatch, capsys, flags, debug):
    monkeypatch.setenv("KTT_DEBUG", debug)
    command(raising(ValueError(f"Kari {PERSON}")))
    assert app.run(["probe", *flags]) == 1
    told = capsys.readouterr().err
    assert "KTT-000" in told
    assert "ValueError" in told
    assert "KTT_DEBUG=1" in told
    assert "Kari" not in told
    assert PERSON not in told
    assert ("in probe" in told) == bool(debug)


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["nosuch"], "nosuch"),
        (["versio"], "version"),  # what was meant
        (["version", "--jsn"], "--jsn"),
        (["messages", "show"], "TYPE"),
    ],
)
def test_a_misused_command_is_a_known_fault(arguments, names, capsys):
    assert app.run(arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("KTT-CLI-01")
    assert names in told.err


def test_a_number_typed_as_an_argument_is_not_repeated(capsys):
    app.run(["version", PERSON])
    app.run(["version", PERSON, "--json"])
    assert PERSON not in capsys.readouterr().err


def test_ctrl_c_ends_quietly_with_130(command, capsys):
    command(raising(KeyboardInterrupt()))
    assert app.run(["probe"]) == 130
    assert capsys.readouterr() == ("", "")


def test_a_command_chooses_its_exit_code_by_returning_or_leaving(command):
    def returns(*, json: JsonFlag = False) -> int:
        return 3

    def leaves(*, json: JsonFlag = False) -> None:
        raise typer.Exit(4)

    command(returns)
    assert app.run(["probe"]) == 3
    command(leaves)
    assert app.run(["probe"]) == 4


def test_json_is_all_there_is_on_stdout(command, capsys):
    def probe(*, json: JsonFlag = False) -> None:
        emit({"count": 3}, json=json, render=lambda: "three")

    command(probe)
    app.run(["probe"])
    assert capsys.readouterr() == ("three\n", "")
    app.run(["probe", "--json"])
    told = capsys.readouterr()
    assert json.loads(told.out) == {"count": 3}
    assert told.err == ""


def test_the_installed_command_is_this_one():
    shown = subprocess.run([sys.executable, "-m", "ktt", "version", "--json"], capture_output=True, check=True).stdout
    assert json.loads(shown)["ktt"]
