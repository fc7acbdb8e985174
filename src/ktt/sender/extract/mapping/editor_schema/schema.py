"""The whole schema. It says what can be said of a file alone; `ktt source check` knows the source and the code files too.

Draft 7, which the editors' TOML tools read. Descriptions are bokmål, as the glossary has them.
"""

from __future__ import annotations

from typing import Any

from ktt.domain.glossary import for_column, for_record
from ktt.domain.records import ALL_TYPES
from ktt.sender.extract.mapping.complete import FILE_WAYS, MESSAGE_WAYS, PLUG_IN_WAYS, WAYS
from ktt.sender.extract.mapping.editor_schema.fields import day_schema, field_schema
from ktt.sender.extract.mapping.editor_schema.parts import (
    ANY_TEXT,
    DATE_FORMAT,
    INSTANT_FORMAT,
    TEMPLATE,
    TEXT,
    TEXTS,
    TRUE,
    VALUES,
    closed,
    described,
)
from ktt.sender.extract.mapping.file_form import CHARSETS, SEPARATORS
from ktt.sender.extract.mapping.model import mapped_columns
from ktt.sender.extract.mapping.source_section import FILES, MESSAGES, SQL

Schema = dict[str, Any]


def mapping_schema() -> Schema:
    """The schema of a mapping file."""
    top = {
        "mapping": described({"const": "ktt/1"}, "Formatet på denne filen."),
        "name": described(TEXT, "Navnet på koblingen, vist i rapporter."),
        "timezone": described(TEXT, "Sonen for klokkeslett som ikke sier sin egen, som Europe/Oslo."),
        "source": {"type": "object", "required": ["kind", "read_only"], "properties": {"kind": TEXT}},
        "complete": {"type": "object", "minProperties": 1},
        "table": {"type": "object", "additionalProperties": {"type": "object"}},
        "record": _records(),
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Koblingsfil (ktt/1)",
        **closed(top, ["mapping", "name", "timezone", "source"]),
        "definitions": {f"fields_of_{name}": _fields(name) for name in ALL_TYPES} | {"day": day_schema()},
        "allOf": [*(_of_kind(kind) for kind in (SQL, FILES)), _messages(), _plug_in()],
    }


def _form() -> Schema:
    return {
        "charset": described({"enum": list(CHARSETS)}, "Tegnsettet i filene."),
        "separator": described({"enum": list(SEPARATORS)}, "Tegnet mellom feltene."),
        "unended": described(TRUE, "Filene slutter uten linjeskift."),
        "null": described({"type": "array", "items": ANY_TEXT}, "Tekster som betyr «ingen verdi» i alle kolonner."),
    }


def _is_kind(*kinds: str) -> Schema:
    return {
        "properties": {"source": {"properties": {"kind": {"enum": list(kinds)}}, "required": ["kind"]}},
        "required": ["source"],
    }


def _of_kind(kind: str) -> Schema:
    """What is different for databases and for files."""
    place = {"file": TEXT, **_form()} if kind == FILES else {"name": TEXT, "query": TEXT}
    unit_columns = {**TEXTS, "minItems": 2, "maxItems": 3}
    owner = (
        closed({"file": TEXT, "columns": unit_columns, "where": VALUES}, ["file"])
        | {"dependencies": {"where": ["columns"]}}
        if kind == FILES
        else closed({"query": TEXT}, ["query"])
    )
    source = {"kind": {"const": kind}, "read_only": TRUE, "unit": owner, **(_form() if kind == FILES else {})}
    one_place = (
        {"required": ["file"]} if kind == FILES else {"oneOf": [{"required": ["name"]}, {"required": ["query"]}]}
    )
    ways = FILE_WAYS if kind == FILES else WAYS
    return {"if": _is_kind(kind), "then": _then(source, _table(place) | one_place, ways)}


def _plug_in() -> Schema:
    source = {"kind": TEXT, "read_only": TRUE, "unit": closed({"query": TEXT}, ["query"])}
    table = _table({"query": TEXT}) | {"required": ["query", "key"]}
    return {"if": {"not": _is_kind(SQL, FILES, MESSAGES)}, "then": _then(source, table, PLUG_IN_WAYS)}


def _then(source: Schema, table: Schema, ways: tuple[str, ...]) -> Schema:
    properties = {
        "source": closed(source, ["kind", "read_only"]),
        "table": {"additionalProperties": table},
        "complete": _complete(ways),
    }
    return {"properties": properties, "required": ["table", "record"]}


def _messages() -> Schema:
    source = {"kind": {"const": MESSAGES}, "read_only": TRUE, "file": TEXT, "packs": {**TEXTS, "minItems": 1}}
    absent = {"not": {"anyOf": [{"required": ["table"]}, {"required": ["record"]}]}}
    properties = {"source": closed(source, list(source)), "complete": _complete(MESSAGE_WAYS)}
    return {"if": _is_kind(MESSAGES), "then": {"properties": properties, **absent}}


def _complete(ways: tuple[str, ...]) -> Schema:
    watermark = closed({"query": TEXT, "instant": INSTANT_FORMAT, "date": DATE_FORMAT}, ["query"])
    count_file = {
        "file": TEXT,
        "table": TEXT,
        "rows": TEXT,
        "day": TEXT,
        "date": _formats(DATE_FORMAT),
        "where": VALUES,
    }
    count = closed(count_file, ["file", "table", "rows"]) if ways == FILE_WAYS else closed({"query": TEXT}, ["query"])
    all_ = {
        "count": described(count, "Radene er like mange som kilden selv sier."),
        "watermark": described(watermark, "Når kilden sist ble ferdig."),
        "done_file": described(
            closed({"path": TEXT, "counts": TRUE}, ["path"]), "En fil som skrives når eksporten er ferdig."
        ),
        "equal_reads": described(
            closed({"pause_seconds": {"type": "integer", "minimum": 1, "maximum": 3600}}, ["pause_seconds"]),
            "Tabellene leses to ganger og er like.",
        ),
        "self_count": described(TRUE, "Vår egen telling: et svakt bevis."),
    }
    return closed({way: all_[way] for way in ways}, []) | {"minProperties": 1}


def _table(place: Schema) -> Schema:
    """A table; `place` is how it is found, and how it is written."""
    age = {"type": "string", "pattern": r"^\s*\d{1,4}[hd]\s*$"}
    latest = {
        "of": {**TEXTS, "minItems": 1},
        "by": TEXT,
        "instant": _formats(INSTANT_FORMAT),
        "date": _formats(DATE_FORMAT),
    }
    keys = {
        "key": described({**TEXTS, "minItems": 1}, "Kolonnene som skiller radene."),
        "where": described(VALUES, "Verdiene som teller, for hver kolonne."),
        "latest": described(
            closed(latest | {"among": VALUES}, ["of", "by"]), "Tabellen er en logg: bare siste versjon teller."
        ),
        "lookup": described(_LOOKUPS, "Tabeller med en rad som hører til: kolonnen der, og kolonnen her som er lik."),
        "upper": described({**TEXTS, "minItems": 1}, "Kolonner der bokstavene leses som store."),
        "strip": described(
            {"type": "object", "additionalProperties": {"type": "string", "minLength": 1}},
            "Tegn som tas bort i hver kolonne.",
        ),
        "pad": described(
            {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1, "maximum": 100}},
            "Antall siffer i hver kolonne: nuller foran som er falt bort, settes tilbake.",
        ),
        "periods": described(
            _periods(), "Rader som følger hverandre dag for dag, er én: den siste, med starten fra den første."
        ),
        "with": described(_OTHER, "Bare rader som har en rad i disse tabellene, teller."),
        "without": described(_OTHER, "Rader som har en rad i disse tabellene, er borte."),
        "fresh": closed({"column": TEXT, "instant": INSTANT_FORMAT, "warn_after": age, "error_after": age}, ["column"]),
        "expect": closed({"rows_min": {"type": "integer", "minimum": 0}, "drop_max": _SHARE}, []),
        "since": described(_DAY, "Første dag tabellen har historikk for."),
        "reason": described(TEXT, "Hvorfor «since»."),
    }
    return closed(place | keys, ["key"]) | {"dependencies": {"since": ["reason"]}}


_OTHER: Schema = {
    "type": "object",
    "additionalProperties": {"type": "object", "additionalProperties": TEMPLATE, "minProperties": 1},
}
_RANGE: Schema = {"type": "string", "pattern": r"^\s*\d{1,6}\.\.\d{1,6}\s*$"}
_NUMBERS: Schema = {"anyOf": [_RANGE, {**TEXTS, "minItems": 1, "uniqueItems": True}]}
_RENAMED = closed({"table": TEXT, "n": _NUMBERS, "on": _OTHER["additionalProperties"]}, ["table", "on"])
_LOOKUPS: Schema = {
    "type": "object",
    "additionalProperties": {
        "if": {"properties": {"on": {"type": "object"}}, "required": ["on"]},
        "then": _RENAMED,
        "else": _OTHER["additionalProperties"],
    },
}
_SHARE = {"type": "string", "pattern": r"^\s*(100|\d{1,2})(\.\d+)?\s?%\s*$"}
_DAY = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}


def _periods() -> Schema:
    day = {"$ref": "#/definitions/day"}
    return closed({"of": {**TEXTS, "minItems": 1}, "starts_on": day, "ends_on": day}, ["of", "starts_on"])


def _formats(one: Schema) -> Schema:
    return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1, "uniqueItems": True}]}


def _records() -> Schema:
    return closed({name: _record(name) for name in ALL_TYPES}, list(ALL_TYPES))


def _record(name: str) -> Schema:
    """A record type: mapped, with further places, or absent."""
    place = {
        "from": described(TEXT, "Tabellen, slik den heter under [table]."),
        "fields": {"$ref": f"#/definitions/fields_of_{name}"},
        "skip": described(VALUES, "Rader med en av verdiene er ingen slik opplysning."),
        "columns": _wide(),
        "distinct": described(TRUE, "Rader som er like i alt som leses, er én opplysning."),
    }
    also = {"type": "array", "items": closed(place, ["from", "fields"]), "minItems": 1}
    mapped = closed(place | {"also": also}, ["from", "fields"])
    absent = closed({"absent": described(TEXT, "Hvorfor opplysningstypen ikke finnes.")}, ["absent"])
    term = for_record(name)
    return described(
        {"if": {"required": ["absent"]}, "then": absent, "else": mapped},
        f"{term.nb}. {term.meaning.nb}" if term else name,
    )


def _fields(name: str) -> Schema:
    fields = {}
    for column in mapped_columns(name):
        term = for_column(name, column.name)
        fields[column.name] = described(field_schema(column), f"{term.nb}. {term.meaning.nb}" if term else column.name)
    return closed(fields, list(fields))


def _wide() -> Schema:
    pattern = {"type": "string", "pattern": r"\{n\}"}
    each = {"type": "object", "additionalProperties": pattern, "minProperties": 1}
    one = {"n": _NUMBERS, "skip": {"type": "array", "items": ANY_TEXT}}
    void = {"anyOf": [_RANGE, {"type": "array", "items": ANY_TEXT, "minItems": 1}]}
    return {
        "anyOf": [
            closed({"pattern": described(pattern, "Navnet på kolonnene."), **one}, ["pattern", "n"]),
            closed(
                {
                    "column": described(TEXT, "Kolonnen som har alle verdiene etter hverandre."),
                    "width": {"type": "integer", "minimum": 1, "maximum": 1000},
                    **one,
                    "n": void,
                },
                ["column", "n"],
            ),
            closed(
                {"each": described(each, "Navn som feltene leser, og kolonnene."), "n": _NUMBERS, "skip": VALUES},
                ["each", "n"],
            ),
        ]
    }
