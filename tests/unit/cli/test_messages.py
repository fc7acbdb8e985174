"""`ktt messages`: schema and examples as they are."""

from __future__ import annotations

import json

import pytest

from ktt.cli.app import run


def told(capsys, *arguments):
    assert run(["messages", *arguments]) == 0
    return capsys.readouterr().out


def test_the_list_is_what_is_shown_when_nothing_is_asked(capsys):
    assert told(capsys) == told(capsys, "list")


def test_every_type_shows_its_schema_and_its_examples(capsys):
    rows = json.loads(told(capsys, "list", "--json"))
    assert len(rows) == 5
    for row in rows:
        schema = json.loads(told(capsys, "show", row["message_type"]))
        assert schema["$schema"].endswith("2020-12/schema")
        assert [name for name in row["examples"] if name.startswith("N")]
        assert [name for name in row["examples"] if name.startswith("F")]
        for name in row["examples"]:
            shown = json.loads(told(capsys, "show", row["message_type"], "--example", name, "--json"))
            assert told(capsys, "show", row["message_type"], "--example", name) == shown["text"] + "\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["show", "Nosuch"], "KTT-CLI-02"), (["show", "KTT_Vedtak", "--example", "N99"], "KTT-CLI-03")],
)
def test_what_does_not_exist_is_named_with_what_does(arguments, code, capsys):
    assert run(["messages", *arguments]) == 2
    assert capsys.readouterr().err.startswith(code)
