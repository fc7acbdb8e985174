"""The receiver's smaller parts: access list, key store, issuer's keys, limits, nonces, settings."""

from __future__ import annotations

import datetime as dt
import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from ktt.core.http.exchange import NoAnswer, Response
from ktt.domain.unit import ReportingUnit
from ktt.receiver.access.access_list import Access
from ktt.receiver.access.client_limits import Limits
from ktt.receiver.access.issuer_fetch import over
from ktt.receiver.access.issuer_keys import IssuerKeys
from ktt.receiver.access.nonces import Nonces
from ktt.receiver.errors import IssuerUnavailable, PlainAddress, ReceiverKeyUnreadable
from ktt.receiver.keys.key_store import KeyStore
from ktt.receiver.settings import ReceiverSettings
from ktt.receiver.store.tables import SCHEMA
from ktt.storage.database import Database
from ktt.storage.errors import KeyFileTooOpen
from ktt.storage.vault import Vault
from support.receiver_world import BASE, ISSUER, NOW, OTHER_UNIT, STRANGER, UNIT, VAULT, VENDOR, Issuer, key
from support.settable_clock import SettableClock

DAY = dt.timedelta(days=1)


# ── access ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def access(any_database_url: str):
    database = Database.open(any_database_url, SCHEMA)
    yield Access(database)
    database.close()


def test_nothing_is_allowed_that_is_not_granted(access: Access):
    assert access.units(UNIT.organisation, "KTT_Vedtak") == frozenset()
    access.grant(UNIT, ["KTT_Vedtak"], suppliers=[VENDOR])
    access.grant(UNIT, ["KTT_Vedtak"], suppliers=[VENDOR])  # again is harmless
    table = {
        # organisation, type, vendor                        allowed
        (UNIT.organisation, "KTT_Vedtak", None): True,
        (UNIT.organisation, "KTT_Vedtak", VENDOR): True,
        (UNIT.organisation, "KTT_Vedtak", STRANGER): False,
        (UNIT.organisation, "KTT_Tjeneste", None): False,
        (OTHER_UNIT.organisation, "KTT_Vedtak", None): False,
    }
    assert {case: bool(access.units(*case)) for case in table} == table
    access.revoke_supplier(UNIT.organisation, VENDOR)
    assert not access.units(UNIT.organisation, "KTT_Vedtak", VENDOR)
    access.revoke(UNIT)
    assert not access.units(UNIT.organisation, "KTT_Vedtak")


def test_a_right_is_for_one_unit_and_one_type(access: Access):
    below = ReportingUnit("314000021", "0301", "04")
    access.grant(OTHER_UNIT, ["KTT_Vedtak"])
    access.grant(below, ["KTT_Vedtak", "KTT_Tjeneste"], holder=OTHER_UNIT.organisation)
    assert access.units(OTHER_UNIT.organisation, "KTT_Vedtak") == {OTHER_UNIT, below}
    assert access.units(OTHER_UNIT.organisation, "KTT_Tjeneste") == {below}
    assert access.units(below.organisation, "KTT_Tjeneste") == frozenset(), "the holder is the parent, not the child"


# ── keys of ours ────────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── keys of the issuer ──────────────────────────────────────────────────────────────────────────────────────────────


def test_keys_are_fetched_once_and_again_for_an_unknown_one_at_most_each_minute(clock: SettableClock):
    issuer = Issuer()
    keys = IssuerKeys(ISSUER, issuer.fetch, clock)
    assert keys.find("helseid-key")
    assert keys.find("helseid-key")
    assert len(issuer.fetched) == 2, "discovery and keys"
    issuer.keys = [key(name="newer"), *issuer.keys]
    for _ in range(5):
        assert keys.find("newer-key") is None, "a stranger cannot make us ask again and again"
    clock.advance(dt.timedelta(seconds=60))
    assert keys.find("newer-key")
    assert len(issuer.fetched) == 4


def test_old_keys_stay_in_use_when_the_issuer_is_down(clock: SettableClock):
    issuer = Issuer()
    keys = IssuerKeys(ISSUER, issuer.fetch, clock)
    issuer.down = True
    with pytest.raises(IssuerUnavailable):
        keys.find("helseid-key")
    issuer.down = False
    clock.advance(dt.timedelta(seconds=61))
    assert keys.find("helseid-key")
    issuer.down = True
    clock.advance(dt.timedelta(hours=1))
    assert keys.find("other") is None
    assert keys.find("helseid-key")


BAD_DOCUMENTS = [
    # discovery, keys
    ({"issuer": "https://evil.example", "jwks_uri": f"{ISSUER}/jwks"}, {}),
    ({"issuer": ISSUER, "jwks_uri": "https://evil.example/jwks"}, {}),
    ({"issuer": ISSUER, "jwks_uri": "http://helseid.example/jwks"}, {}),
    ({"issuer": ISSUER}, {}),
    ([], {}),
    ({"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"}, []),
    ({"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"}, {"keys": 7}),
    ({"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"}, {"keys": [{"kid": "a", "kty": "oct", "k": "eA"}, 7, {}]}),
    ({"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"}, {"keys": [{**key(name="helseid"), "use": "enc"}]}),
]


@pytest.mark.parametrize(("discovery", "keys"), BAD_DOCUMENTS)
def test_documents_that_are_not_believed(clock: SettableClock, discovery: object, keys: object):
    def fetch(url: str) -> bytes:
        assert url.startswith(ISSUER), "never another host"
        return json.dumps(discovery if url.endswith("configuration") else keys).encode()

    with pytest.raises(IssuerUnavailable):
        IssuerKeys(ISSUER, fetch, clock).find("helseid-key")


def test_a_fetch_is_200_or_a_fault():
    assert over(lambda request: Response(200, {}, request.url.encode()))("https://a/b") == b"https://a/b"
    with pytest.raises(OSError, match="302"):
        over(lambda _request: Response(302))("https://a/b")

    def lost(_request: object) -> Response:
        raise NoAnswer("lost")

    with pytest.raises(OSError, match="lost"):
        over(lost)("https://a/b")


# ── limits, nonces, settings ────────────────────────────────────────────────────────────────────────────────────────


def test_open_posts_are_counted_per_client():
    limits = Limits(posts=2, crypto_failures=3)
    assert [limits.enter("a"), limits.enter("a"), limits.enter("a"), limits.enter("b")] == [True, True, False, True]
    limits.leave("a")
    assert limits.enter("a")


def test_failures_are_counted_per_client_and_hour():
    limits = Limits(posts=2, crypto_failures=3)
    for minutes in (0, 10, 20):
        assert not limits.blocked("a", NOW)
        limits.failed("a", NOW + dt.timedelta(minutes=minutes))
    assert limits.blocked("a", NOW + dt.timedelta(minutes=59))
    assert not limits.blocked("b", NOW)
    assert not limits.blocked("a", NOW + dt.timedelta(minutes=60)), "the first of the three is an hour old"


def test_a_nonce_is_good_in_its_stretch_and_the_next():
    nonces = Nonces(b"secret")
    nonce = nonces.current(NOW)
    accepted = {minutes: nonces.accepts(nonce, NOW + dt.timedelta(minutes=minutes)) for minutes in (0, 5, 10, -5)}
    assert accepted == {0: True, 5: True, 10: False, -5: False}
    for foreign in (Nonces(b"other").current(NOW), "", None, 7, ["x"]):
        assert not nonces.accepts(foreign, NOW)


@pytest.mark.parametrize("address", ["http://mottak.example", "http://10.0.0.1:8080", "ftp://127.0.0.1.example"])
def test_addresses_outside_this_machine_need_tls(address: str):
    for settings in ({"base_url": address, "issuer": ISSUER}, {"base_url": BASE, "issuer": address}):
        with pytest.raises(PlainAddress):
            ReceiverSettings(environment="sandbox", **settings)


def test_accepted_addresses_are_normalised():
    settings = ReceiverSettings(environment="sandbox", base_url="http://127.0.0.1:80/slash/", issuer=ISSUER)
    assert settings.message_urls == {"http://127.0.0.1/slash/message"}
