"""The revisions that were released: none of them ever changes, and together they make the tables that the code knows."""

from __future__ import annotations

import ast
import hashlib
import re
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import ktt
from ktt.receiver.access import audit_log
from ktt.receiver.store import tables as receiver
from ktt.registry import tables as registry
from ktt.sender.binding.sql import tables as binding
from ktt.sender.findings import tables as findings
from ktt.sender.follow_ups import tables as follow_ups
from ktt.sender.monitoring.alarms import tables as alarms
from ktt.sender.outbox.sql import tables as outbox
from ktt.sender.outcomes import tables as outcomes
from ktt.sender.plausibility import tables as history
from ktt.sender.unit_changes import tables as units
from ktt.storage.database import Database

SOURCE = Path(ktt.__path__[0])
FROZEN = {
    "sender/monitoring/alarms/migrations/versions/0001_alarms.py": "9fccd19a488f33fd",
    "sender/outbox/sql/migrations/versions/0001_outbox.py": "52149d7b4ddfd366",
    "sender/outbox/sql/migrations/versions/0002_interventions.py": "494217a2057f7538",
    "receiver/store/migrations/versions/0001_receiver.py": "433e423cb7acef05",
    "receiver/store/migrations/versions/0002_groups.py": "f7739dae474a7f1a",
    "receiver/store/migrations/versions/0002_groups.sql": "21d4075c4059251a",
    "receiver/store/migrations/versions/0003_access_change.py": "43dc23e9bc6953ea",
    "receiver/store/migrations/versions/0004_standing.py": "4becef73bf8e7e47",
    "receiver/store/migrations/versions/0005_units.py": "85295959d0a91b81",
    "receiver/store/migrations/versions/0005_units.sql": "d473696f7b0d7ebc",
    "registry/migrations/versions/0002_waiting.py": "fcf2f238a3ead287",
    "registry/migrations/versions/0003_two_clocks.py": "c5f66fa1c8635350",
    "registry/migrations/versions/0001_registry.py": "c7e3049c9d0d969b",
    "registry/migrations/versions/0004_persons.py": "1fd9807e2385f489",
    "sender/binding/sql/migrations/versions/0001_sender_binding.py": "6f4e77b1f4a5e625",
    "sender/findings/migrations/versions/0001_findings.py": "358e2a68dc90250e",
    "sender/findings/migrations/versions/0001_findings.sql": "86b928361947cc5b",
    "sender/outcomes/migrations/versions/0001_outcomes.py": "6aa5b0e7d5e7f035",
    "sender/plausibility/migrations/versions/0001_history.py": "0989f900877d9da3",
    "sender/unit_changes/migrations/versions/0001_units.py": "8cfff2e80a487b93",
    "sender/outbox/sql/migrations/versions/0001_outbox.sql": "61413af52fdff631",
    "sender/outbox/sql/migrations/versions/0003_kept.py": "8d1936cdaeb098e7",
    "sender/outcomes/migrations/versions/0002_limited.py": "ce6ba1da7e057912",
    "receiver/store/migrations/versions/0006_heard.py": "ff555df5af417571",
    "receiver/store/migrations/versions/0007_finding_days.py": "02b0cd1169069c3b",
    "registry/migrations/versions/0005_coverage.py": "d9c75a2a54784fff",
    "registry/migrations/versions/0006_cases.py": "fc927fc1f3bade7b",
    "sender/follow_ups/migrations/versions/0001_follow_ups.py": "d5e7afcf55a53f29",
    "registry/migrations/versions/0007_reprocessing.py": "2c371e61b46ce2b0",
    "receiver/store/migrations/versions/0008_rejudging.py": "4ee771c72f8d2b37",
}
"""SHA-256 of each file, comments of whole lines and all white space left out. A new revision adds a line here."""
CHANGED = (
    "{file} has been released, and databases in use have run it: changing it would make new databases unlike them. "
    "Put the change in a new revision."
)
UNKNOWN = "{file} is not among the released revisions. Add its digest to FROZEN: {digest}"


def digest(path):
    text = re.sub(r"(?m)^\s*(#|--).*$", "", path.read_text(encoding="utf-8"))
    text = re.sub(r",(?=[)\]}])", "", "".join(text.split()))  # how the formatter breaks a line does not count
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def revisions():
    folders = [schema.migrations / "versions" for schema in SCHEMAS]
    return {path.relative_to(SOURCE).as_posix(): path for folder in folders for path in sorted(folder.glob("*.*"))}


SCHEMAS = (
    outbox.SCHEMA,
    findings.SCHEMA,
    history.SCHEMA,
    outcomes.SCHEMA,
    alarms.SCHEMA,
    units.SCHEMA,
    binding.SCHEMA,
    follow_ups.SCHEMA,
    receiver.SCHEMA,
    registry.SCHEMA,
)


def test_no_released_revision_changes():
    found = {file: digest(path) for file, path in revisions().items()}
    new = [UNKNOWN.format(file=file, digest=found[file]) for file in found if file not in FROZEN]
    changed = [CHANGED.format(file=file) for file in FROZEN if found.get(file) != FROZEN[file]]
    assert not new + changed, "\n".join(new + changed)


@pytest.mark.parametrize(
    "path", [path for path in revisions().values() if path.suffix == ".py"], ids=lambda path: path.stem
)
def test_a_revision_stands_on_its_own(path):
    """What it makes is written in it, or in the SQL file of its own name: never in code or a file that may change."""
    text = path.read_text(encoding="utf-8")
    imported = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert imported <= {"alembic", "sqlalchemy"} | sys.stdlib_module_names
    assert text.count("Path(") == text.count('Path(__file__).with_suffix(".sql")') == path.with_suffix(".sql").exists()


def test_every_sql_file_belongs_to_a_revision():
    loose = {path for schema in SCHEMAS for path in schema.migrations.rglob("*.sql")}
    assert {path for path in loose if not path.with_suffix(".py").exists()} == set()


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.role)
def test_the_head_is_the_newest_revision(schema):
    assert max(path.name for path in schema.migrations.glob("versions/*.py")).startswith(schema.head)


TABLES = {
    "outbox": outbox.OUTBOX.metadata,
    "findings": findings.FINDING.metadata,
    "sender_history": history.RUN.metadata,
    "sender_outcomes": outcomes.OUTCOME.metadata,
    "sender_alarms": alarms.ALARM.metadata,
    "sender_units": units.CHANGE.metadata,
    "sender_binding": binding.BINDING.metadata,
    "sender_follow_ups": follow_ups.FOLLOW_UP.metadata,
    "receiver": [receiver.RECEIPT.metadata, audit_log.CHANGE.metadata],
    "registry": registry.METADATA,
}
KNOWN = [layout.known for layout in registry.LAYOUTS.values()]
VIEWS = {view.name: view for view in (outbox.FIRST_UNDELIVERED, findings.HISTORY, *KNOWN)}
NOT_STORED = {registry.STAGED.name}


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.role)
def test_the_code_knows_the_tables_that_the_revisions_make(any_database_url, schema):
    """By name, type and whether they may be empty. Indexes and the parts of a key are the revisions' own."""

    def compared(_object, name, kind, _reflected, _other):
        if kind == "table":
            return name not in {*VIEWS, *NOT_STORED, f"{schema.role}_version"}
        return kind == "column"

    database = Database.open(any_database_url, schema)
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": compared, "compare_type": True})
        assert compare_metadata(context, TABLES[schema.role]) == []
        for view in sa.inspect(connection).get_view_names():
            made = [column["name"] for column in sa.inspect(connection).get_columns(view)]
            assert made == [column.name for column in VIEWS[view].columns]
    database.close()
