"""Schemathesis reads our OpenAPI document and knocks, at a real server: no fault of ours, and answers as documented.

What needs a proof is asked twice: as schemathesis made it, and signed, so that it comes past the lock.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator

import hypothesis
import pytest
import requests
import schemathesis
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from ktt.core.clock import SystemClock
from ktt.messages.register import pack
from ktt.receiver.api import paths
from ktt.receiver.api.documentation import openapi
from ktt.receiver.keys.key_store import KeyStore
from ktt.receiver.settings import ReceiverSettings
from ktt.testing.sandbox.server import ListeningApp, ServerThread, listen
from ktt.wire import dpop, jws
from support import effort
from support.receiver_harness import VAULT, Post, ReceiverHarness, _shown, key, private_key

LOCKED = (paths.MESSAGE, paths.VALIDATE, paths.RECEIPT, paths.OUTSTANDING, paths.INVENTORY)
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
SETTINGS = hypothesis.settings(
    max_examples=effort.SCHEMATHESIS,
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
)


@pytest.fixture(scope="module")
def knocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReceiverHarness]:
    """A receiver on a real socket, in real time."""
    folder = tmp_path_factory.mktemp("knocked")
    listener = listen(0, "port")
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    url = f"sqlite:///{folder / 'receiver.sqlite'}"
    KeyStore(folder / "keys", VAULT, SystemClock()).add(dt.timedelta(days=30))
    made = ReceiverHarness(folder, url, clock=SystemClock(), base_url=base, open_checks_per_minute=100_000)
    servers = ServerThread([ListeningApp(made.app, listener)])
    servers.start()
    yield made
    servers.stop()
    made.close()


DOCUMENT = openapi.document(
    ReceiverSettings(environment="sandbox", base_url="http://127.0.0.1", issuer="http://127.0.0.1"),
    pack("ktt_v1"),
    frozenset(paths.ALL),
)
schema = schemathesis.openapi.from_dict(DOCUMENT)


@schema.parametrize()
@SETTINGS
def test_as_it_comes(case: Case, knocked: ReceiverHarness) -> None:
    case.call_and_validate(base_url=knocked.settings.base_url, checks=CHECKS)


@schema.include(path=list(LOCKED)).parametrize()
@SETTINGS
def test_signed(case: Case, knocked: ReceiverHarness) -> None:
    """Whatever was made is the message itself: it is sealed and signed as a sender would."""
    posted = case.operation.path in {paths.MESSAGE, paths.VALIDATE}
    asked = case.as_transport_kwargs(base_url=knocked.settings.base_url)
    fields, body = sealed(knocked, case) if posted else looked_up(knocked, case.method, asked["url"])
    answer = requests.request(case.method, asked["url"], params=asked["params"], headers=dict(fields), data=body)
    assert answer.status_code not in {401, 429}, "it came past the lock"
    case.validate_response(answer, checks=CHECKS[:-1])  # the headers are right here, whatever was made


def sealed(receiver: ReceiverHarness, case: Case) -> tuple[list[tuple[str, str]], bytes]:
    given = case.body if isinstance(case.body, bytes) else str(case.body).encode("utf-8", "replace")
    htu = f"{receiver.settings.base_url}{case.operation.path}"
    return receiver.request(Post(receiver.clock.now(), payload=given, proof_claims={"htu": htu}))


def looked_up(receiver: ReceiverHarness, method: str, url: str) -> tuple[list[tuple[str, str]], bytes]:
    token = receiver.token()
    claims = {
        "jti": str(uuid.uuid4()),
        "htm": method.upper(),
        "htu": dpop.normalise(url),
        "iat": int(receiver.clock.now().timestamp()),
        "ath": dpop.token_hash(token),
    }
    private = dict(key())
    proof = jws.sign({"typ": "dpop+jwt", "jwk": _shown(private)}, claims, private_key(private), private["alg"])
    return [("Authorization", f"DPoP {token}"), ("DPoP", proof)], b""
