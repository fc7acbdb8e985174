"""The validation runs, the findings, and a view that joins each finding with the runs that opened, saw and closed it."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _text(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Text, nullable=nullable)


def _count(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "findings_run",
        *(_text("unit"), _count("number"), _text("kind"), sa.Column("extracted_on", sa.Date, nullable=False)),
        *(_text("rule_set"), sa.Column("at", sa.DateTime(timezone=True), nullable=False)),
        sa.PrimaryKeyConstraint("unit", "number"),
    )
    op.create_table(
        "finding",
        *(_text("unit"), _count("number"), _text("rule"), _text("record_type"), _text("local_id", nullable=True)),
        *(_text("part_id", nullable=True), _text("fields", nullable=True)),
        *(sa.Column("consequence", sa.SmallInteger, nullable=False), _text("cause")),
        *(_count("opened_run"), _count("seen_run"), _count("closed_run", nullable=True)),
        sa.PrimaryKeyConstraint("unit", "number"),
    )
    # A finding is open at most once. Without coalesce two open rows with a NULL would count as different.
    same = [sa.text(f"coalesce({name}, '')") for name in ("local_id", "part_id", "fields")]
    still_open = sa.text("closed_run IS NULL")
    op.create_index(
        "finding_open",
        "finding",
        ["unit", "rule", "record_type", *same],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    op.create_index("finding_closed", "finding", ["unit", "closed_run"])
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
