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


@pytest.mark.parametrize(
    ("message_type", "asked", "found"),
    [
        ("KTT_Vedtak", "N1", "N01-everyday"),
        ("vedtak", "n01", "N01-everyday"),
        ("ktt_diagnose", "f1", "F01-unknown-field"),
        ("Tjeneste", "F10", "F10-organisation-as-text"),
        ("funk", "n3-every", "N03-every-field"),
    ],
)
def test_the_beginning_of_a_name_is_enough(message_type, asked, found, capsys):
    assert json.loads(told(capsys, "show", message_type, "--example", asked, "--json"))["example"] == found


@pytest.mark.parametrize("asked", ["N", "F", "N99", "x", "", "F1-x"])
def test_a_beginning_that_many_have_or_none_is_refused(asked, capsys):
    assert run(["messages", "show", "KTT_Vedtak", "--example", asked]) == 2


def test_each_example_is_told_in_a_sentence_those_that_fit_first(capsys):
    for one in ("vedtak", "tjeneste", "personopplysninger", "funksjonsvurdering", "diagnose"):
        rows = json.loads(told(capsys, "examples", one, "--json"))
        fits = [row["fits"] for row in rows]
        assert fits == sorted(fits, reverse=True)
        for row in rows:
            assert row["says"]["nb"].endswith("."), row["example"]
            assert row["says"]["en"].endswith("."), row["example"]
