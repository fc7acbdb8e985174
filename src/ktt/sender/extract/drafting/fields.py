"""How a matched column is written in a mapping: its forms, its codes, and what a person must look at."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ktt.domain.records import ALL_TYPES
from ktt.domain.schema import Column
from ktt.messages.drafting.clues.codes import code_named
from ktt.sender.extract.drafting.codes import SYSTEMS, CodeFiles, are_official
from ktt.sender.extract.drafting.match import LIKELY, SURE, Match, RecordMatch
from ktt.sender.extract.drafting.rows import Choice
from ktt.sender.extract.mapping.model import mapped_columns
from ktt.sender.extract.mapping.values.formats import DEFAULTS
from ktt.sender.extract.profiling.model import ColumnProfile

NOT_FOUND = "Ikke funnet i kilden."
_MINUTES = {"min", "minutt", "minutter", "minutes"}
_LONG_DIAGNOSIS = 4
_CLOCK = re.compile("9{1,3}:99")


@dataclass(frozen=True, slots=True)
class DraftField:
    """One field. `value` is a column's name or an inline table; None where a required field has no column.

    `doubt` is what a person must look at; empty where the column is plain.
    """

    name: str
    value: str | dict[str, object] | None
    doubt: str = ""


def draft_fields(match: RecordMatch, choice: Choice, files: CodeFiles) -> list[DraftField]:
    """Every field of the record type, in the order it is declared."""
    return [_field(match, choice, column, files) for column in mapped_columns(match.record_type)]


def _field(match: RecordMatch, choice: Choice, column: Column, files: CodeFiles) -> DraftField:
    wide = choice.wide if match.record_type == "score" else None
    if wide is not None and column.name in {"variable", "score"}:
        return DraftField(column.name, {"variable": "n", "score": "value"}[column.name])
    record_type = ALL_TYPES[match.record_type]
    if column.name == record_type.key and not record_type.parent_key and not match.is_long and len(choice.key) > 1:
        together = "-".join(f"{{{name}}}" for name in choice.key)
        return DraftField(column.name, together, "satt sammen av tabellens nøkkel")
    if match.is_long and column.name in {"assessment_id", "variable"}:
        return _of_answers(choice, column.name)
    found = match.fields.get(column.name)
    if found is None:
        return _without(match, column)
    return DraftField(column.name, _source(found, column, files), _doubt(found, column))


def _of_answers(choice: Choice, name: str) -> DraftField:
    """A form with a row for each answer: the form's id is first in the table's key, and the question last."""
    if name == "assessment_id":
        return DraftField(name, choice.key[0], "det første i tabellens nøkkel")
    return DraftField(name, choice.key[-1], "det siste i tabellens nøkkel; trenger en kodefil når det ikke er 1 til 18")


def _without(match: RecordMatch, column: Column) -> DraftField:
    if column.name == "decision_number":
        return DraftField(
            column.name, {"constant": "1"}, "ingen kolonne ligner; 1 er riktig bare når vedtak ikke forlenges"
        )
    if column.name == "service_type" and (code := _type_of(match.table.name)):
        return DraftField(column.name, {"constant": code}, "gjettet av navnet på tabellen")
    if column.name == "code_system":
        return _code_system(match.fields.get("code"))
    if column.required:
        return DraftField(column.name, None, "ingen kolonne ligner, men feltet må kobles")
    return DraftField(
        column.name, {"absent": NOT_FOUND}, "se etter en kolonne, eller skriv hvorfor opplysningen ikke finnes"
    )


def _type_of(table: str) -> str | None:
    """The type of service that a table is called after, where every type has its own."""
    return code_named(table.rpartition(".")[2].partition("_")[2], "9151")


def _code_system(code: Match | None) -> DraftField:
    shapes = code.column.shapes if code else {}
    is_long = any(len(shape.replace(".", "")) >= _LONG_DIAGNOSIS for shape in shapes)
    system = "ICD-10" if is_long else "ICPC-2"
    return DraftField("code_system", {"constant": system}, "gjettet av formen på kodene; ICD-10 eller ICPC-2")


def _source(match: Match, column: Column, files: CodeFiles) -> str | dict[str, object]:
    found = match.column
    source: dict[str, object] = {"latest_of": [found.name, *match.others]} if match.others else {"column": found.name}
    if match.otherwise:
        source["or"] = list(match.otherwise)
    source |= _of_time(found, column) | _of_hours(found, column) | _of_codes(found, column, files)
    if column.name == "code" and any("." in shape for shape in found.shapes):
        source["strip"] = "."
    if column.name == "code" and found.mixed_case:
        source["upper"] = True
    return found.name if list(source) == ["column"] else source


def _of_time(found: ColumnProfile, column: Column) -> dict[str, object]:
    """The forms of a day, a month or an instant, and the texts that are no day."""
    if column.kind not in {"day", "instant", "month"}:
        return {}
    source: dict[str, object] = {}
    written = [form for form in found.formats if form]
    plain = [DEFAULTS[column.kind]], [DEFAULTS["day"]], [DEFAULTS["instant"]]
    if written and written not in (plain[:1] if column.kind == "instant" else plain):
        key = {"day": "date", "instant": "instant", "month": "month"}[column.kind]
        source[key] = written[0] if len(written) == 1 else written
    if column.kind != "month" and found.open_ends:
        source["empty"] = ["", *found.open_ends]
    return source


def _of_hours(found: ColumnProfile, column: Column) -> dict[str, object]:
    """The decimal mark, and minutes as hours."""
    if column.kind != "hours":
        return {}
    if any(_CLOCK.fullmatch(shape) for shape in found.shapes):
        return {"decimal": ":"}
    source: dict[str, object] = {"decimal": ","} if found.decimal == "," else {}
    return source | ({"divide": 60} if _MINUTES & set(found.name.lower().split("_")) else {})


def _of_codes(found: ColumnProfile, column: Column, files: CodeFiles) -> dict[str, object]:
    """The code file, where the codes are not the official ones."""
    source: dict[str, object] = {}
    if column.kind == "code" and found.kind != "empty" and not are_official(found, str(column.code_list)):
        source["codes"] = files.add(found, str(column.code_list))
    if column.name == "code_system" and found.shown.values and not set(found.shown.values) <= {"ICD-10", "ICPC-2"}:
        source["codes"] = files.add(found, SYSTEMS)
    return source


def _doubt(found: Match, column: Column) -> str:
    doubts = [found.why] if found.why else []
    if found.score < LIKELY:
        doubts.append("navnet ligner lite")
    elif found.score < SURE and not found.rival:
        doubts.append("navnet ligner noe")
    if found.rival and found.score < SURE + 0.15:
        doubts.append(f"kan også være «{found.rival}»")
    if found.column.kind == "empty":
        doubts.append("kolonnen er tom, så formen på verdiene er ikke kjent")
    if "31.12.99" in found.column.open_ends:
        doubts.append("«31.12.99» er lest som åpen slutt, ikke som 1999")
    if column.required and found.column.filled and found.column.empty > found.column.rows / 100:
        doubts.append(f"{found.column.empty / found.column.rows:.0%} av radene er tomme, men feltet må ha verdi")
    if column.kind == "code" and not found.column.shown.values and found.column.filled:
        doubts.append("verdiene er skjult (få rader hver, eller for mange ulike): skriv dem i kodefilen selv")
    return "; ".join(doubts)
