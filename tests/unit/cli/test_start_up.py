"""A command loads what it uses and nothing else; `ktt status` is looked at in `tests/journeys/test_sender_commands.py`."""

from __future__ import annotations

import json

import pytest

from ktt.cli.app import COMMANDS, run
from support.start_up import loaded, loaded_by

MESSAGES = {"polars", "msgspec", "jsonschema_rs", "re2"}


def test_the_help_of_every_command_needs_none_of_them():
    fetching = "from ktt.cli.app import fetch\nfor name in sys.argv[1:]: fetch(name)"
    if loaded(fetching, *COMMANDS):  # one by one, to say whose it is
        pytest.fail(str({name: found for name in COMMANDS if (found := loaded(fetching, name))}))


@pytest.mark.parametrize(
    ("words", "needs"),
    [
        (["--help"], set()),
        (["--version"], set()),
        (["registry", "coverage", "--help"], set()),
        (["messages", "show", "KTT_Vedtak"], MESSAGES),
        (["rules", "show", "KTT-DATO-01"], MESSAGES),
        (["rules", "list", "--json"], MESSAGES),
    ],
)
def test_what_is_only_shown_needs_neither_databases_nor_drawing(words, needs):
    assert loaded_by(*words) <= needs


def test_a_message_is_judged_without_databases_keys_or_drawing(tmp_path, capsys):
    run(["messages", "show", "KTT_Vedtak", "--example", "N1", "--json"])
    small = tmp_path / "small.json"
    small.write_text(json.loads(capsys.readouterr().out)["text"], encoding="utf-8")
    assert loaded_by("validate", small) <= MESSAGES
