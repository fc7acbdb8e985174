"""A comparison with the registry as text: one line that says what is true, and a row for each record type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ktt.cli.show import language, table
from ktt.core.text import Text
from ktt.sender.outbox.answer_words import in_words
from ktt.sender.registry_comparison import DIFFERENCES, RegistryComparison
from ktt.sender.report import MAX_IDS
from ktt.validate.report.words import record_word

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.sender.reconcile import ReconcileReport

_ON_RECEIPTS = Text(
    nb="Mottaket sier ikke hva registeret har. Dette er bare sammenlignet med det køen har kvittering for, og det er "
    "svakere: er køen gammel, ny eller byttet, stemmer ikke den heller.",
    en="The receiver does not tell what the registry holds. This is compared only with what the queue has receipts for, "
    "which is weaker: when the store is old, new or another's, that is not true either.",
)
_STATES = {
    ("equal", "inventory"): Text(
        nb="✓ Registeret har det samme som EPJ.", en="✓ The registry has what the record system has."
    ),
    ("equal", "receipts"): Text(
        nb="EPJ har det samme som køen har kvittering for.",
        en="The record system has what the queue has receipts for.",
    ),
    ("different", "inventory"): Text(
        nb="✗ Registeret har ikke det samme som EPJ: {differences:post|poster} er ulike.",
        en="✗ The registry does not have what the record system has: {differences:record differs|records differ}.",
    ),
    ("different", "receipts"): Text(
        nb="✗ {differences:post|poster} i EPJ er ulike det køen har kvittering for.",
        en="✗ {differences:record|records} of the record system are not as the queue has receipts for.",
    ),
    ("not_answered", "inventory"): Text(
        nb="Mottaket svarte ikke på hva registeret har ({reason}), så det er ikke sammenlignet.",
        en="The receiver did not answer what the registry holds ({reason}), so it is not compared.",
    ),
    ("not_answered", "receipts"): Text(
        nb="✗ Mottaket kjenner ikke igjen den siste kvitteringen ({reason}). Registeret er et annet, eller har mistet noe.",
        en="✗ The receiver does not know the last receipt ({reason}). The registry is another, or has lost something.",
    ),
    ("not_ingested", "inventory"): Text(
        nb="Registeret har ikke lest inn {pending:melding|meldinger} ennå, så det er ikke sammenlignet.",
        en="The registry has not ingested {pending:message|messages} yet, so it is not compared.",
    ),
    ("held", "inventory"): Text(
        nb="✗ Registeret holder {pending:melding|meldinger} tilbake. Ta kontakt med mottakeren.",
        en="✗ The registry holds back {pending:message|messages}. Contact the receiver.",
    ),
}
_ALL_BUT_HELD = Text(
    nb="Registeret har det samme som EPJ, bortsett fra {held:post|poster} som er holdt tilbake, satt til side eller "
    "ikke slettet.",
    en="The registry has what the record system has, but for {held:record|records} held back, set aside or not deleted.",
)
_MEND = Text(nb="Rett det med «ktt reconcile --mend».", en="Mend it with `ktt reconcile --mend`.")
_NOT_MENDED = Text(
    nb="Forskjellene kunne ikke rettes ved å sende på nytt. Ta kontakt med mottakeren: registeret må rettes der.",
    en="Sending again did not mend it. Contact the receiver: the registry must be mended there.",
)
_WAITING = Text(
    nb="{undelivered:melding|meldinger} i køen er ikke levert, og regnes som manglende. Kjør «ktt daily» først.",
    en="{undelivered:message|messages} in the queue are not delivered, and count as missing. Run `ktt daily` first.",
)
_COLUMNS = [
    Text(nb="Opplysning", en="Record type"),
    Text(nb="I EPJ", en="In the record system"),
    Text(nb="Mangler", en="Missing"),
    Text(nb="Overtallig", en="Surplus"),
    Text(nb="Ulik", en="Different"),
    Text(nb="Holdt tilbake", en="Held back"),
    Text(nb="Ikke slettet", en="Not deleted"),
]
_WORDS = {
    "missing": Text(nb="mangler i registeret", en="missing in the registry"),
    "surplus": Text(nb="overtallig i registeret", en="surplus in the registry"),
    "different": Text(nb="ulik", en="different"),
}


def shown(report: ReconcileReport) -> RenderableType:
    """The whole report: what was found, and what mending made of it."""
    from rich.console import Group

    from ktt.cli.sender import run_report

    found = [*comparison_lines(report.found, mend=report.mended is None and report.found.source == "inventory")]
    if report.undelivered and report.mended is None:
        found.append(_WAITING.format(undelivered=report.undelivered).in_(language()))
    details = _details(report.found)
    if report.mended is None:
        return Group(*found, *details)
    after = report.mended.comparison
    left = [_NOT_MENDED.in_(language())] if after is not None and after.state == "different" else []
    return Group(*found, *details, run_report.shown(report.mended, mend=False), *left)


def comparison_lines(comparison: RegistryComparison, *, mend: bool) -> Iterator[str]:
    """What is true, in a line or two; nothing where the receiver has no such address."""
    if comparison.state == "not_offered":
        return
    words = _STATES[comparison.state, comparison.source]
    if comparison.held and (comparison.state, comparison.source) == ("equal", "inventory"):
        words = _ALL_BUT_HELD.format(held=comparison.held)
    facts = {
        "differences": comparison.differences,
        "pending": comparison.pending,
        "reason": in_words(comparison.reason),
    }
    yield words.format(**facts).in_(language())
    if comparison.source == "receipts":
        yield _ON_RECEIPTS.in_(language())
    if mend and comparison.state == "different":
        yield _MEND.in_(language())


def _details(comparison: RegistryComparison) -> Iterator[RenderableType]:
    rows = [
        (record_word(name, language()), one.sent, one.missing, one.surplus, one.different, one.held, one.unproved)
        for name, one in comparison.types.items()
    ]
    if rows:
        yield table(_COLUMNS, rows)
    for name, one in comparison.types.items():
        for kind in DIFFERENCES:
            ids = one.first.get(kind, [])
            if ids:
                more = " …" if getattr(one, kind) > len(ids) == MAX_IDS else ""
                words = f"{record_word(name, language())}, {_WORDS[kind].in_(language())}"
                yield f"{words}: {', '.join(ids)}{more}"
