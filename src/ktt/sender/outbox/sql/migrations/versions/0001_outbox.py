"""Each unit's queue: messages with their content, attempts and receipts, the snapshot, and the first undelivered as a view."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

UNDELIVERED = "state IN ('waiting', 'uncertain', 'rejected')"


def _of_unit(table: str, *columns: sa.Column, key: tuple[str, ...], **options: object) -> None:
    op.create_table(
        table, sa.Column("unit", sa.Text, nullable=False), *columns, sa.PrimaryKeyConstraint("unit", *key), **options
    )


def _text(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Text, nullable=nullable)


def _count(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _instant(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _day(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Date, nullable=nullable)


def upgrade() -> None:
    _line()
    _messages()
    _of_unit(
        "outbox_receipt",
        *(_count("sequence"), _text("message_type"), _text("version"), _text("payload_hash")),
        *(_text("correlation_id"), _instant("accepted_at"), _text("previous_hash"), _text("hash")),
        key=("sequence",),
    )
    _of_unit(
        "outbox_snapshot",
        *(_text("record_type"), _text("local_id"), _text("fingerprint")),
        key=("record_type", "local_id"),
        sqlite_with_rowid=False,
    )
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def _line() -> None:
    _of_unit(
        "outbox_line",
        *(_count("last_sequence"), _text("paused_reason", nullable=True), _text("paused_by", nullable=True)),
        *(_instant("paused_at", nullable=True), _day("load_cut", nullable=True)),
        *(_instant("load_begun_at", nullable=True), _instant("load_finished_at", nullable=True)),
        key=(),
    )
    _of_unit(
        "outbox_run",
        *(_count("number"), _text("kind"), _day("extracted_on"), _instant("planned_at"), _count("last_sequence")),
        _text("row_counts"),
        key=("number",),
    )
    _of_unit(
        "outbox_note",
        *(_count("number"), _instant("at"), _text("act"), _text("by"), _text("reason")),
        key=("number",),
    )


def _messages() -> None:
    _of_unit(
        "outbox",
        *(_count("sequence"), _text("message_type"), _text("version"), _text("pack"), _text("record_type")),
        *(_text("period"), _day("extracted_on"), _text("state"), _text("payload_hash"), _count("payload_bytes")),
        *(_count("upserts"), _count("deletions"), _count("attempts"), _instant("queued_at")),
        *(_instant("sent_at", nullable=True), _instant("settled_at", nullable=True)),
        key=("sequence",),
    )
    predicate = sa.text(UNDELIVERED)
    op.create_index(
        "outbox_undelivered", "outbox", ["unit", "sequence"], sqlite_where=predicate, postgresql_where=predicate
    )
    # The content has a table of its own, since changing a message's state must not rewrite two megabytes.
    _of_unit(
        "outbox_content",
        *(_count("sequence"), sa.Column("payload", sa.LargeBinary, nullable=False)),
        sa.Column("manifest", sa.LargeBinary, nullable=False),
        key=("sequence",),
    )
    _of_unit(
        "outbox_attempt",
        *(_count("sequence"), _count("number"), _instant("at"), _instant("ended_at", nullable=True)),
        *(_text("outcome", nullable=True), sa.Column("http_status", sa.Integer), sa.Column("code", sa.Integer)),
        *(_text("name", nullable=True), _text("details", nullable=True), _text("correlation_id", nullable=True)),
        key=("sequence", "number"),
    )
