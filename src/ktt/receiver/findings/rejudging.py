"""Stored messages validated again, by other rules or packs: how the open findings would differ, and how they become so.

Only what is stored can be judged. Of each unit the messages after the newest whose content is gone are, in order, as the
follower does: so the findings of every record that one of them tells of are known. Findings of what only older messages told
stay. A unit with a message that could be validated before and cannot be now is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import Clock, norwegian_day
from ktt.core.log.masking import masked
from ktt.messages.contract import AcceptedMessage
from ktt.receiver.findings.open_findings import OpenFindings, ValidatedMessage
from ktt.receiver.findings.page_validation import PageValidation
from ktt.receiver.findings.rewritten_findings import FindingDifferences, Verdict, rewrite
from ktt.receiver.findings.validated_message import Find, SetAside, aside
from ktt.receiver.store.inbox import SqlInbox
from ktt.receiver.store.tables import FOLLOWER_POSITION, INBOX, RECEIPT, REJUDGING
from ktt.receiver.store.tables import SET_ASIDE as NOT_VALIDATED
from ktt.rules.open_findings import IDENTITY
from ktt.rules.rule_sets.published import RuleSet
from ktt.storage.database import Database
from ktt.storage.vault import Vault

_PAGE_MOST = 256  # messages
_ON = ["unit", *IDENTITY]
_SHOWN = ("consequence", "cause", "pointer")
Step = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class JudgedBy:
    """The rules and packs that messages are judged by, in an environment."""

    rules: RuleSet
    packs: str
    find: Find
    production: bool = False


class Rejudging:
    """What the stored messages of a receiver are found to be by other rules, held beside the open findings."""

    def __init__(self, database: Database, vault: Vault, clock: Clock, by: JudgedBy) -> None:
        self._database, self._clock, self._by = database, clock, by
        self._inbox = SqlInbox(database, vault)
        self._secret = vault.derive("receiver standing ids")
        self._now: dict[str, OpenFindings] = {}
        self._validated: dict[str, list[int]] = {}
        self.messages = self.not_stored = 0
        self.unreadable: list[SetAside] = []
        with database.reading() as connection:
            self._to = int(connection.scalars(sa.select(FOLLOWER_POSITION.c.position)).one())
            self._gone_to = _gone_to(connection, self._to)
            self._before = set(connection.scalars(sa.select(NOT_VALIDATED.c.position)))
            receipts = sa.select(sa.func.count()).select_from(RECEIPT).where(RECEIPT.c.position <= self._to)
            self._receipts = int(connection.scalar(receipts) or 0)

    def judge(self, step: Step = lambda _seen: None) -> None:
        """Validate every stored message that was validated before; `step` is told how many have been."""
        by = self._by
        validation = PageValidation(by.find, lambda _day: by.rules.rules, production=by.production)
        for page in self._stored():
            for message, found in zip(page, validation.of(page), strict=True):
                self.messages += 1
                step(self.messages)
                if not isinstance(found, Exception):
                    self._apply(found)
                elif message.position not in self._before:
                    self.unreadable += [aside(message.position, unit.key, found) for unit in message.units]
        self.not_stored = self._receipts - self.messages

    @property
    def units(self) -> list[str]:
        """The units that can be compared."""
        return sorted(set(self._now) - {one.unit for one in self.unreadable})

    def of(self, unit: str) -> FindingDifferences:
        """What differs of a unit."""
        with self._database.reading() as connection:
            return self._differences(connection, unit)

    def write(self, unit: str, by: str, why: str) -> FindingDifferences | None:
        """Let what differs of a unit be what is open; None when newer messages of it were validated meanwhile."""
        with self._database.transaction() as connection:
            # Locks the row, so that the follower waits, or has written its page.
            connection.execute(sa.update(FOLLOWER_POSITION).values(position=FOLLOWER_POSITION.c.position))
            if self._moved_on(connection, unit):
                return None
            found = self._differences(connection, unit)
            if found:
                now = self._clock.now()
                row = {"unit": unit, "at": now, "who": by, "why": masked(why), "rules": self._by.rules.version}
                row |= {"packs": self._by.packs, "opened": found.come.height, "closed": found.gone.height}
                number = connection.execute(sa.insert(REJUDGING).values(row)).inserted_primary_key
                verdict = Verdict(int(number[0]) if number else 0, now, norwegian_day(now))
                rewrite(connection, found, verdict)
        return found

    def _stored(self) -> Iterator[list[AcceptedMessage]]:
        position = 0
        while page := self._inbox.after(position, _PAGE_MOST):
            yield [message for message in page if message.position <= self._to]
            position = page[-1].position

    def _apply(self, found: ValidatedMessage) -> None:
        """For each unit by itself: what one unit has open is no business of the others."""
        position = found.message.position
        for batch, rows in zip(found.batches, found.findings, strict=True):
            unit = batch.unit.key
            if position <= self._gone_to.get(unit, 0):
                continue
            mine = self._now.get(unit) or OpenFindings.none(self._secret)
            self._now[unit] = mine.with_messages([ValidatedMessage(found.message, (batch,), (rows,))])
            if position in self._before:
                self._validated.setdefault(unit, []).append(position)

    def _differences(self, connection: Connection, unit: str) -> FindingDifferences:
        stands = OpenFindings.of(connection, [unit], self._secret).now
        stands = stands.filter(pl.col("seen_at") > self._gone_to.get(unit, 0))
        now = self._now[unit].now
        both = now.join(
            stands.select(*_ON, at="opened_at", n="nth", **{f"{one}_was": one for one in _SHOWN}),
            on=_ON,
            nulls_equal=True,
        )
        differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_was")) for name in _SHOWN)
        changed = both.filter(differs).with_columns(opened_at="at", nth="n").select(now.columns)
        return FindingDifferences(
            unit,
            come=now.join(stands, on=_ON, how="anti", nulls_equal=True),
            gone=stands.join(now, on=_ON, how="anti", nulls_equal=True),
            changed=changed,
            readable=tuple(self._validated.get(unit, ())),
        )

    def _moved_on(self, connection: Connection, unit: str) -> bool:
        at = int(connection.scalars(sa.select(FOLLOWER_POSITION.c.position)).one())
        newer = sa.select(sa.func.count()).select_from(RECEIPT)
        newer = newer.where(RECEIPT.c.position > self._to, RECEIPT.c.position <= at, _names(unit))
        return bool(connection.scalar(newer))


def _names(unit: str) -> sa.ColumnElement[bool]:
    units = sa.literal(",") + sa.func.coalesce(RECEIPT.c.units, RECEIPT.c.unit) + sa.literal(",")
    return units.contains(f",{unit},")


def _gone_to(connection: Connection, to: int) -> dict[str, int]:
    """Of each unit the newest message whose content is gone."""
    units = sa.func.coalesce(RECEIPT.c.units, RECEIPT.c.unit).label("units")
    gone = sa.select(units, sa.func.max(RECEIPT.c.position).label("last"))
    gone = gone.outerjoin(INBOX, INBOX.c.position == RECEIPT.c.position)
    gone = gone.where(INBOX.c.position.is_(None), RECEIPT.c.position <= to).group_by(units)
    found: dict[str, int] = {}
    for names, last in connection.execute(gone):
        for unit in names.split(","):
            found[unit] = max(found.get(unit, 0), last)
    return found
