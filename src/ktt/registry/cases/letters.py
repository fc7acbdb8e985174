"""Drafted letters to a unit about its case: a template for each cause, in bokmål and in nynorsk.

A letter says what is seen, since when, with which figures, what the municipality can do and whom to answer. No person is in it:
everything it is filled with is a count, a day, a name of a program or place, or an id of a message or rule.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any

from ktt.domain.unit import ReportingUnit
from ktt.registry.cases.case import Case
from ktt.registry.cases.causes import Cause
from ktt.registry.cases.errors import LetterMissing
from ktt.rules.catalogue import catalogue

_MONTHS = (
    *("januar", "februar", "mars", "april", "mai", "juni"),
    *("juli", "august", "september", "oktober", "november", "desember"),
)
_MOST = 12  # lines of a list


class Form(StrEnum):
    """The written form: its name is that of the folder of templates."""

    BOKMAAL = "bokmaal"
    NYNORSK = "nynorsk"


@dataclass(frozen=True, slots=True)
class _Words:
    """What differs between the forms outside the templates."""

    answer: str
    program: str
    service: str
    rule: str
    more: str
    through: str


_WORDS: Mapping[Form, _Words] = {
    Form.BOKMAAL: _Words(
        answer="Svar til {contact}, og oppgi saksnummeret.",
        program="Programmet er {vendor} {system} {version}.",
        service="  – tjenestetype {service_type}: fra {before} til {after} i uken fram til {week}",
        rule="  – {rule}: {findings} åpne avvik. {says}",
        more="  – og {n} til",
        through="  – {first} til og med {last}",
    ),
    Form.NYNORSK: _Words(
        answer="Svar til {contact}, og oppgi saksnummeret.",
        program="Programmet er {vendor} {system} {version}.",
        service="  – tenestetype {service_type}: frå {before} til {after} i veka fram til {week}",
        rule="  – {rule}: {findings} opne avvik. {says}",
        more="  – og {n} til",
        through="  – {first} til og med {last}",
    ),
}
_SENDER: Mapping[Form, str] = {
    Form.BOKMAAL: "den som sendte dere dette brevet",
    Form.NYNORSK: "den som sende dykk dette brevet",
}


def letter(case: Case, form: Form, *, place: str, today: dt.date, contact: str | None = None) -> str:
    """The letter as text. `place` is the municipality's name, `contact` whom to answer (without: who sent it)."""
    title, _, body = _template(form, case.cause.value).partition("\n")
    words = _WORDS[form]
    facts = {"since": day_in_words(case.since), **_facts(case, words)}
    return _template(form, "frame").format(
        place=place,
        unit=case.unit,
        organisation=ReportingUnit.from_key(case.unit).organisation,
        today=day_in_words(today),
        number=case.number,
        title=title,
        body=body.strip().format(**facts),
        deadline=day_in_words(case.deadline),
        contact=words.answer.format(contact=contact or _SENDER[form]),
    )


def day_in_words(day: dt.date) -> str:
    """`16. mars 2026`, which is the same in both forms."""
    return f"{day.day}. {_MONTHS[day.month - 1]} {day.year}"


def month_in_words(month: str) -> str:
    """`mars 2026` of `2026-03`."""
    return f"{_MONTHS[int(month[5:]) - 1]} {month[:4]}"


def _template(form: Form, name: str) -> str:
    file = files("ktt.registry.cases") / "letters" / form.value / f"{name}.txt"
    try:
        return file.read_text(encoding="utf-8").rstrip("\n")
    except OSError as fault:
        raise LetterMissing(file=f"{form.value}/{name}.txt") from fault


def _facts(case: Case, words: _Words) -> dict[str, Any]:
    own = dict(case.figures)
    if "heard_on" in own:
        own["heard_on"] = day_in_words(dt.date.fromisoformat(own["heard_on"]))
    if "share" in own:
        own["share"] = f"{100 * own['share']:.1f} prosent".replace(".", ",")
    if "version" in own:
        own["program"] = words.program.format(**own) if own["version"] else ""
    if case.cause in _LISTS:
        name, line = _LISTS[case.cause]
        own["list"] = _listed([line(one, words) for one in case.figures[name]], words)
    return own


def _listed(lines: list[str], words: _Words) -> str:
    more = [words.more.format(n=len(lines) - _MOST)] if len(lines) > _MOST else []
    return "\n".join([*lines[:_MOST], *more])


def _service(one: Mapping[str, Any], words: _Words) -> str:
    return words.service.format(**one, week=day_in_words(dt.date.fromisoformat(one["week_to"])))


def _rule(one: Mapping[str, Any], words: _Words) -> str:
    """The rule's own sentence is written in bokmål alone."""
    known = {rule.id: rule.says.nb for rule in catalogue()}
    return words.rule.format(**one, says=known.get(one["rule"], "")).rstrip()


def _period(one: list[str], words: _Words) -> str:
    first, last = map(month_in_words, one)
    return f"  – {first}" if first == last else words.through.format(first=first, last=last)


_Line = Callable[[Any, _Words], str]
_LISTS: Mapping[Cause, tuple[str, _Line]] = {
    Cause.VOLUME: ("types", _service),
    Cause.RULES: ("rules", _rule),
    Cause.COVERAGE: ("periods", _period),
    Cause.MISSING: ("periods", _period),
}
