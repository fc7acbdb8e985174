"""Current and history of each record type, identities in a table apart, and what was ingested or set aside."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# Column names by record type as they were at this revision. `*_on` and `waiting_list_*` are days.
RECORDS = {
    "recipient": "local_person_id person_key died_on",
    "decision": (
        "decision_id person_key local_person_id decision_number original_decision_id case_id applied_on decided_on"
        " recorded_at home_municipality home_district decision_line appeal"
    ),
    "care_service": (
        "service_id person_key local_person_id decision_id service_type starts_on ends_on"
        " recorded_at home_municipality home_district provider_period pause"
    ),
    "circumstances": (
        "circumstances_id person_key local_person_id starts_on ends_on household cares_for_children suitable_dwelling"
        " private_help doctor_assessed_in dentist_assessed_in individual_plan individual_plan_on coordinator"
        " coordinator_on medication_review medication_review_on waiting_list waiting_list_from waiting_list_to"
        " round_the_clock habilitation habilitation_on"
        " recorded_at home_municipality home_district participation nutrition"
    ),
    "assessment": (
        "assessment_id person_key local_person_id assessed_on recorded_at home_municipality home_district score"
    ),
    "diagnosis": (
        "diagnosis_id person_key local_person_id code_system code starts_on ends_on"
        " recorded_at home_municipality home_district"
    ),
}
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for record_type, columns in RECORDS.items():
        names = columns.split()
        _versioned(f"{record_type}_current", names, _required("version", sa.Integer), key=())
        _versioned(
            f"{record_type}_history",
            names,
            _required("version", sa.Integer),
            _required("known_to", INSTANT),
            key=("version",),
        )
    _identity()
    _ingest()


def _versioned(table: str, names: list[str], *more: sa.Column, key: tuple[str, ...]) -> None:
    keys = ("municipality", "unit", names[0])
    op.create_table(
        table,
        *(_required(name) for name in keys),
        *(sa.Column(name, _type(name)) for name in names[1:]),
        sa.Column("fingerprint", TEXT),
        _required("deleted", sa.Boolean),
        _required("position", sa.BigInteger),
        _required("known_from", INSTANT),
        *more,
        sa.PrimaryKeyConstraint(*keys, *key),
        sa.CheckConstraint("deleted = (fingerprint IS NULL)"),
    )


def _type(name: str) -> sa.types.TypeEngine:
    if name.endswith("_on") or name.startswith("waiting_list_"):
        return sa.Date()
    return {"recorded_at": INSTANT, "decision_number": sa.BigInteger()}.get(name, TEXT)


def _required(name: str, kind: object = TEXT, **options: object) -> sa.Column:
    return sa.Column(name, kind, nullable=False, **options)


def _identity() -> None:
    op.create_table(
        "identity", _required("person_key", primary_key=True), _required("kind"), _required("sealed", sa.LargeBinary)
    )
    op.create_table(
        "identity_look",
        sa.Column("id", sa.Integer, primary_key=True),
        _required("looked_at", INSTANT),
        *(_required(name) for name in ("who", "why", "person_key")),
    )


def _ingest() -> None:
    position = op.create_table("ingest_position", _required("position", sa.BigInteger))
    op.bulk_insert(position, [{"position": 0}])
    op.create_table(
        "ingested_message",
        _required("position", sa.BigInteger, primary_key=True, autoincrement=False),
        *(_required(n) for n in ("municipality", "unit", "message_type", "message_version", "correlation_id")),
        *(_required(name, INSTANT) for name in ("received_at", "ingested_at")),
        *(_required(name, sa.Integer) for name in ("records", "changed", "deleted")),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", sa.Integer, primary_key=True),
        *(_required(name) for name in ("municipality", "unit")),
        _required("position", sa.BigInteger),
        *(_required(name) for name in ("message_type", "correlation_id")),
        *(_required(name, INSTANT) for name in ("received_at", "set_aside_at")),
        *(_required(name) for name in ("code", "reason")),
        sa.Column("released_at", INSTANT),
        *(sa.Column(name, TEXT) for name in ("released_by", "released_why")),
    )
