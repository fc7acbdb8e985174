"""Typer's own words: what is wrong with a command line is told in both languages, and help is in one."""

from __future__ import annotations

import re

import pytest

from ktt.cli import app
from ktt.cli.typer_words import reason

ENGLISH = re.compile(r"Usage|Options|Arguments:|Commands|default:|required\]|Show this|<int|<str|<path|COMMAND|ARGS|%Y")

ARGUMENT = re.compile(r"^  ([a-z_]+) +<", re.MULTILINE)  # a name of ours that stands where a word for people should
WITH_THE_SANDBOX = {"what", "seconds", "service"}  # they are what its addresses call them


@pytest.mark.parametrize(
    ("line", "nb", "en"),
    [
        ("nosuch", "kommandoen «nosuch» finnes ikke.", "there is no command “nosuch”."),
        ("daly", "kommandoen «daly» finnes ikke. Mente dere daily?", "there is no command “daly”. Did you mean daily?"),
        ("sandbox", "kommandoen mangler.", "a command is missing."),
        ("messages show", "«TYPE» mangler.", "“TYPE” is missing."),
        ("version --nosuch", "valget --nosuch finnes ikke.", "there is no option --nosuch."),
        (
            "validate x --formt json",
            "valget --formt finnes ikke. Mente dere --format, --out?",
            "there is no option --formt. Did you mean --format, --out?",
        ),
        ("validate x --out", "valget --out krever en verdi.", "option --out takes a value."),
        ("version --json=1", "valget --json tar ingen verdi.", "option --json takes no value."),
        ("sandbox fail 2010 5", "«5» er ett argument for mye.", "“5” is one argument too many."),
        (
            "validate x --format pdf",
            "--format: «pdf» er ikke en av text, json, html, xlsx, csv.",
            "--format: “pdf” is not one of text, json, html, xlsx, csv.",
        ),
        (
            "synth epj --recipients 1.5",
            "--recipients: verdien skal være et helt tall.",
            "--recipients: it must be a whole number.",
        ),
        (
            "sandbox up --mottak-port 65536",
            "--mottak-port: verdien skal være høyst 65535.",
            "--mottak-port: it must be at most 65535.",
        ),
        (
            "sandbox up --mottak-port -1",
            "--mottak-port: verdien skal være minst 0.",
            "--mottak-port: it must be at least 0.",
        ),
        (
            "validate x --date 2026-13-01",
            "--date, --on: «2026-13-01» er ikke en dag skrevet som ÅÅÅÅ-MM-DD.",
            "--date, --on: “2026-13-01” is not a day written as YYYY-MM-DD.",
        ),
        (
            "registry acceptance --since 2026-13",
            "--since: «2026-13» er ikke en dag skrevet som ÅÅÅÅ-MM-DD eller ÅÅÅÅ-MM.",
            "--since: “2026-13” is not a day written as YYYY-MM-DD or YYYY-MM.",
        ),
        (
            "key expiry 1.3.2027",
            "DAG: «1.3.2027» er ikke en dag skrevet som ÅÅÅÅ-MM-DD.",
            "DAY: “1.3.2027” is not a day written as YYYY-MM-DD.",
        ),
    ],
)
def test_what_is_wrong_is_told_in_both_languages(line, nb, en, capsys, monkeypatch):
    for spoken, says in (("nb", nb), ("en", en)):
        monkeypatch.setenv("KTT_LANG", spoken)
        assert app.run(line.split()) == 2
        assert capsys.readouterr().err.splitlines()[0].endswith(f": {says}")


def test_a_sentence_that_is_not_known_is_passed_on():
    said = reason("Invalid value for '--x': Something {new}.")
    assert (said.nb, said.en) == ("--x: Something {new}.", "--x: Something {new}.")


def every_command() -> list[str]:
    return [path for name in app.COMMANDS for path, _ in app.walk(name, app.fetch(name))]


@pytest.mark.parametrize("path", ["", *every_command()])
def test_help_is_bokmal_to_its_last_word(path, capsys, monkeypatch):
    monkeypatch.setenv("KTT_LANG", "nb")
    assert app.run([*path.split(), "--help"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Bruk: ktt")
    assert ENGLISH.search(shown) is None
    assert "%Y" not in shown
    assert [name for name in ARGUMENT.findall(shown) if name not in WITH_THE_SANDBOX] == []
    monkeypatch.setenv("KTT_LANG", "en")
    app.run([*path.split(), "--help"])
    shown = capsys.readouterr().out
    assert shown.startswith("Usage: ktt")
    assert "%Y" not in shown


def test_a_list_of_commands_cuts_no_sentence(capsys):
    app.run(["mottak", "--help"])
    assert "..." not in capsys.readouterr().out.partition("Kommandoer")[2]
