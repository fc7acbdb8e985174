"""One form of each option over all commands of `ktt registry`: the same name means the same, and each has those it should.

The table says what each command is asked with. A new command gets a line in it, and with that an answer to each question.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from ktt.cli.registry.registry import app

PLACE = {"--config", "--folder"}
AS_OF = {"--day", "--known-at"}
PERIOD = {"--since", "--until"}
ROWS = {"--csv", "--parquet"}
UNIT = {"--unit"}
SHARED = PLACE | AS_OF | PERIOD | ROWS | UNIT | {"--json", "--vendor"}
ALWAYS = {"--json", "--config"}
COMMANDS: dict[str, set[str]] = {
    "status": PLACE | AS_OF | ROWS,  # the whole registry; `units` is each
    "units": PLACE | AS_OF | ROWS | UNIT,
    "coverage": PLACE | AS_OF | ROWS | UNIT | {"--vendor"},
    "silent": PLACE | AS_OF | ROWS | UNIT | {"--vendor"},
    "received": PLACE | AS_OF | ROWS | UNIT,
    "acceptance": PLACE | ROWS | UNIT | PERIOD | {"--day"},  # the receiver's log: what came is never corrected
    "declare": PLACE,
    "undeclare": PLACE,
    "declarations": PLACE | ROWS | UNIT,
    "quality": PLACE | AS_OF | ROWS | UNIT | {"--since"},  # over time, until the day
    "outliers": PLACE | AS_OF | ROWS | UNIT,
    "rules": PLACE | ROWS | UNIT | {"--day", "--vendor"},  # findings are as they are known now
    "annual-control": PLACE | AS_OF | ROWS | UNIT,
    "person": PLACE | AS_OF | ROWS,
    "look-ups": PLACE | ROWS | PERIOD | {"--day"},
    "reidentify": PLACE | {"--csv"},  # numbers are not to be written to a file
    "innsyn": PLACE,
    "delete-person": PLACE,
    "merge-persons": PLACE,
    "rotate-keys": set(),  # of a receiver that stays; a sandbox is reset, saved and restored
    "backup": set(),
    "restore": {"--until"},
    "held": PLACE | ROWS | UNIT,
    "release": PLACE,
    "verify": PLACE | ROWS,  # whether all of it holds together
    "reprocess": PLACE | ROWS | UNIT,
    "cases": PLACE | ROWS | UNIT,
    "cases open": PLACE | ROWS | UNIT | {"--day"},
    "cases check": PLACE | ROWS | UNIT | {"--day"},
    **{f"cases {act}": PLACE for act in ("show", "assign", "note", "set-deadline", "close", "reopen", "letter")},
}
OTHERWISE = {
    ("annual-control", "--unit"): "is demanded: the control is of one municipality",
    ("restore", "--until"): "is an instant: what was received is ingested up to it",
}
"""Where an option cannot be said as it is elsewhere, and why."""
ARE_UNITS = {"declare", "person", "look-ups", "innsyn", "delete-person", "release"}
"""Something is done to the unit or to a person of it: the unit is what the command is about, not a choice among rows."""


def commands(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    group = group or get_command(app)
    for name, command in group.commands.items():
        if not hasattr(command, "commands") or command.invoke_without_command:
            yield " ".join((*path, name)), command
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))


def options(command: Any) -> dict[str, Any]:
    return {name: one for one in command.params for name in one.opts if one.param_type_name == "option"}


def test_every_command_is_in_the_table():
    assert COMMANDS.keys() == dict(commands()).keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_the_options_that_the_table_says(name):
    assert options(dict(commands())[name]).keys() & SHARED == COMMANDS[name] | ALWAYS


def test_an_option_is_the_same_in_every_command():
    forms: dict[str, dict[object, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name, command in commands():
        for option, one in options(command).items():
            if option in SHARED and (name, option) not in OTHERWISE:
                written = one.type_descriptor.annotation, tuple(one.type_descriptor.parameter_info.formats or ())
                form = (written, one.metavar, one.multiple, one.help, str(one.default), one.required)
                forms[option][form].append(name)
    assert {option: list(found.values()) for option, found in forms.items() if len(found) > 1} == {}


@pytest.mark.parametrize(("name", "option"), OTHERWISE)
def test_what_is_otherwise_is_there(name, option):
    assert option in options(dict(commands())[name])


def test_a_unit_is_written_without_an_option_only_where_something_is_done_to_it():
    named = {name for name, command in commands() if any("ENHET" in str(one.metavar) for one in command.params)}
    bare = {
        name
        for name, command in commands()
        if any("ENHET" in str(one.metavar) and one.param_type_name == "argument" for one in command.params)
    }
    assert bare == ARE_UNITS
    assert named - bare == {name for name, wanted in COMMANDS.items() if "--unit" in wanted}
