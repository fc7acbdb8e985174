"""Documentation lists (CSV) as schemas: one row a field, with its place, type, obligation, codes and description."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ktt.domain.codes import code_list
from ktt.domain.codes.lists import list_ids
from ktt.messages.drafting.clues.words import plain
from ktt.messages.drafting.errors import FieldListUnread

_HEADINGS = {
    "place": "place path xpath sti plassering element elementnavn felt feltnavn field fieldname navn name variabel attributt",
    "type": "type datatype datatyp format",
    "obligation": "obligation kardinalitet cardinality pakrevd obligatorisk required forekomst occurs antall mandatory krav",
    "codes": "codes codelist kodeverk koder kodeliste volven verdier values lovligeverdier tillatteverdier",
    "description": "description beskrivelse forklaring definisjon definition merknad kommentar comment text tekst",
}
_TYPES: Sequence[tuple[str, dict[str, Any]]] = (
    ("datetime|timestamp|tidspunkt", {"type": "string", "format": "date-time"}),
    ("gyearmonth|yearmonth|maned", {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"}),
    ("date|dato|dag", {"type": "string", "format": "date"}),
    ("bool|logisk", {"type": "boolean"}),
    ("decimal|desimal|float|double|number|tall med", {"type": "number"}),
    ("int|heltall|long|short|numeric|tall", {"type": "integer"}),
)
_SEPARATOR = re.compile(r"[./\\>]+")
_CODE = re.compile(r"(?:^|[;,|\n])\s*([A-Za-z0-9_]{1,30})\s*(?:=|:|–| - )")
_PLAIN_CODES = re.compile(r"\s*[A-Za-z0-9_]{1,30}(\s*[;,|/]\s*[A-Za-z0-9_]{1,30})+\s*")
_MANY = re.compile(r"(\*|\bn\b|\bN\b|unbounded|ubegrenset|flere|many)", re.IGNORECASE)
_MUST = re.compile(r"^\s*(1|m\b|o\b|ja|j\b|y|x|true|obligatorisk|mandatory|required|pakrevd)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of a documentation list."""

    names: tuple[str, ...]
    type: str
    obligation: str
    codes: str
    description: str

    @property
    def is_list(self) -> bool:
        """Whether it may be there many times."""
        return bool(_MANY.search(self.obligation))


def read_field_list(content: bytes, file: str) -> list[FieldRow]:
    """The rows of a list in UTF-8 or Windows-1252, with `;`, `,` or tabs between the cells; FieldListUnread."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    first = text.split("\n", 1)[0]
    mark = max(";,\t", key=first.count)
    lines = list(csv.reader(text.splitlines(), delimiter=mark))
    columns = _columns(lines[0]) if lines else {}
    if "place" not in columns or len(columns) < 2:  # noqa: PLR2004
        raise FieldListUnread(file=file)
    rows = [_row(line, columns) for line in lines[1:]]
    return [row for row in rows if row.names]


def _columns(headings: Sequence[str]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for nth, heading in enumerate(headings):
        words = re.findall("[a-z]+", plain(heading))
        asked = {*words, "".join(words)}
        for column, known in _HEADINGS.items():
            if asked & set(known.split()) and column not in found:
                found[column] = nth
                break
    return found


def _row(line: Sequence[str], columns: Mapping[str, int]) -> FieldRow:
    cells = {name: line[nth].strip() if nth < len(line) else "" for name, nth in columns.items()}
    names = tuple(name.strip() for name in _SEPARATOR.split(cells.pop("place").replace("[]", "[].")) if name.strip())
    return FieldRow(_joined(names), *(cells.get(name, "") for name in ("type", "obligation", "codes", "description")))


def _joined(names: Sequence[str]) -> tuple[str, ...]:
    """`vedtak[]` may be split from the brackets by another separator."""
    found: list[str] = []
    for name in names:
        if name == "[]" and found:
            found[-1] += "[]"
        else:
            found.append(name.lstrip("@$"))
    return tuple(name for name in found if name)


def schema_of(rows: Sequence[FieldRow], title: str) -> dict[str, Any]:
    """A schema for the fields. A list without any structure is one of flat records."""
    root = _object()
    lists = {row.names for row in rows if row.is_list}
    for row in rows:
        if not any(_is_holder(row, other) for other in rows):
            _add(root, row, lists)
    is_flat = all(len(row.names) == 1 and not row.names[0].endswith("[]") for row in rows)
    whole: dict[str, Any] = {"type": "array", "items": root} if is_flat else root
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title} | whole


def _is_holder(row: FieldRow, other: FieldRow) -> bool:
    mine, theirs = _bare(row.names), _bare(other.names)
    return len(theirs) > len(mine) and theirs[: len(mine)] == mine


def _bare(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.removesuffix("[]") for name in names)


def _object() -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": [], "properties": {}}


def _add(root: dict[str, Any], row: FieldRow, lists: set[tuple[str, ...]]) -> None:
    here = root
    for depth, name in enumerate(row.names[:-1], start=1):
        bare = name.removesuffix("[]")
        many = name.endswith("[]") or row.names[:depth] in lists
        made = {"type": "array", "items": _object()} if many else _object()
        found = here["properties"].setdefault(bare, made)
        here = found.get("items", found)
    last = row.names[-1].removesuffix("[]")
    value = _value(row)
    is_many = row.is_list or row.names[-1].endswith("[]")
    here["properties"][last] = {"type": "array", "items": value} if is_many else value
    if _MUST.match(plain(row.obligation)):
        here["required"].append(last)


def _value(row: FieldRow) -> dict[str, Any]:
    asked = plain(row.type)
    found = next((dict(schema) for words, schema in _TYPES if re.search(words, asked)), {"type": "string"})
    codes = list(codes_of(row.codes))
    if codes:
        found = {"enum": [int(code) for code in codes] if found.get("type") == "integer" else codes}
    if row.description or row.codes:
        found["description"] = " ".join(filter(None, [row.description, row.codes]))
    return found


def codes_of(text: str) -> Iterator[str]:
    """The codes that a cell names: those of an official list, or those written out."""
    named = re.search(r"(?<![0-9])([0-9]{4})(?![0-9])", text)
    if named and named[1] in list_ids():
        yield from code_list(named[1]).values()
    elif found := _CODE.findall(text):
        yield from (found if len(found) > 1 else ())
    elif _PLAIN_CODES.fullmatch(text):
        yield from re.split(r"\s*[;,|/]\s*", text.strip())


def with_descriptions(schema: Any, rows: Sequence[FieldRow]) -> Any:
    """The schema with what a list says of its members, told by their names."""
    said = {row.names[-1].removesuffix("[]"): " ".join(filter(None, [row.description, row.codes])) for row in rows}
    return _described(schema, said)


def _described(schema: Any, said: Mapping[str, str]) -> Any:
    if isinstance(schema, list):
        return [_described(one, said) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    found = {name: _described(held, said) for name, held in schema.items()}
    properties = found.get("properties")
    if isinstance(properties, dict):
        for name, held in properties.items():
            if name in said and isinstance(held, dict):
                held["description"] = f"{held.get('description', '')} {said[name]}".strip()
    return found
