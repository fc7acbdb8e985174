"""The receipts of a unit, verified in the store and in an exported file, whatever somebody has done to them."""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
from contextlib import closing

import pytest
import sqlalchemy as sa

from ktt.sender.keys.make import made_key
from ktt.sender.monitoring.errors import ExportAltered, ExportUnreadable, ReceiptsIncomplete
from ktt.sender.monitoring.receipts.chains import chains, proof_rows
from ktt.sender.monitoring.receipts.export import verify_export, write_export
from ktt.sender.outbox.errors import ReceiptsAltered
from ktt.wire.dpop import ProofKey
from support.sender_epj import UNIT

NOW = dt.datetime(2026, 3, 3, 6, tzinfo=dt.UTC)
KEY = ProofKey(made_key("P-256", NOW, NOW + dt.timedelta(days=365)))


@pytest.fixture
def database(loaded):
    return loaded.store._database


def alter(database, statement):
    with database.transaction() as connection:
        assert connection.execute(sa.text(statement)).rowcount > 0


def test_the_chain_of_each_unit_is_whole(loaded, database):
    receipts = loaded.store.receipts(UNIT)
    (chain,) = chains(database)
    assert (chain.unit, chain.count, chain.head, chain.fault) == (UNIT, len(receipts), receipts[-1].hash, None)


TAMPERED = [
    ("UPDATE outbox_receipt SET correlation_id = 'x' WHERE sequence = 2", ReceiptsAltered),
    ("UPDATE outbox_receipt SET accepted_at = '2020-01-01 00:00:00.000000' WHERE sequence = 2", ReceiptsAltered),
    ("DELETE FROM outbox_receipt WHERE sequence = 2", ReceiptsAltered),
    ("DELETE FROM outbox_receipt WHERE sequence = (SELECT max(sequence) FROM outbox_receipt)", ReceiptsIncomplete),
    ("UPDATE outbox SET payload_hash = 'x' WHERE sequence = 2", ReceiptsIncomplete),
    ("UPDATE outbox SET state = 'superseded' WHERE sequence = 2", ReceiptsIncomplete),
]


@pytest.mark.parametrize(("statement", "fault"), TAMPERED)
def test_whatever_is_changed_in_the_store_is_found(database, statement, fault):
    alter(database, statement)
    (chain,) = chains(database)
    assert type(chain.fault) is fault


@pytest.fixture(params=["kvitteringer.csv", "kvitteringer.json"])
def exported(request, database, tmp_path):
    path = tmp_path / request.param
    write_export(proof_rows(database), path, KEY, NOW)
    return path


def test_an_export_is_verified_without_the_store(loaded, exported):
    (chain,), signer = verify_export(exported)
    receipts = loaded.store.receipts(UNIT)
    assert (chain.count, chain.head, chain.fault) == (len(receipts), receipts[-1].hash, None)
    assert signer == KEY.thumbprint


def test_an_export_has_no_person_and_no_local_id(loaded, exported):
    text = exported.read_text(encoding="utf-8")
    with closing(sqlite3.connect(loaded.epj.file)) as connection:
        numbers = [number for (number,) in connection.execute("SELECT fnr FROM person")]
    assert len(numbers) == 4
    for one in (*numbers, *loaded.epj.ids("person"), *loaded.epj.ids("tjeneste"), *loaded.epj.ids("diagnose")):
        assert not re.search(rf"\b{re.escape(one)}\b", text)


def other_signature(path):
    other = ProofKey(made_key("P-256", NOW, NOW + dt.timedelta(days=1)))
    write_export([], path.with_name("annen.json"), other, NOW)
    path.with_name(f"{path.name}.jws").write_bytes(path.with_name("annen.json.jws").read_bytes())


def another_byte(path):
    content = path.read_bytes()
    path.write_bytes(content.replace(b"KTT_Tjeneste", b"KTT_Tjenestf", 1))


def last_line_gone(path):
    content = path.read_bytes().rstrip()
    path.write_bytes(content[: content.rindex(b"\n")])


def signature_spoiled(path):
    jws = path.with_name(f"{path.name}.jws")
    jws.write_bytes(jws.read_bytes()[:-4] + b"AAAA")


@pytest.mark.parametrize("spoil", [other_signature, another_byte, last_line_gone, signature_spoiled])
def test_an_export_that_was_changed_is_found(exported, spoil):
    spoil(exported)
    with pytest.raises(ExportAltered):
        verify_export(exported)


def test_an_export_without_its_signature_proves_nothing(exported):
    exported.with_name(f"{exported.name}.jws").unlink()
    with pytest.raises(ExportUnreadable) as caught:
        verify_export(exported)
    assert f"{exported.name}.jws» kan ikke leses: den finnes ikke." in caught.value.says().nb


def test_a_broken_chain_is_not_exported(database, tmp_path):
    alter(database, TAMPERED[0][0])
    with pytest.raises(ReceiptsAltered):
        write_export(proof_rows(database), tmp_path / "ut.csv", KEY, NOW)
    assert list(tmp_path.glob("ut*")) == []
