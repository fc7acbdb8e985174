"""How a run of the sender is shown: what was sent, what is found and still stands, records per type, each finding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ktt.cli.show import language, table
from ktt.review.words import about, field_words, record_word
from ktt.sender.report import MOST_IDS, FindingCount, RunReport, StandingCounts
from ktt.text import Text, counted
from ktt.validation.rule import Cause, Consequence

if TYPE_CHECKING:
    from rich.console import RenderableType

_MESSAGES = (Text(nb="{n} melding", en="{n} message"), Text(nb="{n} meldinger", en="{n} messages"))
_CHANGES = (Text(nb="{n} endring", en="{n} change"), Text(nb="{n} endringer", en="{n} changes"))


def remarks(report: RunReport) -> Iterator[Text]:
    """What is worth knowing beside the answer: tables whose newest row is old."""
    for name, hours in sorted(report.stale.items()):
        stale = Text(nb="Tabellen «{name}» er {hours} timer gammel.", en="The table “{name}” is {hours} hours old.")
        yield stale.format(name=name, hours=hours)


def shown(report: RunReport) -> RenderableType:
    """The whole report."""
    from rich.console import Group

    said = [_summary(report).in_(language())]
    if report.standing is not None:
        said.append(_standing(report.standing).in_(language()))
    parts = [part for part in (_types(report), _findings(report)) if part is not None]
    return Group(*said, *parts)


def _summary(report: RunReport) -> Text:
    return _headline(report).format(
        messages=counted(report.messages, *_MESSAGES),
        changes=counted(report.changes, *_CHANGES),
        left=report.undelivered,
        day=report.extracted_on.isoformat(),
    )


def _standing(standing: StandingCounts) -> Text:
    """How the findings stand, and where to read more when there are any."""
    said = Text(
        nb="Avvik: {opened} nye, {still_open} fortsatt åpne, {closed} lukket.",
        en="Findings: {opened} new, {still_open} still open, {closed} closed.",
    ).format(opened=standing.opened, still_open=standing.still_open, closed=standing.closed)
    more = Text(nb="{said} «ktt findings» viser dem.", en="{said} `ktt findings` shows them.")
    return more.format(said=said) if standing.opened + standing.still_open else said


def _headline(report: RunReport) -> Text:
    if report.stopped is not None:
        return Text(nb="✗ {messages} levert, {left} står i køen.", en="✗ {messages} delivered, {left} in the line.")
    if not report.read:
        return Text(
            nb="✓ Initiell last er ferdig fra før. Kjør «ktt daily».",
            en="✓ The initial load was finished before. Run `ktt daily`.",
        )
    if report.kind == "daily":
        return Text(nb="✓ {day}: {changes}, {messages} levert.", en="✓ {day}: {changes}, {messages} delivered.")
    return Text(
        nb="✓ Initiell last er ferdig: {messages} levert, alt til og med {day}.",
        en="✓ The initial load is finished: {messages} delivered, everything up to {day}.",
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
        (record_word(name, language()), c.new, c.changed, c.gone, c.unchanged, c.held, sum(c.excluded.values()))
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
        Text(nb="Følge", en="Consequence"),
        Text(nb="Årsak", en="Cause"),
        Text(nb="Lokale ID-er", en="Local ids"),
    ]
    return table(columns, map(_finding, report.findings))


def _finding(finding: FindingCount) -> tuple[object, ...]:
    spoken, told = language(), about()[finding.code]
    detail = f" ({finding.detail})" if finding.detail else ""
    what = f"{told.says.in_(spoken)}{detail} {told.remedy.in_(spoken)}"
    more = " …" if finding.count > len(finding.local_ids) == MOST_IDS else ""
    fields = field_words(finding.record_type, [finding.field] if finding.field else None, spoken)
    where = (record_word(finding.record_type, spoken), fields)
    follows = Consequence(finding.consequence).text.in_(spoken)
    cause = Cause(finding.cause).text.in_(spoken)
    return (finding.code, finding.count, *where, what, follows, cause, ", ".join(finding.local_ids) + more)
