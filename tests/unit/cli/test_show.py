"""How answers look."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from ktt.cli.show import emit, note, progress, table
from ktt.core.text import Text


@dataclass
class Row:
    name: str
    on: dt.date


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Row("a", dt.date(2026, 3, 2)), {"name": "a", "on": "2026-03-02"}),
        (dt.datetime(2026, 3, 2, 6, tzinfo=dt.UTC), "2026-03-02T06:00:00+00:00"),
        (Decimal("7.50"), "7.50"),
        (Path("a/b"), "a/b"),
        (Text(nb="ja", en="yes"), {"nb": "ja", "en": "yes"}),
        ({"b", "a"}, ["a", "b"]),
        ({2017: 1}, {"2017": 1}),
    ],
)
def test_json_of_the_values_we_use(value, shown, capsys):
    emit(value, json=True)
    assert json.loads(capsys.readouterr().out) == shown


def test_a_value_nobody_thought_of_is_not_guessed_at():
    with pytest.raises(TypeError):
        emit(object(), json=True)


def test_numbers_stand_to_the_right_and_nothing_is_an_empty_cell(capsys):
    emit(None, json=False, render=lambda: table(("Type", "Antall"), [("vedtak", 12456), ("klage", None), ("ok", 3)]))
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert "vedtak   12\N{NO-BREAK SPACE}456" in [line.strip() for line in lines]
    assert "ok            3" in [line.strip() for line in lines]
    assert "klage" in [line.strip() for line in lines]


def test_brackets_in_data_are_data(capsys):
    emit(None, json=False, render=lambda: table(("[bold]",), [("[red]x[/red]",)]))
    assert "[red]x[/red]" in capsys.readouterr().out


def test_long_text_is_not_folded(capsys):
    emit("x" * 500, json=False)
    assert capsys.readouterr().out == "x" * 500 + "\n"


def test_progress_is_silent_when_nobody_looks(capsys):
    with progress("Sender", total=3) as step:
        step(1)
        step(3, text="ferdig")
    assert capsys.readouterr() == ("", "")


def test_progress_is_live_on_a_terminal_and_never_on_stdout(monkeypatch, capsys):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with progress(Text(nb="Sender", en="Sending"), total=3) as step:
        step(2)
    assert "Sender" in screen.getvalue()
    assert capsys.readouterr().out == ""


def test_a_note_is_beside_the_data(capsys):
    note(Text(nb="Ferdig.", en="Done."))
    assert capsys.readouterr() == ("", "Ferdig.\n")


NARROW = {  # heading: a cell of each of the two rows
    "Enhet": ("312111403-1114", "312000008-1114"),
    "Sist mottatt": (dt.datetime(2026, 3, 2, 6, tzinfo=dt.UTC), None),
    "Poster i køen": (2595, 0),
    "Hvordan det står til": ("Alt er levert til mottaket i dag.", "Satt på pause."),
    "": (True, False),
}


def drawn(monkeypatch, columns):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(columns))
    emit(None, json=False, render=lambda: table(tuple(NARROW), zip(*NARROW.values(), strict=True)))
    return [re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip() for line in screen.getvalue().splitlines()]


def test_a_wide_terminal_has_one_line_for_each_row(monkeypatch):
    lines = drawn(monkeypatch, 140)
    assert sum("312" in line for line in lines) == 2
    assert any("Sist mottatt" in line and "Poster i køen" in line for line in lines)


def test_headings_are_folded_before_values_are(monkeypatch):
    lines = drawn(monkeypatch, 88)
    assert max(map(len, lines)) <= 88
    assert any(
        "312111403-1114   2026-03-02 07:00:00    2\N{NO-BREAK SPACE}595   Alt er levert" in line for line in lines
    )
    assert not any("Poster i køen" in line for line in lines)


def test_a_row_that_does_not_fit_stands_line_by_line_with_nothing_cut(monkeypatch):
    lines = drawn(monkeypatch, 60)
    assert [line for line in lines if line] == [
        "312111403-1114 ✓",
        "  Sist mottatt           2026-03-02 07:00:00",
        "  Poster i køen          2\N{NO-BREAK SPACE}595",
        "  Hvordan det står til   Alt er levert til mottaket i dag.",
        "312000008-1114 ✗",
        "  Poster i køen          0",
        "  Hvordan det står til   Satt på pause.",
    ]


def test_decimals_are_written_as_the_reader_writes_them(monkeypatch, capsys):
    for spoken, shown in (("nb", "1,2"), ("en", "1.2")):
        monkeypatch.setenv("KTT_LANG", spoken)
        emit(None, json=False, render=lambda: table(("MB",), [(1.2,)]))
        assert shown in capsys.readouterr().out


@pytest.mark.parametrize(("columns", "widest"), [("60", 60), ("88", 88), ("200", 140), ("", 140), ("wide", 140)])
def test_an_answer_in_a_pipe_has_no_padding_and_is_as_wide_as_is_said(monkeypatch, capsys, columns, widest):
    monkeypatch.setenv("COLUMNS", columns)
    rows = zip(*NARROW.values(), strict=True)
    emit(None, json=False, render=lambda: table(tuple(NARROW), rows))
    lines = capsys.readouterr().out.split("\n")
    assert lines.pop() == ""  # one newline at the very end
    assert lines == [line.rstrip() for line in lines]
    assert lines[0]
    assert lines[-1]
    assert max(map(len, lines)) <= widest
    assert sum(line.startswith("312") for line in lines) == 2
    assert "Satt på pause." in lines[-1]
