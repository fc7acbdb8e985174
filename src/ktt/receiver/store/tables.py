"""The receiver's tables, as the migrations make them. A table's name is older than the constant that holds it."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from ktt.storage.column_types import columns, counts, instants, texts
from ktt.storage.database import Schema

SCHEMA = Schema("receiver", Path(__file__).parent / "migrations", "0008")

_metadata = sa.MetaData()


ACCEPTED_POSITION = sa.Table("receiver_position", _metadata, *counts("last"))
"""One row, locked from the acceptance of a message to the commit, so positions become visible in their own order."""

RECEIPT = sa.Table(
    "receiver_receipt",
    _metadata,
    *counts("position", key=True),
    *texts("correlation_id", "unit", "message_type", "version"),
    *columns(sa.LargeBinary, "msg_hash"),
    *instants("received_at"),
    *texts("client_id"),
    *texts("supplier", nullable=True),
    *texts("software"),
    *columns(sa.Date, "extracted_on"),
    *texts("units", nullable=True),  # all of them, joined by commas; empty before revision 0005
)
"""One row for each accepted message; it stays when the content is gone."""

INBOX = sa.Table(
    "receiver_inbox",
    _metadata,
    *counts("position", key=True),
    *columns(sa.LargeBinary, "payload"),
)
"""The content of accepted messages, compressed and then sealed."""

LAST_ACCEPTED = sa.Table(
    "receiver_line",
    _metadata,
    *texts("unit", key=True),
    *counts("position"),
)
"""The position of each unit's last accepted message. A message about two units is the last of both."""

SPENT_PROOF = sa.Table(
    "receiver_jti",
    _metadata,
    *columns(sa.LargeBinary, "hash", key=True),
    *counts("expires_at"),
)
"""Proofs that have been used, by SHA-256 of thumbprint, address and `jti`; `expires_at` in seconds since 1970.
The row without a hash says up to which instant proofs are forgotten."""

WRAPPED_KEY = sa.Table(
    "receiver_wrapped_key",
    _metadata,
    *columns(sa.LargeBinary, "hash", key=True),
    *texts("jkt"),
    *columns(sa.LargeBinary, "msg_hash", "body_hash"),
    *texts("key_id"),
)
"""Each wrapped key seen, and the one submission it belongs to; kept as long as the RSA key `key_id` (transport § 14.2)."""

ACCESS = sa.Table(
    "receiver_access",
    _metadata,
    *texts("holder", key=True),  # `orgnr_parent` of the token
    *texts("organisation", key=True),  # of the reporting unit: the holder itself or one of its child units
    *texts("municipality", key=True),
    *texts("district", key=True),  # empty when the unit is no district
    *texts("message_type", key=True),
)
"""Which organisation may send which type for which unit."""

ACCESS_VERSION = sa.Table("receiver_access_version", _metadata, *counts("version"))
"""One row, raised with every change of the access list, so that answers can be cached until then."""

SUPPLIER = sa.Table(
    "receiver_supplier",
    _metadata,
    *texts("holder", "supplier", key=True),
)
"""Which vendor may send on behalf of which holder."""

FOLLOWER_POSITION = sa.Table("receiver_judged", _metadata, *counts("position"))
"""One row: the last accepted message that the follower has validated."""

OPEN_FINDING = sa.Table(
    "receiver_standing",
    _metadata,
    *counts("opened_at", key=True),  # position of the message
    *counts("nth", key=True),  # among the findings that it opened
    *texts("unit"),
    *counts("seen_at"),  # position of the message that had it last
    *texts("message_type", "rule", "record_type"),
    *texts("local_id", "part_id", nullable=True),
    *texts("fields"),  # joined by commas
    *columns(sa.SmallInteger, "consequence"),
    *texts("cause"),
    *texts("pointer", nullable=True),
    *instants("since"),
)
"""Findings that are not corrected: one row for each finding of a record's newest version."""

FINDING_DAY = sa.Table(
    "receiver_finding_day",
    _metadata,
    *columns(sa.Date, "day", key=True),
    *texts("unit", "rule", key=True),
    *counts("opened", "closed"),
)
"""How many findings the messages of each day opened and closed, by the day in Norway on which they were received."""

SET_ASIDE = sa.Table(
    "receiver_unjudged",
    _metadata,
    *counts("position", key=True),
    *texts("unit", "code", "reason"),
    *instants("set_aside_at"),
)
"""Accepted messages that the follower could not validate, and why."""

REJUDGING = sa.Table(
    "receiver_rejudging",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    *texts("unit"),
    *instants("at"),
    *texts("who", "why", "rules", "packs"),
    *counts("opened", "closed"),
)
"""When stored messages of a unit were validated again by other rules or packs, and found to be otherwise."""

LATER_VERDICT = sa.Table(
    "receiver_later_verdict",
    _metadata,
    *counts("position", key=True),
    *counts("rejudging"),  # the last one that found the message otherwise
    *counts("opened", "closed"),
)
"""What a message was found to be when it was validated again: findings that it opened and closed then."""

RESENT = sa.Table(
    "receiver_resent",
    _metadata,
    *texts("correlation_id", key=True),
    *counts("times"),
    *instants("last_at"),
)
"""Receipts that were given again for a resend: how often, and when last."""

HEARD = sa.Table(
    "receiver_heard",
    _metadata,
    *texts("unit", key=True),
    *columns(sa.Date, "day", key=True),
    *instants("at"),
)
"""The days, in Norway, on which a unit asked for something of its own: so a day without changes is heard of too."""

REJECTED = sa.Table(
    "receiver_rejected",
    _metadata,
    *texts("units", key=True),
    *counts("after", key=True),
    *counts("times"),
    *instants("first_at", "last_at"),
    *texts("message_type", "version", "client_id"),
    *texts("supplier", nullable=True),
    *texts("software"),
    *counts("code"),
)
"""Submissions that were let in and then rejected: one row for all tries between two accepted messages of a unit.

`units` are the units that the caller may send the type for, joined by commas: which of several it was is not known of a
message that could not be read. `after` is the position of their last accepted message. The rest is of the last try.
"""
