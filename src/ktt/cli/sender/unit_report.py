"""Units and changes of units as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ktt.cli.show import language, table
from ktt.core.text import Text
from ktt.sender.unit_changes.free_units import STATES
from ktt.sender.unit_changes.overview import UnitLine
from ktt.sender.unit_changes.report import ChangeReport, ComingReport, LeavingReport
from ktt.validate.report.words import record_word

if TYPE_CHECKING:
    from rich.console import RenderableType

_PLANNED = Text(
    nb="{unit}: {records:opplysning|opplysninger} i registeret ville blitt slettet med {messages:melding|meldinger}. "
    "Ingenting er sendt.",
    en="{unit}: {records:record|records} in the registry would be deleted by {messages:message|messages}. Nothing was sent.",
)
_TAKEN_OUT = Text(
    nb="{unit}: {count:melding|meldinger} som venter i køen, tas ut og sendes ikke.",
    en="{unit}: {count:message that waits|messages that wait} in the queue will be taken out and not sent.",
)
_WITHDRAWN = Text(
    nb="✓ {unit} er avviklet fra {day}: {records:opplysning|opplysninger} er slettet i registeret, {messages:melding|meldinger} levert.",
    en="✓ {unit} is retired from {day}: {records:record|records} deleted in the registry, {messages:message|messages} delivered.",
)
_SURPLUS = Text(
    nb="{unit}: {count:opplysning|opplysninger} som registeret hadde uten at databasen visste det, er også slettet.",
    en="{unit}: {count:record|records} that the registry had without the store knowing are deleted as well.",
)
_NOT_CHECKED = Text(
    nb="{unit}: mottaket sier ikke hva registeret har, så det er kvitteringene som viser at alt er slettet.",
    en="{unit}: the receiver does not tell what the registry holds, so the receipts show that everything is deleted.",
)
_CONFIRMED = Text(
    nb="✓ {unit} er avviklet fra {day}. Ingenting er sendt: registeret har selv slettet opplysningene ifølge «{who}».",
    en="✓ {unit} is retired from {day}. Nothing was sent: the registry itself deleted the records according to “{who}”.",
)
_STOPPED = Text(
    nb="✗ {unit}: {messages:melding|meldinger} levert, {left} står i køen. Enheten er ikke trukket helt tilbake.",
    en="✗ {unit}: {messages:message|messages} delivered, {left} in the queue. The unit is not wholly withdrawn.",
)
_NEXT = Text(
    nb="Kjør «ktt {command}» med innstillingsfilen til {unit} nå. Til den er ferdig, mangler registeret opplysningene.",
    en="Run `ktt {command}` with the settings file of {unit} now. Until it is done, the registry lacks the records.",
)
_WAITS = Text(
    nb="{unit} venter, og kan ikke sende før dette er gjort ferdig.",
    en="{unit} waits, and cannot report before this is finished.",
)


def shown(report: ChangeReport) -> RenderableType:
    """The whole report of a change, or of what it would do."""
    from rich.console import Group

    lines = [text.in_(language()) for one in report.leaving for text in _leaving(report, one)]
    if report.id is not None:
        lines += [_coming(report, one).in_(language()) for one in report.coming]
    tables = [_records(one) for one in report.leaving if one.records]
    return Group(*lines, *tables)


def _leaving(report: ChangeReport, one: LeavingReport) -> Iterator[Text]:
    facts = {
        "unit": one.unit.key,
        "day": report.day.isoformat(),
        "records": sum(one.records.values()),
        "messages": one.messages if report.id is None else one.accepted,
        "left": one.undelivered,
    }
    if report.id is None:
        yield _PLANNED.format(**facts)
        if one.taken_out:
            yield _TAKEN_OUT.format(unit=one.unit.key, count=one.taken_out)
    elif one.withdrawn is None:
        yield _STOPPED.format(**facts)
    elif one.withdrawn.confirmed is not None:
        yield _CONFIRMED.format(**facts, who=one.withdrawn.confirmed)
    else:
        yield _WITHDRAWN.format(**facts)
        if one.surplus:
            yield _SURPLUS.format(unit=one.unit.key, count=sum(one.surplus.values()))
        if one.accepted and not one.checked:
            yield _NOT_CHECKED.format(unit=one.unit.key)


def _coming(report: ChangeReport, one: ComingReport) -> Text:
    if report.stopped is not None:
        return _WAITS.format(unit=one.unit.key)
    return _NEXT.format(command=one.next, unit=one.unit.key)


def _records(one: LeavingReport) -> RenderableType:
    columns = [Text(nb="Opplysning", en="Record type"), Text(nb="I registeret", en="In the registry")]
    rows = [(record_word(name, language()), count) for name, count in one.records.items()]
    return table(columns, rows, title=one.unit.key)


def listed(lines: Sequence[UnitLine]) -> RenderableType:
    """The units of a store."""
    columns = [
        Text(nb="Enhet", en="Unit"),
        Text(nb="Tilstand", en="State"),
        Text(nb="Siden", en="Since"),
        Text(nb="Kom etter", en="Came after"),
        Text(nb="Etterfølger", en="Successor"),
        Text(nb="Hvorfor", en="Why"),
        Text(nb="Av", en="By"),
    ]
    return table(columns, [_row(line) for line in lines])


def _row(line: UnitLine) -> tuple[object, ...]:
    before, after = (", ".join(unit.key for unit in units) for units in (line.predecessors, line.successors))
    why, by = (line.change.reason, line.change.by) if line.change else ("", "")
    return (line.unit.key, STATES[line.state].in_(language()), line.since, before, after, why, by)
