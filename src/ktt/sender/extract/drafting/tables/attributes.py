"""The person's circumstances as answers in rows: a column of questions called as the fields are, and one of answers of all kinds.

Each question becomes a table of its own in the mapping, of the same table in the source, and the form looks it up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ktt.domain.records import CIRCUMSTANCES
from ktt.messages.drafting.clues.words import words_of
from ktt.messages.drafting.likeness import phrase_likeness
from ktt.messages.drafting.targets import Target
from ktt.sender.extract.drafting.clues import targets
from ktt.sender.extract.drafting.match import LIKELY, SURE, Match, RecordMatch, matched
from ktt.sender.extract.drafting.rows import Choice
from ktt.sender.extract.profiling.disclosure import ShownValues
from ktt.sender.extract.profiling.model import ColumnProfile, Join, TableProfile

_FEWEST = 3
_VALUE = 5.0
_WHY = "svaret på «{question}»; verdiene er blandet med svar på andre spørsmål, så skriv dem i kodefilen"


@dataclass(frozen=True, slots=True)
class Attributes:
    """The table, the column that leads to the form (or the person), and the question of each field."""

    table: TableProfile
    of: Join
    question: ColumnProfile
    answer: ColumnProfile
    fields: Mapping[str, str]


def attributes_of(tables: Iterable[TableProfile]) -> Attributes | None:
    """The first table with several questions that are called as fields of the circumstances are."""
    return next((found for table in tables if (found := _attributes(table))), None)


def _attributes(table: TableProfile) -> Attributes | None:
    if len(table.key) > 2:  # noqa: PLR2004 (whose, and which question)
        return None
    for question in (one for one in table.columns if one.kind == "code"):
        fields = _fields(question)
        of = next((join for join in table.joins if join.column != question.name and join.table != table.name), None)
        answer = next(
            (one for one in table.columns if _answers(one) and one.name not in {question.name, of and of.column}), None
        )
        if len(fields) >= _FEWEST and of is not None and answer is not None:
            return Attributes(table, of, question, answer, fields)
    return None


def _fields(question: ColumnProfile) -> dict[str, str]:
    """The question that each field is, each once; the likest first."""
    pairs = sorted(
        (
            (-_likeness(value, target), value, target.name)
            for value in question.shown.values
            for target in targets(CIRCUMSTANCES.name)
            if target.column.kind in {"code", "day", "month"} and target.name not in {"starts_on", "ends_on"}
        ),
    )
    found: dict[str, str] = {}
    for score, value, field in pairs:
        if -score >= LIKELY and field not in found and value not in found.values():
            found[field] = value
    return found


def _likeness(value: str, target: Target) -> float:
    implied = {"date", "time"} if target.column.kind in {"day", "month"} else set()
    return phrase_likeness([(word, 1.0) for word in words_of(value)], target.phrases, target.neutral, implied)


def _answers(column: ColumnProfile) -> bool:
    return column.kind in {"code", "text", "yes_no"} and any(
        {"result", "code", "score", "name"} & word.meanings for word in words_of(column.name)
    )


def with_attributes(
    records: Mapping[str, RecordMatch],
    choices: Mapping[str, Choice],
    found: Attributes,
    tables: Mapping[str, TableProfile],
) -> tuple[dict[str, RecordMatch], dict[str, Choice], dict[str, TableProfile]]:
    """The records with circumstances of the forms, each with its answers; and the tables that are made for those."""
    form, more, chosen = tables[found.of.table], {}, dict(choices)
    match = matched(CIRCUMSTANCES.name, form, choices[form.name])
    fields, lookups = dict(match.fields), dict(chosen[form.name].lookups)
    for field, question in sorted(found.fields.items()):
        name = f"{found.table.name}_{''.join(sign if sign.isalnum() else '_' for sign in question)}"
        more[name] = replace(found.table, name=name)
        own, where = choices[found.table.name], {found.question.name: (question,)}
        note = f"ett av spørsmålene i «{found.table.name}»"
        chosen[name] = replace(
            own, relation=found.table.name, where={**own.where, **where}, notes={**own.notes, "where": note}
        )
        lookups[name] = {found.of.column: found.of.other}
        answer = replace(found.answer, name=f"{name}.{found.answer.name}", shown=ShownValues())
        fields[field] = Match(answer, SURE, why=_WHY.format(question=question))
    fields["circumstances_id"] = Match(next(one for one in form.columns if one.name == found.of.other), SURE)
    chosen[form.name] = replace(chosen[form.name], lookups=lookups)
    left = {name: one for name, one in records.items() if one.table not in (found.table, form)}
    return {**left, CIRCUMSTANCES.name: RecordMatch(CIRCUMSTANCES.name, form, fields, _VALUE)}, chosen, more
