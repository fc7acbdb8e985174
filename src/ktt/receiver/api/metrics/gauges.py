"""Metrics that are read when `/metrics` is asked for and are the same in every process: keys, positions, open findings."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator

import sqlalchemy as sa
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from ktt.core.clock import Clock
from ktt.receiver.api.queries import CONSEQUENCE_NAMES
from ktt.receiver.keys.key_store import KeyStore
from ktt.receiver.store.tables import ACCEPTED_POSITION, FOLLOWER_POSITION, OPEN_FINDING, RECEIPT, SET_ASIDE
from ktt.rules.rule import Consequence
from ktt.storage.database import Database
from ktt.storage.errors import DatabaseUnavailable

_log = logging.getLogger(__name__)


class StateCollector(Collector):
    """Reads the key folder and the database."""

    def __init__(self, database: Database, keys: KeyStore, clock: Clock) -> None:
        self._database, self._keys, self._clock = database, keys, clock

    def collect(self) -> Iterator[Metric]:
        """The metrics as they are now; without a database only those that need none, and `database_up` 0."""
        yield from self._key_ages()
        try:
            with self._database.reading() as connection:
                found = [*self._follower(connection), *self._open_findings(connection)]
        except (SQLAlchemyError, DatabaseUnavailable) as lost:
            _log.warning("metrics without a database: %s", type(lost).__name__)
            found = []
        yield from found
        yield _gauge("database_up", "Whether the database answers", 1 if found else 0)

    def _key_ages(self) -> Iterator[Metric]:
        left = [(key.expires_at - self._clock.now()).total_seconds() for key in self._keys.listed()]
        yield _gauge("keys", "Public keys listed", len(left))
        ages = GaugeMetricFamily("ktt_receiver_key_seconds_left", "Until a listed key expires", labels=["key"])
        if left:
            ages.add_metric(["newest"], max(left))
            ages.add_metric(["oldest"], min(left))
        yield ages

    def _follower(self, connection: Connection) -> Iterator[Metric]:
        accepted = int(connection.scalars(sa.select(ACCEPTED_POSITION.c.last)).one())
        followed = int(connection.scalars(sa.select(FOLLOWER_POSITION.c.position)).one())
        waits = sa.select(RECEIPT.c.received_at).where(RECEIPT.c.position > followed).order_by(RECEIPT.c.position)
        oldest: dt.datetime | None = connection.scalar(waits.limit(1))
        late = 0.0 if oldest is None else max(0.0, (self._clock.now() - oldest).total_seconds())
        yield _gauge("accepted_position", "The last accepted message", accepted)
        yield _gauge("judged_position", "The last accepted message that is validated", followed)
        yield _gauge("judging_lag_messages", "Accepted messages not validated yet", accepted - followed)
        yield _gauge("judging_lag_seconds", "Age of the oldest of them", late)

    def _open_findings(self, connection: Connection) -> Iterator[Metric]:
        set_aside = connection.scalar(sa.select(sa.func.count()).select_from(SET_ASIDE))
        yield _gauge("set_aside_messages", "Accepted messages that could not be validated", set_aside or 0)
        counts = sa.select(OPEN_FINDING.c.consequence, sa.func.count().label("findings")).group_by(
            OPEN_FINDING.c.consequence
        )
        found = {row.consequence: row.findings for row in connection.execute(counts)}
        family = GaugeMetricFamily("ktt_receiver_standing_findings", "Open findings", labels=["consequence"])
        for consequence in Consequence:
            family.add_metric([CONSEQUENCE_NAMES[consequence]], found.get(consequence.value, 0))
        yield family


def _gauge(name: str, documentation: str, value: float) -> Metric:
    return GaugeMetricFamily(f"ktt_receiver_{name}", documentation, value=value)
