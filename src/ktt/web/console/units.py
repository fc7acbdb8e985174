"""The units of the sandbox: what of theirs has been accepted, and what is still wrong in it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from ktt.core.errors import KttError
from ktt.core.text import Text
from ktt.domain.unit import ReportingUnit
from ktt.receiver.store.tables import LAST_ACCEPTED, OPEN_FINDING, RECEIPT, SET_ASIDE
from ktt.testing.sandbox.errors import RequestsUnderWay
from ktt.validate.report.words import about, field_words, record_word
from ktt.web.console.console import SITE, Console, day_and_time, go_to, nothing_here
from ktt.web.site import Visit

_SHOWN = 200
_TITLE = Text(nb="Enheter", en="Units")
_UNIT = Text(nb="Enhet {unit}", en="Unit {unit}")
_UNKNOWN = Text(nb="Sandkassen har ikke enheten.", en="The sandbox has no such unit.")
_COUNTS = Text(
    nb="{messages:melding|meldinger} godtatt, {findings} avvik gjenstår",
    en="{messages:message|messages} accepted, {findings:finding|findings} outstanding",
)
_CAUSES = {
    "registration": Text(nb="saksbehandler retter i EPJ", en="a case worker corrects it in the EPJ"),
    "extraction": Text(nb="uttrekket rettes", en="the extraction is corrected"),
    "code-mapping": Text(nb="kodekoblingen rettes", en="the code mapping is corrected"),
}


@dataclass(frozen=True, slots=True)
class UnitState:
    """One unit: accepted messages, the last of them, open findings, and accepted messages that no rule could read."""

    unit: ReportingUnit
    messages: int
    last_at: dt.datetime | None
    findings: int
    set_aside: int

    @property
    def says(self) -> Text:
        """Both counts in words."""
        return _COUNTS.format(messages=self.messages, findings=self.findings)

    @property
    def last(self) -> str:
        """When the last message was accepted; a dash when none was."""
        return "–" if self.last_at is None else day_and_time(self.last_at)


def units_of(console: Console) -> list[UnitState]:
    """Every unit that may report, in the order in which they were named."""
    with console.control.database.reading() as connection:
        messages = _by_unit(connection, RECEIPT.c.unit)
        findings = _by_unit(connection, OPEN_FINDING.c.unit)
        aside = _by_unit(connection, SET_ASIDE.c.unit)
        wanted = sa.select(LAST_ACCEPTED.c.unit, RECEIPT.c.received_at).join(
            RECEIPT, RECEIPT.c.position == LAST_ACCEPTED.c.position
        )
        last = {row.unit: row.received_at for row in connection.execute(wanted)}
    return [
        UnitState(
            unit, messages.get(unit.key, 0), last.get(unit.key), findings.get(unit.key, 0), aside.get(unit.key, 0)
        )
        for unit in console.sandbox.units
    ]


def _by_unit(connection: sa.Connection, column: sa.Column[Any]) -> dict[str, int]:
    rows = connection.execute(sa.select(column, sa.func.count()).group_by(column))
    return {str(unit): int(count) for unit, count in rows}


def units_page(console: Console, visit: Visit, *, wrong: KttError | None = None) -> Response:
    """`/units`."""
    status = 200 if wrong is None else 409
    return SITE.page(visit, "units.html.jinja", title=_TITLE, status=status, units=units_of(console), wrong=wrong)


def empty(console: Console, visit: Visit) -> Response:
    """`POST /units/empty`: receiver and registry have nothing, as when the sandbox was new."""
    try:
        console.control.reset("all")
    except RequestsUnderWay as fault:
        return units_page(console, visit, wrong=fault)
    return go_to("/units")


def unit_page(console: Console, visit: Visit) -> Response:
    """`/units/KEY`: what is still wrong, by rule."""
    key = visit.request.path_params["unit"]
    state = next((one for one in units_of(console) if one.unit.key == key), None)
    if state is None:
        return nothing_here(visit, _UNKNOWN)
    wanted = sa.select(OPEN_FINDING).where(OPEN_FINDING.c.unit == key).order_by(OPEN_FINDING.c.rule).limit(_SHOWN)
    with console.control.database.reading() as connection:
        rows = [dict(row) for row in connection.execute(wanted).mappings()]
    findings = [_finding(row, visit) for row in rows]
    facts: dict[str, Any] = {"state": state, "findings": findings, "shown": _SHOWN}
    return SITE.page(visit, "unit.html.jinja", title=_UNIT.format(unit=key), **facts)


def _finding(row: dict[str, Any], visit: Visit) -> dict[str, Any]:
    language = visit.t.language
    kind, fields = row["record_type"], [name for name in row["fields"].split(",") if name]
    known = about().get(row["rule"])
    return {
        "rule": row["rule"],
        "says": known.says if known else Text("", ""),
        "who": _CAUSES.get(row["cause"], Text(row["cause"], row["cause"])),
        "where": " ".join(filter(None, (record_word(kind, language), row["local_id"], row["part_id"]))),
        "fields": field_words(kind, fields, language),
        "since": day_and_time(row["since"]),
    }
