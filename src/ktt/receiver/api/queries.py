"""Queries of receipts and open findings, as answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.domain.unit import ReportingUnit
from ktt.receiver.api import answer_models as models
from ktt.receiver.store.content_hash import open_hash
from ktt.receiver.store.tables import (
    ACCESS,
    FOLLOWER_POSITION,
    LAST_ACCEPTED,
    LATER_VERDICT,
    OPEN_FINDING,
    RECEIPT,
    REJUDGING,
    RESENT,
    SET_ASIDE,
    SUPPLIER,
)
from ktt.rules.catalogue import catalogue
from ktt.rules.rule import Consequence
from ktt.storage.vault import Vault
from ktt.wire import base64url

CONSEQUENCE_NAMES: dict[Consequence, models.Word] = {
    Consequence.REJECT_MESSAGE: "reject",
    Consequence.DROP_RECORD: "drop",
    Consequence.CLEAR_FIELD: "clear",
    Consequence.NOTE: "note",
}
"""The names of the four consequences in the answers."""

_OPENED, _NTH = OPEN_FINDING.c.opened_at, OPEN_FINDING.c.nth


@dataclass(frozen=True, slots=True)
class Page:
    """A page of findings: how many (0: none are wanted), after which one (message and number in it), of which message type."""

    limit: int
    after: tuple[int, int] = (0, 0)
    message_type: str | None = None


def granted(connection: Connection, holder: str, supplier: str | None) -> list[ReportingUnit]:
    """The units that the holder may send anything for, itself or through this vendor."""
    columns = (ACCESS.c.organisation, ACCESS.c.municipality, ACCESS.c.district)
    wanted = sa.select(*columns).distinct().where(ACCESS.c.holder == holder).order_by(*columns)
    if supplier is not None:
        wanted = wanted.where(sa.exists().where(SUPPLIER.c.holder == holder, SUPPLIER.c.supplier == supplier))
    return [
        ReportingUnit(row.organisation, row.municipality, row.district or None) for row in connection.execute(wanted)
    ]


@dataclass(frozen=True, slots=True)
class Accepted:
    """Of one unit: the position of its last accepted message (0: none), and how many came after what is ingested."""

    last: int
    not_ingested: int


def accepted(connection: Connection, unit: ReportingUnit, ingested_to: int) -> Accepted:
    """How far ahead of the registry the unit is."""
    last = connection.scalar(sa.select(LAST_ACCEPTED.c.position).where(LAST_ACCEPTED.c.unit == unit.key))
    units = sa.literal(",") + sa.func.coalesce(RECEIPT.c.units, RECEIPT.c.unit) + sa.literal(",")
    later = sa.select(sa.func.count()).where(RECEIPT.c.position > ingested_to, units.contains(f",{unit.key},"))
    return Accepted(int(last or 0), int(connection.scalar(later) or 0))


def receipt(connection: Connection, correlation: str, vault: Vault) -> models.Receipt | None:
    """One receipt, or None."""
    row = connection.execute(sa.select(RECEIPT).where(RECEIPT.c.correlation_id == correlation)).one_or_none()
    if row is None:
        return None
    again = connection.execute(sa.select(RESENT).where(RESENT.c.correlation_id == correlation)).one_or_none()
    last = connection.scalar(sa.select(LAST_ACCEPTED.c.position).where(LAST_ACCEPTED.c.unit == row.unit))
    return models.Receipt(
        **_received(row),
        **unit_members(ReportingUnit.from_key(row.unit)),
        extracted_on=row.extracted_on.isoformat(),
        msg_hash=base64url.encode(open_hash(vault, row.msg_hash)),
        software=row.software,
        last_of_unit=last == row.position,
        resent=0 if again is None else again.times,
        resent_last_at=None if again is None else _instant(again.last_at),
        judging=_validation_state(connection, row.position),
    )


def _validation_state(connection: Connection, position: int) -> models.Judging:
    aside = connection.execute(sa.select(SET_ASIDE).where(SET_ASIDE.c.position == position)).one_or_none()
    if aside is not None:
        return models.Judging(state="set_aside", code=aside.code, standing=0, later=None)
    if position > _follower_position(connection):
        return models.Judging(state="waiting", code=None, standing=0, later=None)
    wanted = sa.select(sa.func.count()).select_from(OPEN_FINDING).where(OPEN_FINDING.c.seen_at == position)
    later = _later_verdict(connection, position)
    return models.Judging(state="judged", code=None, standing=connection.scalar(wanted), later=later)


def _later_verdict(connection: Connection, position: int) -> models.LaterVerdict | None:
    joined = sa.join(LATER_VERDICT, REJUDGING, REJUDGING.c.id == LATER_VERDICT.c.rejudging)
    columns = (REJUDGING.c.at, REJUDGING.c.rules, LATER_VERDICT.c.opened, LATER_VERDICT.c.closed)
    found = sa.select(*columns).select_from(joined).where(LATER_VERDICT.c.position == position)
    row = connection.execute(found).one_or_none()
    return (
        None
        if row is None
        else models.LaterVerdict(at=_instant(row.at), rules=row.rules, opened=row.opened, closed=row.closed)
    )


def outstanding(
    connection: Connection,
    organisation: str,
    units: Sequence[ReportingUnit],
    page: Page,
    follow_ups: list[models.FollowUp] | None,
) -> models.Outstanding:
    """What was received last for each unit and type, how much waits for validation, and a page of open findings."""
    keys = [unit.key for unit in units]
    followed_to = _follower_position(connection)
    found = connection.execute(_findings(keys, page)).all()
    shown, more = found[: page.limit], len(found) > page.limit
    return models.Outstanding(
        organisation=organisation,
        standing=_count(connection, keys, page.message_type),
        waiting=_waiting(connection, keys, followed_to),
        units=[models.Unit(**unit_members(unit), received=list(_last(connection, unit.key))) for unit in units],
        set_aside=[_aside(row) for row in connection.execute(_set_aside(keys))],
        rules=_rules({row.rule for row in shown}),
        findings=[_finding(row) for row in shown],
        follow_ups=follow_ups,
        next=f"{shown[-1].opened_at}.{shown[-1].nth}" if shown and more else None,
    )


def _follower_position(connection: Connection) -> int:
    return int(connection.scalars(sa.select(FOLLOWER_POSITION.c.position)).one())


def _findings(keys: Iterable[str], page: Page) -> sa.Select[Any]:
    after = sa.tuple_(*(sa.literal(number) for number in page.after))
    later = after < sa.tuple_(_OPENED, _NTH)
    wanted = sa.select(OPEN_FINDING).where(OPEN_FINDING.c.unit.in_(keys))
    wanted = wanted.where(later) if page.after != (0, 0) else wanted
    if page.message_type is not None:
        wanted = wanted.where(OPEN_FINDING.c.message_type == page.message_type)
    return wanted.order_by(_OPENED, _NTH).limit(page.limit + 1)


def _count(connection: Connection, keys: Iterable[str], message_type: str | None) -> int:
    wanted = sa.select(sa.func.count()).select_from(OPEN_FINDING).where(OPEN_FINDING.c.unit.in_(keys))
    if message_type is not None:
        wanted = wanted.where(OPEN_FINDING.c.message_type == message_type)
    return int(connection.scalar(wanted) or 0)


def _waiting(connection: Connection, keys: Iterable[str], followed_to: int) -> int:
    wanted = sa.select(sa.func.count()).select_from(RECEIPT)
    wanted = wanted.where(RECEIPT.c.unit.in_(keys), RECEIPT.c.position > followed_to)
    return int(connection.scalar(wanted) or 0)


def _last(connection: Connection, unit: str) -> Iterable[models.LastReceived]:
    """The last message of each type, how many there were, and how many of their findings are open."""
    newest = sa.select(sa.func.max(RECEIPT.c.position).label("position"), sa.func.count().label("messages"))
    grouped = newest.where(RECEIPT.c.unit == unit).group_by(RECEIPT.c.message_type).subquery()
    wanted = sa.select(RECEIPT, grouped.c.messages).join(grouped, grouped.c.position == RECEIPT.c.position)
    counts = sa.select(OPEN_FINDING.c.message_type, sa.func.count().label("findings")).where(
        OPEN_FINDING.c.unit == unit
    )
    grouped_counts = connection.execute(counts.group_by(OPEN_FINDING.c.message_type))
    standing = {row.message_type: row.findings for row in grouped_counts}
    for row in connection.execute(wanted.order_by(RECEIPT.c.message_type)):
        counted = standing.get(row.message_type, 0)
        yield models.LastReceived(**_received(row), messages=row.messages, standing=counted)


def _set_aside(keys: Iterable[str]) -> sa.Select[Any]:
    joined = sa.join(SET_ASIDE, RECEIPT, RECEIPT.c.position == SET_ASIDE.c.position)
    columns = (RECEIPT, SET_ASIDE.c.code, SET_ASIDE.c.set_aside_at)
    return (
        sa.select(*columns)
        .select_from(joined)
        .where(SET_ASIDE.c.unit.in_(keys))
        .order_by(RECEIPT.c.position)
        .limit(MOST)
    )


MOST = 100
"""Messages in one answer that could not be validated."""


def _aside(row: Any) -> models.SetAside:
    return models.SetAside(**_received(row), code=row.code, set_aside_at=_instant(row.set_aside_at))


def _received(row: Any) -> dict[str, Any]:
    return {
        "correlation_id": row.correlation_id,
        "position": row.position,
        "message_type": row.message_type,
        "version": row.version,
        "received_at": _instant(row.received_at),
    }


def unit_members(unit: ReportingUnit) -> dict[str, Any]:
    """The members that name a unit."""
    return {
        "unit": unit.key,
        "organisation": unit.organisation,
        "municipality": unit.municipality,
        "district": unit.district,
    }


def _finding(row: Any) -> models.Stands:
    return models.Stands(
        unit=row.unit,
        message_type=row.message_type,
        rule=row.rule,
        record_type=row.record_type,
        local_id=row.local_id,
        part_id=row.part_id,
        fields=row.fields.split(",") if row.fields else [],
        pointer=row.pointer,
        consequence=CONSEQUENCE_NAMES[Consequence(row.consequence)],
        cause=row.cause,
        since=_instant(row.since),
        opened_at=row.opened_at,
        seen_at=row.seen_at,
    )


def _rules(wanted: set[str]) -> list[models.Rule]:
    """The texts of the rules on the page, each once."""
    return [
        models.Rule(
            rule=rule.id,
            consequence=CONSEQUENCE_NAMES[rule.consequence],
            does=rule.consequence.text,
            cause=rule.cause.value,
            who=rule.cause.text,
            says=rule.says,
            remedy=rule.remedy,
        )
        for rule in catalogue()
        if rule.id in wanted
    ]


def _instant(value: Any) -> str:
    return str(value.isoformat())
