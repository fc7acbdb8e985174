"""How a run of the sender is shown: one line that says it, then records per type, then what was held back and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ktt.cli.show import language, table
from ktt.domain.glossary import for_column, glossary
from ktt.sender.report import FindingCount, RunReport
from ktt.sources.findings import KINDS
from ktt.text import Text
from ktt.validation.rule import Cause

if TYPE_CHECKING:
    from rich.console import RenderableType


def remarks(report: RunReport) -> Iterator[Text]:
    """What is worth knowing beside the answer: tables whose newest row is old."""
    for name, hours in sorted(report.stale.items()):
        stale = Text(nb="Tabellen «{name}» er {hours} timer gammel.", en="The table “{name}” is {hours} hours old.")
        yield stale.format(name=name, hours=hours)


def shown(report: RunReport) -> RenderableType:
    """The whole report."""
    from rich.console import Group

    parts = [part for part in (_types(report), _findings(report)) if part is not None]
    return Group(_summary(report).in_(language()), *parts)


def _summary(report: RunReport) -> Text:
    return _headline(report).format(
        messages=report.messages,
        changes=report.changes,
        left=report.undelivered,
        day=report.extracted_on.isoformat(),
    )


def _headline(report: RunReport) -> Text:
    if report.stopped is not None:
        return Text(
            nb="✗ {messages} meldinger er levert, {left} står i køen.",
            en="✗ {messages} messages delivered, {left} in the line.",
        )
    if not report.read:
        return Text(
            nb="✓ Initiell last er ferdig fra før. Kjør «ktt daily».",
            en="✓ The initial load was finished before. Run `ktt daily`.",
        )
    if report.kind == "daily":
        return Text(
            nb="✓ {day}: {changes} endringer, {messages} meldinger levert.",
            en="✓ {day}: {changes} changes, {messages} messages delivered.",
        )
    return Text(
        nb="✓ Initiell last er ferdig: {messages} meldinger levert, alt til og med {day}.",
        en="✓ The initial load is finished: {messages} messages delivered, everything up to {day}.",
    )


def _types(report: RunReport) -> RenderableType | None:
    if not report.types:
        return None
    columns = [
        Text(nb="Opplysning", en="Record type"),
        Text(nb="Nye", en="New"),
        Text(nb="Endret", en="Changed"),
        Text(nb="Borte", en="Gone"),
        Text(nb="Uendret", en="Unchanged"),
        Text(nb="Holdt tilbake", en="Held back"),
        Text(nb="Utenfor", en="Outside"),
    ]
    rows = [
        (_type_name(name), c.new, c.changed, c.gone, c.unchanged, c.held, sum(c.excluded.values()))
        for name, c in report.types.items()
    ]
    return table(columns, rows)


def _findings(report: RunReport) -> RenderableType | None:
    if not report.findings:
        return None
    columns = [
        Text(nb="Avvik", en="Finding"),
        Text(nb="Antall", en="Count"),
        Text(nb="Opplysning", en="Record type"),
        Text(nb="Felt", en="Field"),
        Text(nb="Hva, og hva dere gjør", en="What, and what to do"),
        Text(nb="Årsak", en="Cause"),
        Text(nb="Lokale ID-er", en="Local ids"),
    ]
    return table(columns, map(_finding, report.findings))


def _finding(finding: FindingCount) -> tuple[object, ...]:
    kind, spoken = KINDS[finding.code], language()
    detail = f" ({finding.detail})" if finding.detail else ""
    what = f"{kind.says.in_(spoken)}{detail} {kind.remedy.in_(spoken)}"
    more = " …" if finding.count > len(finding.local_ids) else ""
    where = (_type_name(finding.record_type), _field_name(finding))
    cause = Cause(finding.cause).text.in_(spoken)
    return (finding.code, finding.count, *where, what, cause, ", ".join(finding.local_ids) + more)


def _type_name(record_type: str) -> str:
    names = {term.code: term.nb for term in glossary() if term.section == "records"}
    return names.get(record_type, record_type) if language() == "nb" else record_type


def _field_name(finding: FindingCount) -> str:
    if finding.field is None:
        return ""
    term = for_column(finding.record_type, finding.field)
    return term.nb if term is not None and language() == "nb" else finding.field
