"""A table of answers of any kind: whose they are, which question, and the answer (entity, attribute, value)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ktt.messages.drafting.clues.words import words_of
from ktt.sender.extract.drafting.codes import SCORES, VARIABLES, guessed, numbered_code
from ktt.sender.extract.drafting.match import LIKELY, SURE, Match, RecordMatch, matched
from ktt.sender.extract.drafting.rows import Choice
from ktt.sender.extract.drafting.tables.lookups import happened
from ktt.sender.extract.profiling.model import ColumnProfile, Join, TableProfile

_FEWEST_QUESTIONS = 10
_SCORED = 0.6
_VALUE = 9.0


@dataclass(frozen=True, slots=True)
class Answers:
    """The table, which rows of it are of forms of functional assessment, and the columns of whose, what and how much."""

    table: TableProfile
    choice: Choice
    of: Join
    question: ColumnProfile
    answer: ColumnProfile


def answers_of(tables: Iterable[TableProfile], choices: Mapping[str, Choice]) -> Answers | None:
    """The first table whose questions are numbered as the variables are, and whose answers begin with a score."""
    return next((found for table in tables if (found := _answers(table, choices[table.name]))), None)


def _answers(table: TableProfile, choice: Choice) -> Answers | None:
    question = next((one for one in table.columns if _asks(one)), None)
    answer = next((one for one in table.columns if one is not question and _scores(one)), None)
    if question is None or answer is None or len(table.key) > 1:
        return None
    of = max(
        (one for one in table.joins if one.column not in {question.name, answer.name}),
        key=lambda one: one.share,
        default=None,
    )
    if of is None:
        return None
    asked = _questions(question)
    where = (
        {question.name: tuple(sorted(asked))}
        if len(asked) < len(question.shown.values) or question.shown.hidden_values
        else {}
    )
    about = next((one for one in table.columns if one.kind == "table_name"), None)
    if about is not None:
        names = [value for value in about.shown.values if value.casefold() == of.table.casefold()]
        where |= {about.name: tuple(sorted(names))} if names else {}
    note = "bare svarene på funksjonsvariablene; de andre spørsmålene er ikke med"
    notes = {**choice.notes, "where": note, "with": "bare svar i skjemaene som teller"}
    within = {**choice.within, of.table: {of.other: of.column}}
    chosen = replace(choice, where={**choice.where, **where}, within=within, notes=notes)
    return Answers(table, chosen, of, _only(question, asked), answer)


def _asks(column: ColumnProfile) -> bool:
    return column.kind == "code" and len(_questions(column)) >= _FEWEST_QUESTIONS


def _questions(column: ColumnProfile) -> dict[str, str]:
    """The questions that are numbered as the variables, of the commonest kind of name."""
    kinds: dict[str, dict[str, str]] = {}
    for value in column.shown.values:
        if code := numbered_code(value, VARIABLES):
            kinds.setdefault(re.sub(r"\d+", "", value), {})[value] = code
    return max(kinds.values(), key=len, default={})


def _scores(column: ColumnProfile) -> bool:
    """Whether most rows begin with a score; a column of plain numbers from a form may be anything."""
    if column.kind not in {"code", "yes_no"}:
        return False
    scored = guessed(tuple(column.shown.values), SCORES)
    rows = sum(rows for value, rows in column.shown.values.items() if value in scored)
    return len(set(scored.values())) > 2 and rows >= _SCORED * column.filled  # noqa: PLR2004 (more than yes and no)


def _only(column: ColumnProfile, asked: Mapping[str, str]) -> ColumnProfile:
    values = {value: rows for value, rows in column.shown.values.items() if value in asked}
    return replace(column, shown=replace(column.shown, values=values))


def with_answers(
    records: Mapping[str, RecordMatch],
    choices: Mapping[str, Choice],
    answers: Answers,
    tables: Mapping[str, TableProfile],
) -> tuple[dict[str, RecordMatch], dict[str, Choice]]:
    """The records with scores of the answers, and assessments of the forms that they belong to."""
    form = tables[answers.of.table]
    mine = {"score", "assessment"}
    found = {name: one for name, one in records.items() if name not in mine and one.table not in (answers.table, form)}
    fields = {
        "assessment_id": Match(_column(answers.table, answers.of.column), SURE),
        "variable": Match(
            answers.question, LIKELY, why="gjettet av nummeret; sammenlign hvert spørsmål med navnet i kodeverket"
        ),
        "score": Match(answers.answer, SURE, why="skåren er tallet teksten begynner med"),
    }
    found["score"] = RecordMatch("score", answers.table, fields, _VALUE)
    chosen = _of_kind(form, choices[form.name])
    assessment = matched("assessment", form, chosen)
    id_ = {"assessment_id": Match(_column(form, answers.of.other), SURE)}
    day = happened(form)
    on = {"assessed_on": Match(day, LIKELY, why="den første dagen i skjemaet")} if day else {}
    found["assessment"] = replace(assessment, fields={**on, **assessment.fields, **id_}, value=_VALUE)
    return found, {**choices, answers.table.name: answers.choice, form.name: chosen}


def _of_kind(form: TableProfile, choice: Choice) -> Choice:
    """Only the forms of functional assessment, where a column says of which kind a form is."""
    for column in form.columns:
        mine = [
            value
            for value in column.shown.values
            if any("assessment" in word.meanings and not word.is_short for word in words_of(value))
        ]
        if column.kind == "code" and mine and len(mine) < len(column.shown.values):
            others = ", ".join(value for value in column.shown.values if value not in mine)
            notes = {**choice.notes, "where": f"bare skjema for funksjonsvurdering, ikke {others}"}
            return replace(choice, where={**choice.where, column.name: tuple(mine)}, notes=notes)
    return choice


def _column(table: TableProfile, name: str) -> ColumnProfile:
    return next(column for column in table.columns if column.name == name)
