"""`ktt source scan ADDRESS`: the tables and columns of a record system that nobody has mapped yet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ktt.cli.show import JsonFlag, emit, language, note, table, told
from ktt.cli.source.options import AtLeast, Url, profile
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.sender.extract.profiling.model import ColumnProfile, Join, SourceProfile

_HELP = told(
    nb="Se hvilke tabeller (eller filer) og kolonner en kilde har, og hva slags verdier som står der: heltall, tekst, dag og i hvilken "
    "form, tidspunkt, fødselsnummer, kode. Kilden leses bare, én tabell om gangen. Verdier vises bare for kolonner som er koder "
    "(få ulike, korte verdier i mange rader hver), aldri for navn, nummer, datoer eller fritekst. Neste: «ktt source draft».",
    en="See which tables (or files) and columns a source has, and what kind of values are there: whole number, text, day and in which "
    "form, instant, national number, code. The source is only read, one table at a time. Values are shown only of columns that are "
    "codes (few different, short values in many rows each), never of names, numbers, dates or free text. Next: “ktt source draft”.",
)
_Out = Annotated[
    Path | None,
    typer.Option(
        "--out", help=told(nb="Skriv det også til denne filen (JSON).", en="Write it to this file too (JSON).")
    ),
]
_WRITTEN = Text(
    nb="Skrev {file}. Den har ingen verdier om personer. Neste: ktt source draft {file} --out koblingsfil.toml",
    en="Wrote {file}. It has no values about persons. Next: ktt source draft {file} --out mapping.toml",
)
_HEADS = (
    Text(nb="Kolonne", en="Column"),
    Text(nb="Type", en="Kind"),
    Text(nb="Tomme", en="Empty"),
    Text(nb="Ulike", en="Distinct"),
    Text(nb="Form eller verdier (rader)", en="Form or values (rows)"),
)
_TITLE = Text(nb="{name}: {rows:rad|rader}, nøkkel {key}", en="{name}: {rows:row|rows}, key {key}")
_NONE = Text(nb="ikke funnet", en="not found")
_JOINS = Text(nb="Fører til andre tabeller: {joins}", en="Leads to other tables: {joins}")
_HIDDEN = Text(nb="{values} skjult i {rows:rad|rader}", en="{values} hidden in {rows:row|rows}")
_UNREAD = Text(nb="{name}: kunne ikke leses. {fault}", en="{name}: could not be read. {fault}")
_EMPTY = Text(nb="Uten rader: {names}.", en="Without rows: {names}.")
_SHOWN = 12


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("scan", help=_HELP)(scan)


def scan(url: Url, *, at_least: AtLeast = 5, out: _Out = None, json: JsonFlag = False) -> None:
    """Scan the source and show its tables."""
    from ktt.sender.extract.profiling.profile_file import write_profile

    found = profile(url, at_least)
    if out is not None:
        write_profile(found, out)
    emit(found.as_data() if json else None, json=json, render=lambda: _shown(found))
    if out is not None:
        note(_WRITTEN.format(file=str(out)))


def _shown(found: SourceProfile) -> RenderableType:
    from rich.console import Group

    parts: list[RenderableType] = []
    for one in found.tables:
        if not one.rows and not one.fault:
            continue
        if one.fault:
            parts.append(_UNREAD.format(name=one.name, fault=one.fault).in_(language()))
            continue
        key = " + ".join(one.key) or _NONE.in_(language())
        title = _TITLE.format(name=one.name, rows=one.rows, key=key)
        parts.append(table(_HEADS, [_row(column) for column in one.columns], title=title))
        if one.joins:
            parts.append(_JOINS.format(joins=", ".join(map(_join, one.joins))).in_(language()) + "\n")
    if empty := [one.name for one in found.tables if not one.rows and not one.fault]:
        parts.append(_EMPTY.format(names=", ".join(empty)).in_(language()))
    return Group(*parts)


def _join(join: Join) -> str:
    share = "" if join.share == 1 else f" ({join.share:.0%})"
    return f"{join.column} → {join.table}.{join.other}{share}"


def _row(column: ColumnProfile) -> tuple[object, ...]:
    from ktt.sender.extract.profiling.model import KIND_WORDS

    share = f"{column.empty / column.rows:.0%}" if column.rows else ""
    distinct = str(column.distinct) if column.exact else f"~{column.distinct}"
    return column.name, KIND_WORDS[column.kind].in_(language()), share, distinct, _details(column)


def _details(column: ColumnProfile) -> str:
    if column.formats:
        ends = [f"«{text}» ({rows})" for text, rows in column.open_ends.items()]
        return ", ".join([f"{form} ({rows})" for form, rows in column.formats.items()] + ends)
    if not column.shown.is_code:
        return ", ".join(column.shapes) if column.kind in {"decimal", "whole_number"} else ""
    values = [f"{value} ({rows})" for value, rows in list(column.shown.values.items())[:_SHOWN]]
    if len(column.shown.values) > _SHOWN:
        values.append("…")
    if column.shown.hidden_values:
        hidden = _HIDDEN.format(values=column.shown.hidden_values, rows=column.shown.hidden_rows)
        values.append(hidden.in_(language()))
    return ", ".join(values)
