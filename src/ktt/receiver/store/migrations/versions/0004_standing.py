"""Open findings in accepted messages, how far messages are validated, and which receipts were given a second time."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def _text(name: str, **options: object) -> sa.Column:
    return sa.Column(name, sa.Text, **{"nullable": False, **options})


def _number(name: str, **options: object) -> sa.Column:
    return sa.Column(name, sa.BigInteger, **{"nullable": False, **options})


def _instant(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    judged = op.create_table("receiver_judged", _number("position"))
    op.bulk_insert(judged, [{"position": 0}])
    op.create_table(
        "receiver_standing",
        _number("opened_at", primary_key=True, autoincrement=False),
        _number("nth", primary_key=True, autoincrement=False),
        _text("unit"),
        _number("seen_at"),
        *(_text(name) for name in ("message_type", "rule", "record_type")),
        *(_text(name, nullable=True) for name in ("local_id", "part_id")),
        _text("fields"),
        sa.Column("consequence", sa.SmallInteger, nullable=False),
        _text("cause"),
        _text("pointer", nullable=True),
        _instant("since"),
    )
    op.create_index("receiver_standing_unit", "receiver_standing", ["unit", "opened_at", "nth"])
    op.create_table(
        "receiver_unjudged",
        _number("position", primary_key=True, autoincrement=False),
        *(_text(name) for name in ("unit", "code", "reason")),
        _instant("set_aside_at"),
    )
    op.create_index("receiver_unjudged_unit", "receiver_unjudged", ["unit"])
    op.create_table("receiver_resent", _text("correlation_id", primary_key=True), _number("times"), _instant("last_at"))
