"""The words of a report: what a rule id means, and what record types and fields are called by people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ktt.core.text import Language, Text
from ktt.domain.glossary import for_column, for_record
from ktt.messages.iplos_3_7.layout import layout
from ktt.rules.annual.catalogue import by_id as annual_by_id
from ktt.rules.catalogue import catalogue
from ktt.rules.rule import Cause
from ktt.rules.schema_rules.message import MESSAGE_SCHEMA_RULES
from ktt.sender.extract.finding_kinds import FINDING_KINDS

_ONLY_HERE = {
    "unit": Text(nb="rapporterende enhet", en="reporting unit"),
    "message": Text(nb="melding", en="message"),
}


@dataclass(frozen=True, slots=True)
class About:
    """What a finding of some id says, to everybody who meets it."""

    id: str
    says: Text
    remedy: Text


@cache
def about() -> dict[str, About]:
    """Every id a finding can have: the rules, what reading a source finds, and the ways to break a schema."""
    rules = [About(rule.id, rule.says, rule.remedy) for rule in catalogue()]
    read = [About(kind.code, kind.says, kind.remedy) for kind in FINDING_KINDS.values()]
    shape = [About(rule.id, rule.says, rule.remedy) for rule in MESSAGE_SCHEMA_RULES.values()]
    annual = [About(rule.id, rule.says, rule.remedy) for rule in annual_by_id().values()]
    return {one.id: one for one in (*rules, *read, *shape, *annual)}


def record_word(record_type: str, language: Language) -> str:
    """What people call a record type: `tjeneste` or `care service`."""
    if record_type in _ONLY_HERE:
        return _ONLY_HERE[record_type].in_(language)
    if (element := layout().by_name.get(record_type)) is not None:
        return Text(element.nb, element.en).in_(language)
    term = for_record(record_type)
    return term.nb.partition(",")[0] if term is not None and language == "nb" else record_type.replace("_", " ")


def field_words(record_type: str, fields: list[str] | None, language: Language) -> str:
    """What people call these fields: `startdato, sluttdato` or `starts on, ends on`."""
    return ", ".join(_field(record_type, field, language) for field in fields or ())


def finding_fields(finding: Mapping[str, Any], language: Language) -> str:
    """The fields of a finding of a report, and what messages call them: `søknadsdato (soknadDato)`."""
    words = field_words(finding["record_type"], finding["fields"], language)
    called = ", ".join(finding.get("message_fields") or ())
    return f"{words} ({called})" if words and called else words


def cause_name(cause: Cause, language: Language) -> str:
    """Who must act, as a heading: `Registrering (saksbehandler retter i EPJ)`."""
    words = cause.text.in_(language)
    return words[0].upper() + words[1:]


def _field(record_type: str, field: str, language: Language) -> str:
    element = layout().by_name.get(record_type)
    if element is not None:
        one = element.find(field)
        return f"{Text(one.nb, one.en).in_(language)} ({field})"
    term = for_column(record_type, field)
    return term.nb if term is not None and language == "nb" else field.replace("_", " ")
