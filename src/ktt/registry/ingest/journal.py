"""What was ingested, message by message: when, about which units, and what it changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl
from sqlalchemy.engine import Connection

from ktt.domain.schema import DTYPES
from ktt.messages.contract import AcceptedMessage
from ktt.registry.columns import insert
from ktt.registry.tables import INGESTED, INGESTED_UNIT

_MESSAGE = {
    "position": pl.Int64(),
    "municipality": pl.String(),
    "unit": pl.String(),
    "message_type": pl.String(),
    "message_version": pl.String(),
    "correlation_id": pl.String(),
    "received_at": DTYPES["instant"],
}
_COUNTED = {"position": pl.Int64(), "deleted": pl.Boolean(), "len": pl.UInt32()}


def journal_rows(
    messages: Sequence[AcceptedMessage], records: pl.DataFrame, versions: Sequence[pl.DataFrame], at: dt.datetime
) -> pl.DataFrame:
    """A row for each message ingested at an instant.

    `records` has how many each message has (`position`, `records`), `versions` how many new versions it made of each
    type (`position`, `deleted`, `len`).
    """
    rows = [
        (
            message.position,
            message.unit.municipality,
            message.unit.key,
            message.message_type,
            message.version,
            message.correlation_id,
            message.received_at,
        )
        for message in messages
    ]
    made = pl.concat([pl.DataFrame(schema=_COUNTED), *versions])
    gone = pl.col("deleted")
    counts = made.group_by("position").agg(
        changed=pl.col("len").filter(~gone).sum().cast(pl.Int64),
        deleted=pl.col("len").filter(gone).sum().cast(pl.Int64),
    )
    found = pl.DataFrame(rows, schema=_MESSAGE, orient="row")
    for one in (records, counts):
        found = found.join(one, on="position", how="left", maintain_order="left")
    return found.with_columns(pl.col("records", "changed", "deleted").fill_null(0), ingested_at=pl.lit(at))


def write_journal(connection: Connection, journal: pl.DataFrame, messages: Sequence[AcceptedMessage]) -> None:
    """Write the rows, and which units each message is about."""
    insert(connection, INGESTED, journal)
    about = sorted({(unit.key, message.position) for message in messages for unit in message.units})
    insert(
        connection,
        INGESTED_UNIT,
        pl.DataFrame(about, schema={"unit": pl.String(), "position": pl.Int64()}, orient="row"),
    )
