"""What FHI's published client really sent is let in by our HelseID and opened by our receiver, with the clock at the
instant it was recorded; and whatever is changed in it is refused.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import orjson
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ktt.domain.unit import ReportingUnit
from ktt.messages.register import pack
from ktt.receiver.access.access_list import AccessList
from ktt.receiver.app import receiver_app
from ktt.receiver.keys.key_store import KeyStore
from ktt.receiver.settings import ReceiverSettings
from ktt.receiver.store import tables
from ktt.storage.database import Database
from ktt.testing.conformance.golden import NAMES, GoldenRecording, GoldenRequest, golden_recording, plaintexts
from ktt.testing.sandbox.helseid.clients import Client, ClientRegister
from ktt.testing.sandbox.helseid.issuer import HelseId
from ktt.testing.sandbox.helseid.signing_keys import SigningKeys
from ktt.wire import jwk
from support.receiver_harness import VAULT, call
from support.settable_clock import SettableClock

UNIT = ReportingUnit("312000008", "1114")


@pytest.fixture(scope="module", params=NAMES)
def golden(request: pytest.FixtureRequest) -> GoldenRecording:
    return golden_recording(request.param)


# ── our HelseID ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def helseid(tmp_path: Path, golden: GoldenRecording, monkeypatch: pytest.MonkeyPatch) -> HelseId:
    clients = ClientRegister()
    registered = (jwk.public_part(golden.material["client_private_jwk"]),)
    clients.add(Client(golden.material["client_id"], UNIT.organisation, registered))
    keys, clock = SigningKeys(tmp_path / "keys"), SettableClock(golden.requests[0].received_at)
    made = HelseId(golden.material["issuer"], clients=clients, keys=keys, clock=clock)
    monkeypatch.setattr(made._nonces, "accepts", lambda nonce, _at: nonce is not None and nonce.startswith("golden-"))
    return made


def ask(helseid: HelseId, request: GoldenRequest, *, body: bytes | None = None, proof: str | None = None):
    helseid._clock.at = request.received_at
    return helseid.answer(request.body if body is None else body, [proof or request.header("DPoP")])


def test_all_six_token_requests(helseid: HelseId, golden: GoldenRecording):
    """In the order recorded: without a nonce, then with one."""
    answers = [ask(helseid, request) for request in golden.to("/connect/token")]
    assert [answer.status for answer in answers] == [400, 200] * 3
    assert [orjson.loads(answer.body).get("error") for answer in answers] == ["use_dpop_nonce", None] * 3


def test_no_token_request_is_good_twice_or_a_minute_later(helseid: HelseId, golden: GoldenRecording):
    request = golden.to("/connect/token")[1]
    assert ask(helseid, request).status == 200
    assert ask(helseid, request).status == 400
    later = GoldenRequest(request.received_at + dt.timedelta(seconds=70), "POST", "", request.headers, request.body)
    assert ask(helseid, later).status == 400


def flipped(text: str, place: int) -> str:
    return text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]


def test_any_change_in_a_token_request_is_refused(helseid: HelseId, golden: GoldenRecording):
    request = golden.to("/connect/token")[1]
    proof = request.header("DPoP")
    for place in range(0, len(proof), 97):
        assert ask(helseid, request, proof=flipped(proof, place)).status == 400, place
    fields = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
    for name, value in fields.items():
        for place in range(0, len(value), 53):
            changed = urlencode({**fields, name: flipped(value, place)}).encode()
            assert ask(helseid, request, body=changed).status in {400, 401}, (name, place)
    assert ask(helseid, request).status == 200, "unchanged it is still good"


# ── our receiver ────────────────────────────────────────────────────────────────────────────────────────────────────


class GoldenReceiver:
    def __init__(self, folder: Path, golden: GoldenRecording) -> None:
        self.clock = SettableClock(golden.requests[0].received_at)
        self.opened: list[bytes] = []
        self.database = Database.open(f"sqlite:///{folder / 'receiver.sqlite'}", tables.SCHEMA)
        AccessList(self.database).grant(UNIT, [version.message_type for version in pack("ktt_v1")])
        private = serialization.load_pem_private_key(golden.material["slash_private_key"].encode(), None)
        assert isinstance(private, rsa.RSAPrivateKey)
        expires_at = self.clock.now() + dt.timedelta(days=100)
        KeyStore(folder / "keys", VAULT, self.clock).adopt(golden.material["slash_key_id"], private, expires_at)
        base = golden.material["issuer"]
        documents = {
            f"{base}/.well-known/openid-configuration": {"issuer": base, "jwks_uri": f"{base}/jwks"},
            f"{base}/jwks": golden.material["helseid_jwks"],
        }
        self.app = receiver_app(
            ReceiverSettings(environment="sandbox", base_url=base, issuer=base, crypto_failures_per_hour=1000),
            database=self.database,
            vault=VAULT,
            key_folder=folder / "keys",
            fetch=lambda url: orjson.dumps(documents[url]),
            clock=self.clock,
            find=lambda _type, _version: self,  # a message version that is told what was opened
        )

    def fast_check(self, message: bytes, persons: str) -> None:
        """Nobody knows this type beyond doubt."""

    def check(self, message: bytes, at_most: int) -> list:
        self.opened.append(message)
        return []

    is_mapped = True
    beginnings = frozenset({b"["})

    def check_local_ids(self, _message: bytes, at_most: int) -> list:
        return []

    def summarise(self, _message: bytes) -> list:
        """Whoever it speaks of may pass."""
        return []

    def send(self, request: GoldenRequest, *, body: bytes | None = None, **changes: str):
        self.clock.at = request.received_at
        headers = [(name, changes.get(name, value)) for name, value in request.headers if name != "Content-Length"]
        return call(self.app, "POST", "/message", headers, request.body if body is None else body)


@pytest.fixture
def receiver(tmp_path: Path, golden: GoldenRecording):
    made = GoldenReceiver(tmp_path, golden)
    yield made
    made.database.close()


def test_all_three_messages_are_opened_to_the_identical_bytes(receiver: GoldenReceiver, golden: GoldenRecording):
    answers = [receiver.send(request) for request in golden.to("/message")]
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert receiver.opened == plaintexts()


def test_any_change_in_a_message_is_refused(receiver: GoldenReceiver, golden: GoldenRecording):
    request = golden.to("/message")[0]
    for name in ("Authorization", "DPoP"):
        value = request.header(name)
        for place in range(len("DPoP "), len(value), 89):
            answer = receiver.send(request, **{name: flipped(value, place)})
            assert answer.status == 401, (name, place)
    assert receiver.opened == []


def test_any_change_in_the_body_is_refused(tmp_path: Path, golden: GoldenRecording):
    """A proof is good once, so each change is tried on a receiver that has not seen it; three places suffice."""
    request = golden.to("/message")[0]
    for place in (0, len(request.body) // 2, len(request.body) - 5):
        receiver = GoldenReceiver(tmp_path / str(place), golden)
        answer = receiver.send(request, body=flipped(request.body.decode(), place).encode())
        assert (answer.status, answer.codes, receiver.opened) == (400, [1009], [])
        receiver.database.close()


@pytest.mark.parametrize("seconds", [-60, 60])
def test_at_another_time_it_is_refused(receiver: GoldenReceiver, golden: GoldenRecording, seconds: int):
    request = golden.to("/message")[0]
    moved = GoldenRequest(
        request.received_at + dt.timedelta(seconds=seconds), "POST", "", request.headers, request.body
    )
    assert receiver.send(moved).status == 401
