"""One view for each record type of all that was ever known of it, an index on the person, and the units of each message.

The units of the messages that were ingested already are the one the journal names and those that got a version from it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

# Column names by record type as they were at this revision.
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
EVERY = "fingerprint deleted position known_from version"
# Of the same type as in history: otherwise SQLite puts the two halves together before it looks for what was asked.
NEVER = {"postgresql": "CAST(NULL AS TIMESTAMP WITH TIME ZONE)", "sqlite": "CAST(NULL AS DATETIME)"}
VIEW = """
    CREATE VIEW {name}_known AS
    SELECT {columns}, {never} AS known_to, TRUE AS newest FROM {name}_current
    UNION ALL
    SELECT {columns}, known_to, FALSE AS newest FROM {name}_history
"""
UNITS = "INSERT INTO ingested_unit (unit, position) SELECT unit, position FROM ingested_message"
UNITS_OF_VERSIONS = (
    " UNION SELECT unit, position FROM {table} WHERE position IN (SELECT position FROM ingested_message)"
)


def upgrade() -> None:
    never = NEVER[op.get_bind().dialect.name]
    for name, own in RECORDS.items():
        columns = ", ".join(("municipality unit " + own + " " + EVERY).split())
        op.execute(VIEW.format(name=name, columns=columns, never=never))
    tables = [f"{name}_{kind}" for name in RECORDS for kind in ("current", "history")]
    for table in tables:
        op.create_index(f"{table}_person", table, ["person_key"])
    op.create_table(
        "ingested_unit",
        sa.Column("unit", TEXT, nullable=False, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False, primary_key=True, autoincrement=False),
    )
    op.execute(UNITS + "".join(UNITS_OF_VERSIONS.format(table=table) for table in tables))
