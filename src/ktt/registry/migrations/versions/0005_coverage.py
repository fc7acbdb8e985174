"""Records by month, counted from what is there; months that a unit has declared missing; and alarms of silence."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
DATES = {  # each record's own date, as it was at this revision
    "decision": "COALESCE(decided_on, applied_on)",
    "care_service": "starts_on",
    "circumstances": "starts_on",
    "assessment": "assessed_on",
    "diagnosis": "starts_on",
}
COUNT = """
    INSERT INTO month_records (unit, record_type, month, records)
    SELECT unit, '{name}', month, COUNT(*) FROM (
        SELECT unit, CASE WHEN {date} < '2017-01-01' THEN '2017-01' ELSE SUBSTR(CAST({date} AS TEXT), 1, 7) END AS month
          FROM {name}_current WHERE NOT deleted AND {date} IS NOT NULL
    ) AS dated GROUP BY unit, month
"""


def _text(*names: str, **options: object) -> list[sa.Column]:
    return [sa.Column(name, TEXT, **{"nullable": False, **options}) for name in names]


def _instant(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "month_records",
        *_text("unit", "record_type", "month", primary_key=True),
        sa.Column("records", sa.BigInteger, nullable=False),
    )
    for name, date in DATES.items():
        op.execute(COUNT.format(name=name, date=date))
    op.create_table(
        "coverage_declaration",
        sa.Column("id", sa.Integer, primary_key=True),
        *_text("unit", "first_month", "last_month", "reason"),
        _instant("declared_at"),
        *_text("declared_by"),
        _instant("undone_at", nullable=True),
        *_text("undone_by", "undone_why", nullable=True),
    )
    op.create_table(
        "silence_alarm",
        sa.Column("id", sa.Integer, primary_key=True),
        *_text("unit", "state"),
        _instant("began_at"),
        _instant("ended_at", nullable=True),
        sa.Column("heard_on", sa.Date, nullable=False),
    )
