"""`ktt registry person`: the whole story of one person. Who looks and why is written down first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

from ktt.cli.receiver.options import CONFIG, ConfigFile, current_user, format_instant
from ktt.cli.registry.options import Day, Folder, KnownAt, as_of_from, place_of
from ktt.cli.registry.persons.whom import LocalId, NumberFlag, UnitWord, Why, whom_from
from ktt.cli.registry.words import column_word, record_word
from ktt.cli.rows import Column, CsvFlag, Form, ParquetFile, answer
from ktt.cli.show import JsonFlag, language, told
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.registry.questions import Story, StoryLine

_COMMAND = "ktt registry person"
_HELP = told(
    nb="""Vis hele historien til én person: hver versjon av hver post, når den gjelder, og når den var kjent.

    Enten en enhet og personens lokale id der, eller --number, som leser nummeret fra tastaturet (uten å vise det) eller fra
    standard inn; det skrives aldri på kommandolinjen. Med --day eller --known-at vises bare det som gjaldt den dagen, slik
    det var kjent da. Hvem som ser og hvorfor, skrives i registerets logg før noe leses.""",
    en="""Show the whole story of one person: every version of every record, when it holds, and when it was known.

    Either a unit and the person's local id there, or --number, which reads the number from the keyboard (without showing
    it) or from standard in; it is never written on the command line. With --day or --known-at only what held that day is
    shown, as it was known then. Who looks and why is written in the registry's log before anything is read.""",
)
_COLUMNS = (
    Column("record_type", Text(nb="Opplysning", en="Record")),
    Column("unit", Text(nb="Enhet", en="Unit")),
    Column("local_id", Text(nb="Lokal id", en="Local id")),
    Column("version", Text(nb="Versjon", en="Version"), "count"),
    Column("holds_from", Text(nb="Gjelder fra", en="Holds from"), "day"),
    Column("holds_to", Text(nb="til og med", en="to"), "day"),
    Column("known_from", Text(nb="Kjent fra", en="Known from"), "instant"),
    Column("known_to", Text(nb="til", en="until"), "instant"),
    Column("deleted", Text(nb="Slettet", en="Deleted"), "flag"),
    Column("position", Text(nb="Melding nr.", en="Message no."), "count", in_table=False),
    Column("content", Text(nb="Innhold", en="Content")),
)
_NOTHING = Text(nb="Ingenting gjaldt da, slik det var kjent.", en="Nothing held then, as it was known.")


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("person", help=_HELP)(person)


def person(
    unit: UnitWord = None,
    local_id: LocalId = None,
    *,
    reason: Why,
    config: ConfigFile = CONFIG,
    folder: Folder = None,
    day: Day = None,
    known_at: KnownAt = None,
    number: NumberFlag = False,
    json: JsonFlag = False,
    csv: CsvFlag = False,
    parquet: ParquetFile = None,
) -> None:
    """One person, by unit and local id or by number."""
    form = Form(_COMMAND, json, csv, parquet)
    as_of = as_of_from(day, known_at, _COMMAND)
    whom = whom_from(unit, local_id, _COMMAND, number=number)
    place = place_of(config, folder)
    from ktt.wiring.receiver import stories_at

    with stories_at(place) as stories:
        story = stories.of(whom, current_user(), reason, as_of)
    rows = [_row(line) for line in story.lines]
    answer(_COLUMNS, rows, form, data=_data(story), render=lambda drawn: drawn if rows else _NOTHING.in_(language()))


def _data(story: Story) -> list[dict[str, Any]]:
    return [{**_plain(line), "content": line.content} for line in story.lines]


def _row(line: StoryLine) -> dict[str, Any]:
    said = _said(line.record_type, line.content)
    return {**_plain(line), "record_type": record_word(line.record_type), "content": said}


def _said(record_type: str, content: Mapping[str, Any]) -> str:
    """What was told, in the words of people; a part's rows one after the other."""
    return " · ".join(f"{column_word(record_type, name)}: {_value(name, value)}" for name, value in content.items())


def _value(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "[" + "] [".join(_said(name, row) for row in value) + "]"
    return format_instant(value) if isinstance(value, dt.datetime) else str(value)


def _plain(line: StoryLine) -> dict[str, Any]:
    return {column.name: getattr(line, column.name) for column in _COLUMNS if column.name != "content"}
