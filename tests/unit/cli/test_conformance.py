"""`ktt conformance` as it is typed: wrong use is told before anything starts."""

from __future__ import annotations

import json
import sys

import pytest

from ktt.cli.app import run


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--run", "x", "--ours"], "KTT-CLI-01"),
        (["--prepare", "x"], "KTT-CLI-01"),
        (["--run", ""], "KTT-CNF-05"),
        (["--run", "send {fil}"], "KTT-CNF-05"),
        (["--run", "x", "--prepare", "x {message}"], "KTT-CNF-05"),
        (["--listen", "example.org:80"], "KTT-CNF-06"),
        (["--listen", "0.0.0.0:8791"], "KTT-CNF-06"),
        (["--listen", "127.0.0.1:70000"], "KTT-CNF-06"),
        (["--only", "X1"], "KTT-CNF-02"),
        (["--timeout", "0"], "KTT-CLI-01"),
    ],
)
def test_wrong_use_of_the_sender_suite_is_told(arguments, code, capsys):
    assert run(["conformance", "sender", *arguments]) == 2
    told = capsys.readouterr().err
    assert code in told
    assert "Traceback" not in told


def test_a_program_that_is_not_there(capsys):
    assert run(["conformance", "sender", "--run", "no-such-program {message}", "--only", "N200"]) == 2
    assert "KTT-CNF-05" in capsys.readouterr().err


def test_the_list_is_data_with_steps_and_expectations(capsys):
    assert run(["conformance", "sender", "--list", "--only", "F800", "--json"]) == 0
    (case,) = json.loads(capsys.readouterr().out)
    assert (case["name"], case["level"]) == ("F800", "must")
    assert case["steps"][0] == {"nb": "Be om feilen «500».", "en": "Ask for the fault `500`."}
    assert case["expects"][0]["nb"].startswith("Samme melding igjen")


def test_the_list_is_for_people_too(capsys):
    assert run(["conformance", "sender", "--list"]) == 0
    assert "Konvolutten åpner seg" in capsys.readouterr().out


def test_a_command_that_sends_nothing_is_no_pass_and_its_last_words_are_told(capsys):
    script = f'"{sys.executable}" -c "import sys; sys.exit(\'no such module: {{{{message}}}}\')" {{message}}'
    assert run(["conformance", "sender", "--run", script, "--only", "N200,F500"]) == 2
    told = capsys.readouterr()
    assert "KTT-CNF-04" in told.err
    assert "utgangskode 1. no such module: {message}" in told.out
