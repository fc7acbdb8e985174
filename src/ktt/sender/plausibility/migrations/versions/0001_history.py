"""The figures of each run, and what people have accepted."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _texts(*names: str, nullable: bool = False) -> list[sa.Column]:
    return [sa.Column(name, sa.Text, nullable=nullable) for name in names]


def _counts(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.BigInteger, nullable=False) for name in names]


def _instant(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    op.create_table(
        "history_run",
        *(*_texts("unit"), *_counts("number"), *_texts("kind"), sa.Column("extracted_on", sa.Date, nullable=False)),
        *(*_counts("recipients", "unidentified", "new", "changed", "gone"), _instant("at")),
        sa.PrimaryKeyConstraint("unit", "number"),
    )
    op.create_table(
        "history_count",
        *(*_texts("unit"), *_counts("run"), *_texts("of", "name"), *_counts("records")),
        sa.PrimaryKeyConstraint("unit", "run", "of", "name"),
        sa.ForeignKeyConstraint(["unit", "run"], ["history_run.unit", "history_run.number"]),
    )
    op.create_table(
        "history_newest",
        *(*_texts("unit"), *_counts("run", "place"), _instant("recorded_at")),
        sa.PrimaryKeyConstraint("unit", "run", "place"),
        sa.ForeignKeyConstraint(["unit", "run"], ["history_run.unit", "history_run.number"]),
    )
    op.create_table(
        "history_acceptance",
        *(*_texts("unit"), *_counts("number"), *_texts("name"), sa.Column("extracted_on", sa.Date, nullable=False)),
        *(*_texts("figure_then", "figure_now", nullable=True), *_texts("reason", "accepted_by"), _instant("at")),
        sa.PrimaryKeyConstraint("unit", "number"),
    )
