"""The receiver's own keys: sealed files, rotation with an overlap, and several processes over one folder."""

from __future__ import annotations

import datetime as dt
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from ktt.receiver.errors import ReceiverKeyUnreadable
from ktt.receiver.keys.key_store import KeyStore
from ktt.storage.errors import KeyFileTooOpen
from ktt.storage.vault import Vault
from support.receiver_harness import VAULT
from support.settable_clock import SettableClock

DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def private() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def test_a_key_is_a_sealed_file_of_its_owner_alone(tmp_path: Path, clock: SettableClock, private: rsa.RSAPrivateKey):
    store = KeyStore(tmp_path, VAULT, clock)
    store.adopt("11111111-1111-4111-8111-111111111111", private, clock.now() + DAY)
    (path,) = tmp_path.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "PRIVATE" not in path.read_text()
    again = KeyStore(tmp_path, VAULT, clock).find("11111111-1111-4111-8111-111111111111")
    assert again is not None
    assert again.private.private_numbers() == private.private_numbers()


def test_keys_are_found_without_regard_to_case_and_across_processes(tmp_path, clock, private):
    store, other = KeyStore(tmp_path, VAULT, clock), KeyStore(tmp_path, VAULT, clock)
    store.adopt("aaaaaaaa-1111-4111-8111-111111111111", private, clock.now() + DAY)
    assert other.find("AAAAAAAA-1111-4111-8111-111111111111") is not None
    for unknown in ("bbbbbbbb-1111-4111-8111-111111111111", "", "../x", "x" * 65, "a b"):
        assert other.find(unknown) is None


def test_rotation_overlaps_and_the_private_part_is_destroyed_after_the_end(tmp_path, clock):
    store = KeyStore(tmp_path, VAULT, clock)
    store.ensure(10 * DAY, 3 * DAY)
    (first,) = store.listed()
    clock.advance(6 * DAY)
    store.ensure(10 * DAY, 3 * DAY)
    assert store.listed() == [first], "four days left are more than the overlap"
    clock.advance(DAY)
    store.ensure(10 * DAY, 3 * DAY)
    newer, older = store.listed()
    assert older == first
    assert newer.expires_at == clock.now() + 10 * DAY
    clock.advance(3 * DAY)
    assert store.listed() == [newer]
    assert store.destroy_expired() == [], "a request may still be in flight"
    clock.advance(dt.timedelta(hours=1))
    assert store.destroy_expired() == [first.id]
    kept = KeyStore(tmp_path, VAULT, clock).find(first.id)
    assert kept is not None
    assert kept.private is None
    assert kept.expired(clock.now())


def test_what_one_process_does_to_the_keys_the_others_list(tmp_path, clock, private):
    store, other = KeyStore(tmp_path, VAULT, clock), KeyStore(tmp_path, VAULT, clock)
    old = store.adopt("aaaaaaaa-1111-4111-8111-111111111111", private, clock.now() + 10 * DAY)
    assert other.listed() == [old]
    new = store.adopt("bbbbbbbb-1111-4111-8111-111111111111", private, clock.now() + 20 * DAY)
    store.retire([old.id], clock.now() + DAY)
    assert [(key.id, key.expires_at - clock.now()) for key in other.listed()] == [(new.id, 20 * DAY), (old.id, DAY)]
    assert [key.made_at for key in other.stored()] == [clock.now()] * 2
    store.retire([old.id], clock.now() + 5 * DAY)
    assert other.listed()[1].expires_at == clock.now() + DAY, "a key is never given a longer life"


def test_many_processes_that_need_a_key_at_once_make_one(tmp_path, clock):
    stores = [KeyStore(tmp_path, VAULT, clock) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda store: store.ensure(10 * DAY, 3 * DAY), stores))
    assert [len(store.listed()) for store in stores] == [1] * 4


def test_a_key_file_that_is_spoilt_while_running_takes_no_other_key_with_it(tmp_path, clock, private):
    store = KeyStore(tmp_path, VAULT, clock)
    kept = store.adopt("aaaaaaaa-1111-4111-8111-111111111111", private, clock.now() + DAY)
    spoilt = tmp_path / "bbbbbbbb-1111-4111-8111-111111111111.key"
    spoilt.write_text("{}")
    spoilt.chmod(0o600)
    assert store.listed() == [kept]
    assert store.find(spoilt.stem) is None


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"id": 1}', "\udcff"])
def test_a_file_that_is_no_key_is_named(tmp_path, clock, content: str):
    path = tmp_path / "22222222-2222-4222-8222-222222222222.key"
    path.write_text(content, errors="surrogateescape")
    path.chmod(0o600)
    with pytest.raises(ReceiverKeyUnreadable, match="22222222"):
        KeyStore(tmp_path, VAULT, clock)


def test_a_key_under_another_vault_or_open_to_others_is_refused(tmp_path, clock, private):
    KeyStore(tmp_path, VAULT, clock).adopt("33333333-3333-4333-8333-333333333333", private, clock.now() + DAY)
    with pytest.raises(ReceiverKeyUnreadable, match="SealBroken"):
        KeyStore(tmp_path, Vault(b"x" * 32), clock)
    next(tmp_path.iterdir()).chmod(0o644)
    with pytest.raises(KeyFileTooOpen):
        KeyStore(tmp_path, VAULT, clock)


def test_a_key_that_another_process_retires_is_expired_at_once(tmp_path, clock, private):
    ids = [f"{nth}1111111-1111-4111-8111-111111111111" for nth in range(3)]
    store, other = KeyStore(tmp_path, VAULT, clock), KeyStore(tmp_path, VAULT, clock)
    for key_id in ids:
        store.adopt(key_id, private, clock.now() + DAY)
        assert not other.find(key_id).expired(clock.now())
    store.retire(ids[:2], clock.now())
    assert [other.find(key_id).expired(clock.now()) for key_id in ids] == [True, True, False]
    (tmp_path / f"{ids[2]}.key").unlink()
    assert other.find(ids[2]) is None


def test_a_file_that_is_damaged_is_tried_once_and_takes_no_other_key_with_it(tmp_path, clock, private, caplog):
    key_id = "11111111-1111-4111-8111-111111111111"
    store, other = KeyStore(tmp_path, VAULT, clock), KeyStore(tmp_path, VAULT, clock)
    store.adopt(key_id, private, clock.now() + DAY)
    assert other.find(key_id) is not None
    path = tmp_path / f"{key_id}.key"
    path.write_text("{}")
    assert [other.find(key_id) is not None for _ in range(3)] == [True] * 3
    assert len(caplog.records) == 1
