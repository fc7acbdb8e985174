"""A report as lines that can be read aloud."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ktt.core.text import Language, Text
from ktt.rules.rule import Cause
from ktt.validate.document import Document
from ktt.validate.report.reading_words import reading_words
from ktt.validate.report.report import Group, Report, accounts
from ktt.validate.report.words import cause_name, finding_fields, record_word

SHOWN = 10
"""Findings of one rule that are shown on a screen; the other formats have them all."""

_LINE = Text(nb="linje {}", en="line {}")
_MORE = Text(
    nb="… og {} til. Alle står i --format csv, xlsx eller json.",
    en="… and {} more. All are in --format csv, xlsx or json.",
)
_NONE = Text(nb="Ingen avvik.", en="No findings.")
_ALL = Text(nb="I alt", en="In all")
_REMEDY = Text(nb="Slik retter dere: {}", en="What to do: {}")
_HEAD = Text(nb="Kontrollert mot regelversjon {} slik den gjelder {}.", en="Judged by rule set {} as it stands on {}.")
_ONLY = Text(nb="Bare: {}. Andre regler er ikke brukt.", en="Only: {}. Other rules were not asked.")


def as_text(report: Report, language: Language) -> str:
    """The report in one language."""
    return "\n".join(_lines(report, language))


def where(finding: dict[str, Any], language: Language, *, document: bool) -> str:
    """Where one finding is: `tjeneste T-10001 · startdato · linje 12 · /0/tjeneste/0/startDato`."""
    record_type = finding["record_type"]
    name = " ".join(filter(None, (record_word(record_type, language), finding["local_id"])))
    line = finding["line"]
    parts = (
        finding["document"] if document else None,
        name,
        finding["part_id"],
        finding_fields(finding, language),
        finding[f"says_{language}"] or finding["detail"],
        _LINE.in_(language).format(line) if line else None,
        finding["pointer"],
        finding["value"] and f"= {finding['value']}",
    )
    return " · ".join(filter(None, parts))


def _lines(report: Report, language: Language) -> Iterator[str]:
    request = report.request
    yield _HEAD.in_(language).format(report.rule_set, request.today.isoformat())
    if request.choices:
        yield _ONLY.in_(language).format(", ".join(request.choices))
    for document in report.documents:
        yield ""
        yield from _document(document, language)
    if len(report.documents) > 1:
        yield ""
        yield f"{_ALL.in_(language)} ({len(report.documents)})"
        yield f"  {accounts(report.totals).in_(language)}"
    for cause in Cause:
        yield from _cause(report, cause, language)
    if report.findings.is_empty() and not any(document.fault for document in report.documents):
        yield ""
        yield _NONE.in_(language)


def _document(document: Document, language: Language) -> Iterator[str]:
    yield " · ".join(filter(None, (document.name, document.what, ", ".join(document.units))))
    if document.fault is None:
        yield f"  {accounts(document.totals).in_(language)}"
        if document.reading is not None:
            yield from (f"  {said}" for said in reading_words(document.reading, language))
        return
    yield f"  {document.fault.code}: {document.fault.says().in_(language)}"
    yield f"  {document.fault.advises().in_(language)}"


def _cause(report: Report, cause: Cause, language: Language) -> Iterator[str]:
    groups = report.of(cause)
    if not groups:
        return
    yield ""
    yield f"{cause_name(cause, language)}: {sum(group.count for group in groups)}"
    for group in groups:
        yield ""
        yield from _group(group, language, document=len(report.documents) > 1)


def _group(group: Group, language: Language, *, document: bool) -> Iterator[str]:
    yield f"  {group.about.id} · {group.count} · {group.consequence.text.in_(language)}"
    yield f"  {group.about.says.in_(language)}"
    yield f"  {_REMEDY.in_(language).format(group.about.remedy.in_(language))}"
    for finding in group.findings.head(SHOWN).iter_rows(named=True):
        yield f"    {where(finding, language, document=document)}"
    if group.count > SHOWN:
        yield f"    {_MORE.in_(language).format(group.count - SHOWN)}"
