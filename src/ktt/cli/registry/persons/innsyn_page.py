"""The page and the data of `ktt registry innsyn`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from ktt.cli.registry.persons.look_ups import ACTS
from ktt.cli.registry.words import place_name
from ktt.core.clock import OSLO, norwegian_day
from ktt.core.html.environment import render
from ktt.core.text import Language, Text
from ktt.domain.glossary import for_column, for_record

if TYPE_CHECKING:
    from ktt.registry.persons.access_report import AccessReport
    from ktt.registry.questions import StoryLine

_TEMPLATES = Path(__file__).parent / "templates"
_TITLE = Text(
    nb="Innsyn i kommunalt pasient- og brukerregister", en="Access to the municipal patient and user registry"
)
KINDS = {
    "national": Text(nb="fødselsnummer", en="national number"),
    "d": Text(nb="D-nummer", en="D-number"),
    "duf": Text(nb="DUF-nummer", en="DUF number"),
}
STATES = {
    "ingested": Text(nb="lest inn i registeret", en="ingested into the registry"),
    "waiting": Text(nb="venter: registeret kan ikke lese den", en="waits: the registry cannot read it"),
    "not_ingested": Text(nb="ikke lest inn ennå", en="not ingested yet"),
}
_OTHER = Text(nb="annet nummer", en="another number")


def as_page(report: AccessReport) -> bytes:
    """HTML in UTF-8, in both languages. Nothing is fetched, nothing runs."""
    return render(
        _TEMPLATES,
        "innsyn.html.jinja",
        title=_TITLE,
        report=report,
        lines=[(key, list(each)) for key, each in groupby(report.lines, lambda line: (line.unit, line.record_type))],
        at=_at,
        kind=lambda identity: KINDS.get(identity.kind, _OTHER),
        state=lambda message: STATES[message.state],
        act=lambda look: ACTS[look.act],
        record=_record,
        said=_said,
        place=lambda unit: place_name(unit, norwegian_day(report.made_at)),
    )


def as_data(report: AccessReport) -> bytes:
    """The same as JSON."""
    whole = {
        "made_at": report.made_at,
        "by": report.by,
        "why": report.why,
        "numbers": [{"number": one.number, "kind": one.kind} for one in report.identities],
        "known_as": [{"unit": one.unit.key, "local_id": one.local_id} for one in report.known_as],
        "records": [_line(line, report) for line in report.lines],
        "messages": report.messages,
        "findings": report.findings,
        "look_ups": report.look_ups,
    }
    return orjson.dumps(whole, default=str, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)


def _line(line: StoryLine, report: AccessReport) -> dict[str, Any]:
    names = (
        "record_type",
        "unit",
        "local_id",
        "version",
        "holds_from",
        "holds_to",
        "known_from",
        "known_to",
        "deleted",
    )
    source = report.sources.get(line.position)
    return {name: getattr(line, name) for name in names} | {"content": line.content, "message": source}


def _at(instant: dt.datetime | None) -> str:
    return "" if instant is None else instant.astimezone(OSLO).strftime("%Y-%m-%d %H:%M:%S")


def _record(name: str, spoken: Language) -> str:
    term = for_record(name)
    return term.nb.partition(",")[0] if term is not None and spoken == "nb" else name.replace("_", " ")


def _column(record_type: str, name: str, spoken: Language) -> str:
    term = for_column(record_type, name)
    return term.nb if term is not None and spoken == "nb" else _record(name, spoken)


def _said(record_type: str, content: Mapping[str, Any], spoken: Language) -> str:
    """What was told, in the words of people; a part's rows one after the other."""
    return " · ".join(
        f"{_column(record_type, name, spoken)}: {_value(name, value, spoken)}" for name, value in content.items()
    )


def _value(name: str, value: Any, spoken: Language) -> str:
    if isinstance(value, list):
        return "[" + "] [".join(_said(name, row, spoken) for row in value) + "]"
    return _at(value) if isinstance(value, dt.datetime) else str(value)
