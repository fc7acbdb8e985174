"""Follow-up cases, at most one open of each unit and cause, and what was done with each."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _text(*names: str, nullable: bool = False) -> list[sa.Column]:
    return [sa.Column(name, TEXT, nullable=nullable) for name in names]


def upgrade() -> None:
    op.create_table(
        "follow_up_case",
        sa.Column("number", sa.Integer, primary_key=True),
        *_text("unit", "cause"),
        *(sa.Column(name, sa.Date, nullable=False) for name in ("since", "latest", "deadline")),
        *_text("figures"),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        *_text("assigned_to", nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        *_text("closed_by", nullable=True),
    )
    still_open = sa.text("closed_at IS NULL")
    op.create_index(
        "follow_up_case_open",
        "follow_up_case",
        ["unit", "cause"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    op.create_table(
        "follow_up_event",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *_text("who", nullable=True),
        *_text("act"),
        *_text("detail", nullable=True),
    )
    op.create_index("follow_up_event_of", "follow_up_event", ["number", "id"])
