"""The page of a mapping: what it says, gathered once, and written as HTML or as Markdown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ktt.core.html.environment import render
from ktt.core.text import Text
from ktt.domain.codes import code_list
from ktt.domain.glossary import for_column, for_record
from ktt.domain.records import ALL_TYPES
from ktt.sender.extract.documentation import words
from ktt.sender.extract.documentation.approval import ApprovalStatus, approval_status
from ktt.sender.extract.mapping.model import Codes, RecordSource, SourceMapping

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class TablePart:
    """A table: its name, the columns that are read, the query where there is one, and sentences."""

    name: str
    columns: list[str]
    query: str
    says: list[str]


@dataclass(frozen=True, slots=True)
class PlacePart:
    """One place of a record type: the table, sentences, and its fields as term, meaning and where from."""

    table: str
    says: list[str]
    fields: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class RecordPart:
    """A record type in words."""

    name: str
    term: str
    meaning: str
    absent: str
    places: list[PlacePart]


@dataclass(frozen=True, slots=True)
class CodePart:
    """A code file: the fields that use it, and each local code with its official code, what that means and when."""

    file: str
    fields: list[str]
    rows: list[tuple[str, str, str, str]]


@dataclass(frozen=True, slots=True)
class MappingPage:
    """Everything that the page says."""

    mapping: SourceMapping
    approval: ApprovalStatus
    tables: list[TablePart]
    records: list[RecordPart]
    codes: list[CodePart]
    absent: list[tuple[str, str]]
    proof: list[str]

    def as_html(self) -> bytes:
        """One web page."""
        title = Text(nb=f"Kobling: {self.mapping.name}", en=f"Mapping: {self.mapping.name}")
        return render(_TEMPLATES, "mapping.html.jinja", title=title, page=self)

    def as_markdown(self) -> str:
        """The same as Markdown."""
        from ktt.sender.extract.documentation.markdown import as_markdown

        return as_markdown(self)


def mapping_page(mapping: SourceMapping) -> MappingPage:
    """The page of a mapping that has been read."""
    records = [_record(name, mapping.records[name]) for name in ALL_TYPES]
    return MappingPage(
        mapping,
        approval_status(mapping),
        [
            TablePart(name, mapping.columns_of(name), "" if one.relation else one.query, list(words.of_table(one)))
            for name, one in mapping.tables.items()
        ],
        records,
        list(_codes(mapping)),
        list(_absent(mapping)),
        list(words.of_proof(mapping.complete)),
    )


def _record(name: str, source: RecordSource) -> RecordPart:
    term = for_record(name)
    return RecordPart(
        name,
        term.nb if term else name,
        term.meaning.nb if term else "",
        source.absent or "",
        [_place(name, place) for place in source.places],
    )


def _place(name: str, place: RecordSource) -> PlacePart:
    fields = []
    for field, source in place.fields.items():
        term = for_column(name, field)
        fields.append((term.nb if term else field, term.meaning.nb if term else "", words.where_from(source)))
    return PlacePart(str(place.table), list(words.of_place(place)), fields)


def _codes(mapping: SourceMapping) -> Iterator[CodePart]:
    used: defaultdict[Path, list[tuple[str, str | None, Codes]]] = defaultdict(list)
    for place in mapping.places:
        for field, source in place.fields.items():
            if source.codes is not None:
                list_id = ALL_TYPES[place.record_type].column(field).code_list
                used[source.codes.file].append((_named(place.record_type, field), list_id, source.codes))
    for file, uses in sorted(used.items()):
        fields = list(dict.fromkeys(name for name, _, _ in uses))
        yield CodePart(file.name, fields, [_code(row, uses[0][1]) for row in uses[0][2].rows.iter_rows()])


def _code(row: tuple[object, ...], list_id: str | None) -> tuple[str, str, str, str]:
    local, code, start, end = row
    known = code_list(list_id).get(str(code)) if list_id else None
    period = f"{start or ''} – {end or ''}" if start or end else "alltid"
    return str(local), str(code), known.text if known else "", period


def _named(record_type: str, field: str) -> str:
    record, column = for_record(record_type), for_column(record_type, field)
    return f"{record.nb if record else record_type}: {column.nb if column else field}"


def _absent(mapping: SourceMapping) -> Iterator[tuple[str, str]]:
    for name, record in mapping.records.items():
        if record.absent:
            term = for_record(name)
            yield (term.nb if term else name), record.absent
        for place in record.places:
            for field, source in place.fields.items():
                if source.absent:
                    yield _named(name, field), source.absent
