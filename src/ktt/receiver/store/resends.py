"""Notes that a message came again. A resend changes nothing of what was accepted; support staff want to see it."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from ktt.storage.database import Database

_NOTE = sa.text(
    "INSERT INTO receiver_resent (correlation_id, times, last_at) VALUES (:correlation_id, 1, :last_at)"
    " ON CONFLICT (correlation_id) DO UPDATE SET times = receiver_resent.times + 1, last_at = :last_at"
).bindparams(sa.bindparam("last_at", type_=sa.DateTime(timezone=True)))


def note_resent(database: Database, correlation_id: str, at: dt.datetime) -> None:
    """The receipt was given once more, at this instant."""
    with database.transaction() as connection:
        connection.execute(_NOTE, {"correlation_id": correlation_id, "last_at": at})
