"""How a matched column is written in a mapping: its forms, its codes, and what a person must look at."""

from __future__ import annotations

from dataclasses import dataclass

from ktt.domain.records import ALL_TYPES
from ktt.domain.schema import Column
from ktt.sender.extract.drafting.codes import SYSTEMS, CodeFiles, are_official
from ktt.sender.extract.drafting.match import LIKELY, SURE, Match, RecordMatch
from ktt.sender.extract.drafting.rows import Choice
from ktt.sender.extract.mapping.model import mapped_columns
from ktt.sender.extract.mapping.values.formats import DEFAULTS
from ktt.sender.extract.profiling.model import ColumnProfile

NOT_FOUND = "Ikke funnet i kilden."
_MINUTES = {"min", "minutt", "minutter", "minutes"}
_LONG_DIAGNOSIS = 4


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
    return DraftField(column.name, _source(found.column, column, files), _doubt(found, column))


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
    if column.name == "code_system":
        return _code_system(match.fields.get("code"))
    if column.required:
        return DraftField(column.name, None, "ingen kolonne ligner, men feltet må kobles")
    return DraftField(
        column.name, {"absent": NOT_FOUND}, "se etter en kolonne, eller skriv hvorfor opplysningen ikke finnes"
    )


def _code_system(code: Match | None) -> DraftField:
    shapes = code.column.shapes if code else {}
    is_long = any(len(shape.replace(".", "")) >= _LONG_DIAGNOSIS for shape in shapes)
    system = "ICD-10" if is_long else "ICPC-2"
    return DraftField("code_system", {"constant": system}, "gjettet av formen på kodene; ICD-10 eller ICPC-2")


def _source(found: ColumnProfile, column: Column, files: CodeFiles) -> str | dict[str, object]:
    source: dict[str, object] = {"column": found.name}
    if column.kind in {"day", "instant", "month"} and found.formats:
        written = [form for form in found.formats if form]
        if written != [DEFAULTS[column.kind]] and not (column.kind == "day" and written == [DEFAULTS["instant"]]):
            key = {"day": "date", "instant": "instant", "month": "month"}[column.kind]
            source[key] = written[0] if len(written) == 1 else written
    if column.kind in {"day", "instant"} and found.open_ends:
        source["empty"] = ["", *found.open_ends]
    if column.kind == "hours" and found.decimal == ",":
        source["decimal"] = ","
    if column.kind == "hours" and _MINUTES & set(found.name.lower().split("_")):
        source["divide"] = 60
    if column.kind == "code" and found.kind != "empty" and not are_official(found, str(column.code_list)):
        source["codes"] = files.add(found, str(column.code_list))
    if column.name == "code_system" and found.shown.values and not set(found.shown.values) <= {"ICD-10", "ICPC-2"}:
        source["codes"] = files.add(found, SYSTEMS)
    if column.name == "code" and any("." in shape for shape in found.shapes):
        source["strip"] = "."
    return found.name if len(source) == 1 else source


def _doubt(found: Match, column: Column) -> str:
    doubts = []
    if found.score < LIKELY:
        doubts.append("navnet ligner lite")
    elif found.score < SURE and not found.rival:
        doubts.append("navnet ligner noe")
    if found.rival and found.score < SURE + 0.15:
        doubts.append(f"kan også være «{found.rival}»")
    if found.column.kind == "empty":
        doubts.append("kolonnen er tom, så formen på verdiene er ikke kjent")
    if column.required and found.column.filled and found.column.empty > found.column.rows / 100:
        doubts.append(f"{found.column.empty / found.column.rows:.0%} av radene er tomme, men feltet må ha verdi")
    if column.kind == "code" and not found.column.shown.values and found.column.filled:
        doubts.append("verdiene er skjult (få rader hver, eller for mange ulike): skriv dem i kodefilen selv")
    return "; ".join(doubts)
