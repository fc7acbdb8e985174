"""`ktt synth epj` and `ktt synth day`: data alone on stdout, and faults with their own exit code."""

from __future__ import annotations

import json

from ktt.cli.app import run
from ktt.core.errors import EXIT_USAGE

SMALL = ["--recipients", "3", "--from", "2024-01-01", "--until", "2026-03-02"]


def test_a_record_system_is_written_and_moved_forward(tmp_path, capsys):
    folder = tmp_path / "epj"
    assert run(["synth", "epj", *SMALL, "--out", str(folder), "--json"]) == 0
    written = json.loads(capsys.readouterr().out)
    assert written == json.loads((folder / "answers.json").read_text("utf-8"))
    assert run(["synth", "day", str(folder), "--days", "2", "--json"]) == 0
    moved = json.loads(capsys.readouterr().out)
    assert (written["as_of"], moved["as_of"]) == ("2026-03-02", "2026-03-04")


def test_people_get_tables(tmp_path, capsys):
    folder = tmp_path / "epj"
    assert run(["synth", "epj", *SMALL, "--out", str(folder)]) == 0
    assert "tjeneste " in capsys.readouterr().out
    assert run(["synth", "day", str(folder)]) == 0
    assert "2026-03-03" in capsys.readouterr().out


def test_a_folder_in_use_is_refused_in_words(tmp_path, capsys):
    arguments = ["synth", "epj", *SMALL, "--out", str(tmp_path / "epj")]
    assert run(arguments) == 0
    capsys.readouterr()
    assert run(arguments) == EXIT_USAGE
    told = capsys.readouterr()
    assert told.out == ""
    assert "KTT-SYN-01" in told.err
    assert run([*arguments, "--force"]) == 0
