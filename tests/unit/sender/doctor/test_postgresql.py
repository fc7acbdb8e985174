"""What the doctor finds in PostgreSQL: whether the reader may write, and how it stands with the store. Nothing is written."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy.engine import make_url

from ktt.sender.doctor import source_checks, store_checks
from ktt.sender.doctor.line import NotNeeded, Wrong
from ktt.sender.doctor.patient import Network, Patient
from ktt.sender.outbox.sql.tables import SCHEMA
from ktt.sender.settings import SenderSettings
from ktt.storage.database import Database
from ktt.storage.errors import DatabaseUnavailable
from ktt.storage.vault import Vault
from support.sources_epj import Epj

pytestmark = pytest.mark.postgres

READER = """
DROP ROLE IF EXISTS ktt_leser; CREATE ROLE ktt_leser LOGIN;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO ktt_leser;
"""
CLEAN = "DROP OWNED BY ktt_leser; DROP ROLE ktt_leser;"


@pytest.fixture
def epj(tmp_path, postgres_url):
    made = Epj(tmp_path, postgres_url).sql(READER)
    yield made
    made.sql(CLEAN)


def patient(folder, clock, source, store="sqlite:///ktt.sqlite"):
    made = Patient(folder / "sender.toml", clock, lambda _route: Network(*(4 * [print])))
    made.schemas = (SCHEMA,)
    made.known = SenderSettings.model_validate(
        {
            "environment": "sandbox",
            "unit": {"organisation": "312000008", "municipality": "1114"},
            "source": {"url": source, "mapping": folder / "mapping.toml"},
            "store": {"url": store, "key_file": folder / "store.key"},
            "helseid": {"authority": "http://127.0.0.1:1", "client_id": "c", "key_file": folder / "c.jwk"},
            "mottak": {"base_url": "http://127.0.0.1:1"},
            "software": {"vendor": "V", "system": "S", "version": "1"},
        }
    )
    return made


def looked_at(epj, clock, user):
    url = make_url(epj.url)
    source = url if user is None else url.set(username=user)
    made = patient(epj.folder, clock, source.render_as_string(hide_password=False))
    source_checks.check_mapping(made)
    source_checks.check_source(made)
    return source_checks.check_read_only(made)


def test_a_reader_that_can_only_read(epj, clock):
    assert looked_at(epj, clock, "ktt_leser").nb == "brukeren «ktt_leser» kan ikke skrive i noen tabell"


@pytest.mark.parametrize(
    ("grant", "words"),
    [
        ("GRANT UPDATE ON vedtak TO ktt_leser", "1 table"),
        ("GRANT INSERT ON vedtak, linje TO ktt_leser", "2 tables"),
        ("GRANT UPDATE (endret) ON vedtak TO ktt_leser", "1 table"),
        ("GRANT TRUNCATE ON vedtak TO PUBLIC", "1 table"),
        ("GRANT CREATE ON SCHEMA public TO ktt_leser", "1 schema"),
        ("GRANT pg_write_all_data TO ktt_leser", "tables"),
        ("ALTER TABLE vedtak OWNER TO ktt_leser", "1 table"),
        ("ALTER ROLE ktt_leser SUPERUSER", "superuser"),
    ],
)
def test_a_reader_that_can_write(epj, clock, grant, words):
    epj.sql(grant)
    try:
        with pytest.raises(Wrong) as found:
            looked_at(epj, clock, "ktt_leser")
    finally:
        epj.sql("ALTER TABLE vedtak OWNER TO CURRENT_USER; REVOKE TRUNCATE ON vedtak FROM PUBLIC")
    assert words in found.value.says.en
    assert (found.value.who, found.value.exit_code) == ("vendor", 10)


def test_a_table_that_may_not_be_read(epj, clock):
    epj.sql("REVOKE SELECT ON vedtak FROM ktt_leser")
    with pytest.raises(Exception, match="KTT-SRC"):
        looked_at(epj, clock, "ktt_leser")


def test_a_store_that_is_looked_at_and_not_made(tmp_path, clock, postgres_url):
    made = patient(tmp_path, clock, "sqlite:///epj.sqlite", postgres_url)
    with pytest.raises(NotNeeded):
        store_checks.check_store(made)
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT count(*) FROM pg_class WHERE relname ~ 'outbox'").fetchone() == (0,)
    Database.open(postgres_url, SCHEMA).close()
    Vault.from_file(tmp_path / "store.key", create=True)
    assert store_checks.check_store(made).en == "answers, and its key can be read"


def test_a_store_that_does_not_answer(tmp_path, clock):
    made = patient(tmp_path, clock, "sqlite:///epj.sqlite", "postgresql://ktt:hemmelig@127.0.0.1:1/ktt")
    with pytest.raises(DatabaseUnavailable) as fault:
        store_checks.check_store(made)
    assert "hemmelig" not in fault.value.says().nb
