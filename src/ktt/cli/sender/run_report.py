"""A run of the sender as text: what was sent, how many findings are open, records per type, each kind of finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ktt.cli.sender.findings_report import following
from ktt.cli.sender.limited_words import limited_words
from ktt.cli.sender.proof_report import proof_words
from ktt.cli.sender.questions_report import question_words
from ktt.cli.sender.queue.words import parked_words
from ktt.cli.sender.reconcile_report import comparison_lines
from ktt.cli.show import language, table
from ktt.core.text import Text
from ktt.rules.kinds import Cause, Consequence
from ktt.sender.extract.finding_kinds import FOLLOWING
from ktt.sender.report import MAX_IDS, FindingCount, FindingDiffCounts, RunReport
from ktt.validate.report.reading_words import reading_words
from ktt.validate.report.words import about, cause_name, field_words, record_word

if TYPE_CHECKING:
    from rich.console import RenderableType


_REACHED = Text(nb="Mottaket svarer, og HelseID gir token.", en="The receiver answers, and HelseID gives a token.")
_ASKED = {
    "last": Text(
        nb="Mottaket svarer, og kjenner det siste som er sendt.",
        en="The receiver answers, and knows what was sent last.",
    ),
    "not_offered": Text(
        nb="Mottaket svarer, og HelseID gir token. Mottaket har ikke oppslag, så det siste som er sendt, er ikke etterspurt.",
        en="The receiver answers, and HelseID gives a token. The receiver has no lookups, so what was sent last was not asked for.",
    ),
}
"""What a run without messages asked, by the answer about the last receipt."""


_KEPT = Text(
    nb="{n:post|poster} fra en tidligere EPJ blir stående i registeret.",
    en="{n:record|records} of an earlier record system stay at the registry.",
)


def remarks(report: RunReport) -> Iterator[Text]:
    """What is worth knowing beside the answer: a queue that was made anew, what is set aside, and tables whose newest row is old."""
    if report.rebuilt is not None:
        rebuilt = Text(
            nb="Melding {n} ble avvist. EPJ er rettet siden, og køen er laget på nytt.",
            en="Message {n} was rejected. The record system is corrected since, and the queue is made anew.",
        )
        yield rebuilt.format(n=report.rebuilt)
    if report.parked is not None:
        yield parked_words(report.parked.records, report.parked.since, report.parked.dependents)
    if kept := sum(one.kept for one in report.types.values()):
        yield _KEPT.format(n=kept)
    for name, hours in sorted(report.stale.items()):
        stale = Text(
            nb="Tabellen «{name}» er {hours:time|timer} gammel.", en="The table “{name}” is {hours:hour|hours} old."
        )
        yield stale.format(name=name, hours=hours)


def shown(report: RunReport, *, mend: bool = True) -> RenderableType:
    """The whole report. `mend` says how a difference from the registry is mended."""
    from rich.console import Group

    shown = [_summary(report).in_(language()), *(line.in_(language()) for line in _registry(report))]
    if report.finding_diff is not None:
        shown.append(_finding_diff(report.finding_diff).in_(language()))
    shown.extend(words.in_(language()) for words in (*proof_words(report), *question_words(report)))
    if report.kind == "load":
        shown.extend(words.in_(language()) for words in limited_words(report.limited))
    shown.extend(reading_words(report.reading, language()))
    if report.comparison is not None:
        shown += comparison_lines(report.comparison, mend=mend)
    types = _types(report)
    return Group(*shown, *([types] if types else []), *findings_shown(report.findings))


def _summary(report: RunReport) -> Text:
    return _headline(report).format(
        messages=report.messages,
        changes=report.changes,
        left=report.undelivered,
        day=report.extracted_on.isoformat(),
    )


def _registry(report: RunReport) -> Iterator[Text]:
    """That the store was bound, and what the registry was asked on a day without messages."""
    if report.bound:
        yield Text(
            nb="Lageret er nå bundet til mottaket, klienten, enheten og maskinen. «ktt store show» viser det.",
            en="The store is now bound to receiver, client, unit and machine. `ktt store show` shows it.",
        )
    if report.asked is not None and report.asked.keys_and_token:
        yield _ASKED.get(report.asked.receipt, _REACHED)


def _finding_diff(diff: FindingDiffCounts) -> Text:
    """How many findings were opened, are still open and closed, and where to read more when there are any."""
    shown = Text(
        nb="Avvik: {opened:nytt|nye}, {still_open:fortsatt åpent|fortsatt åpne}, {closed} lukket.",
        en="Findings: {opened} new, {still_open} still open, {closed} closed.",
    ).format(opened=diff.opened, still_open=diff.still_open, closed=diff.closed)
    more = Text(nb="{shown} «ktt findings» viser dem.", en="{shown} `ktt findings` shows them.")
    return more.format(shown=shown) if diff.opened + diff.still_open else shown


def _headline(report: RunReport) -> Text:
    if report.stopped is not None and report.asked is not None and report.asked.keys_and_token is not None:
        return Text(
            nb="✗ {day}: 0 endringer, men registeret svarer ikke.",
            en="✗ {day}: 0 changes, but the registry does not answer.",
        )
    if report.stopped is not None:
        return Text(
            nb="✗ {messages:melding|meldinger} levert, {left} står i køen.",
            en="✗ {messages:message|messages} delivered, {left} in the queue.",
        )
    if not report.read:
        return Text(
            nb="✓ Initiell last er ferdig fra før. Kjør «ktt daily».",
            en="✓ The initial load was finished before. Run `ktt daily`.",
        )
    words = _DAY_SENT if report.kind == "daily" else _LOADED
    return Text(nb=f"✓ {words.nb}", en=f"✓ {words.en}") if _is_right(report) else words


_DAY_SENT = Text(
    nb="{day}: {changes:endring|endringer}, {messages:melding|meldinger} levert.",
    en="{day}: {changes:change|changes}, {messages:message|messages} delivered.",
)
_LOADED = Text(
    nb="Initiell last er ferdig: {messages:melding|meldinger} levert, alt til og med {day}.",
    en="The initial load is finished: {messages:message|messages} delivered, everything up to {day}.",
)


def _is_right(report: RunReport) -> bool:
    """Whether nothing was held back, and the registry has the same as far as it can be asked."""
    compared = report.comparison
    return report.strict_exit_code == 0 and (compared is None or compared.may_be_called_right)


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


def findings_shown(findings: Sequence[FindingCount]) -> Iterator[RenderableType]:
    """What must be corrected, by who must act; what only follows from it is one line at the end."""
    for cause in Cause:
        mine = [one for one in findings if one.cause == cause.value and one.code not in FOLLOWING]
        if mine:
            yield f"{cause_name(cause, language())}: {sum(one.count for one in mine)}"
            yield _counted(mine)
    follow: Counter[str] = Counter()
    for one in findings:
        follow[one.record_type] += one.count if one.code in FOLLOWING else 0
    if follow.total():
        yield following(follow).in_(language())


def _counted(findings: Sequence[FindingCount]) -> RenderableType:
    """Each kind of finding with its count before it; readable also on a narrow screen."""
    from rich.table import Table
    from rich.text import Text as Words

    drawn = Table.grid(padding=(0, 2))
    drawn.add_column(justify="right", no_wrap=True)
    drawn.add_column()
    for one in findings:
        drawn.add_row(f"  {one.count}", Words("\n".join((*_finding_texts(one), ""))))
    return drawn


def _finding_texts(finding: FindingCount) -> Iterator[str]:
    spoken, rule = language(), about()[finding.code]
    yield rule.says.in_(spoken)
    yield rule.remedy.in_(spoken)
    fields = field_words(finding.record_type, [finding.field] if finding.field else None, spoken)
    where = (record_word(finding.record_type, spoken), fields, finding.detail)
    follows = Consequence(finding.consequence).text.in_(spoken)
    yield " · ".join(filter(None, (finding.code, *where, follows)))
    if finding.local_ids:
        more = " …" if finding.count > len(finding.local_ids) == MAX_IDS else ""
        yield ", ".join(finding.local_ids) + more
