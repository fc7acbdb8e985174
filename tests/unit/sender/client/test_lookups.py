"""Questions to the receiver's further addresses: what each answer means, and that the receiver itself lets them in."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from ktt.core.http.exchange import NoAnswer, NotReached, Request, Response
from ktt.messages.contract import NotSent, Refused, Unknown
from ktt.sender.client.helseid import HelseIdClient
from ktt.sender.client.lookups import Found, NotKnown, NotOffered
from ktt.sender.client.receiver import ReceiverClient
from ktt.wire import jwk
from ktt.wire.dpop import ProofKey
from ktt.wire.headers import SenderSoftware
from support import receiver_harness as receivers
from support.client_scripted_servers import (
    RECEIVER,
    ScriptedServers,
    json_answer,
    numbered_tokens,
    proof_of,
    receiver_client,
    settings,
)
from support.receiver_api import ask

PATH = f"/receipts/{'0' * 8}-0000-0000-0000-{'0' * 12}"
ONCE = ["openid-configuration", "token", "lookup"]
FRESH_TOKEN = [*ONCE, "token", "lookup"]
CHALLENGE = 'DPoP error="use_dpop_nonce"'


def problem(status: int, name: str, code: int | None = None, **headers: str) -> Response:
    errors = [{"errorCode": code, "errorMessage": f"Error: {name} | text"}]
    return json_answer({"type": f"/swagger#{name}", "delivered": False, "errors": errors}, status, **headers)


ANSWERS = [
    # what is seen, what it means, what was asked
    ("200", [json_answer({"a": 1})], Found({"a": 1}), ONCE),
    ("200, HTML", [Response(200, {}, b"<html>")], Unknown("HTTP 200 without JSON"), ONCE),
    ("200, a list", [json_answer([1])], Unknown("HTTP 200 without JSON"), ONCE),
    ("404 of ours", [problem(404, "NotFound")], NotKnown(), ONCE),
    ("404 of FHI's form", [json_answer({"delivered": False, "errors": []}, 404)], NotOffered(), ONCE),
    ("404 of another's problem", [json_answer({"type": "about:blank"}, 404)], NotOffered(), ONCE),
    ("404, HTML", [Response(404, {}, b"<html>")], NotOffered(), ONCE),
    ("405", [problem(405, "MethodNotAllowed")], NotOffered(), ONCE),
    ("401, then found", [problem(401, "Unauthorized"), json_answer({})], Found({}), FRESH_TOKEN),
    ("401 twice", [problem(401, "Unauthorized")], Refused(401, "access"), FRESH_TOKEN),
    (
        "403 with a code",
        [problem(403, "MissingOrganizationNumberClaimFromHelseIdToken", 2002)],
        Refused(403, "access 2002 MissingOrganizationNumberClaimFromHelseIdToken"),
        FRESH_TOKEN,
    ),
    (
        "401 that asks for a nonce",
        [problem(401, "Unauthorized", www_authenticate=CHALLENGE, dpop_nonce="n1"), json_answer({})],
        Found({}),
        [*ONCE, "lookup"],
    ),
    (
        "a nonce, then 401, then found",
        [
            problem(401, "Unauthorized", www_authenticate=CHALLENGE, dpop_nonce="n1"),
            problem(401, "Unauthorized"),
            json_answer({}),
        ],
        Found({}),
        [*ONCE, "lookup", "token", "lookup"],
    ),
    ("400", [problem(400, "BadRequest")], Unknown("HTTP 400 BadRequest"), ONCE),
    ("429", [problem(429, "TooManyRequests", retry_after="7")], NotSent("too many requests", 7.0), ONCE),
    (
        "503",
        [problem(503, "StorageError", 2010, retry_after="7")],
        Unknown("HTTP 503 2010 StorageError", None, 7.0),
        ONCE,
    ),
    ("502, HTML", [Response(502, {}, b"<html>")], Unknown("HTTP 502"), ONCE),
    ("redirect", [Response(307, {"location": "https://servers.example"})], Unknown("HTTP 307"), ONCE),
    ("no connection", [NotReached("no connection")], NotSent("no connection"), ONCE),
    ("lost answer", [NoAnswer("no answer in time")], Unknown("no answer in time"), ONCE),
]


@pytest.mark.parametrize(("answers", "means", "path"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS])
def test_what_an_answer_means(clock, answers, means, path):
    servers = ScriptedServers(lookups=list(answers))
    assert receiver_client(servers, clock).look_up(PATH) == means
    assert [word if word in {"openid-configuration", "token"} else "lookup" for word in servers.path()] == path


def test_a_failure_before_the_question_is_asked(clock):
    refused = ScriptedServers(tokens=[json_answer({"error": "invalid_client"}, 400)])
    assert receiver_client(refused, clock).look_up(PATH) == Refused(400, "HelseID: invalid_client")
    away = ScriptedServers(discovery=[NotReached("no connection")])
    assert receiver_client(away, clock).look_up(PATH) == NotSent("HelseID: no connection")


def test_every_question_has_its_own_proof_of_the_address_without_its_query(clock):
    servers = ScriptedServers(lookups=[problem(401, "Unauthorized"), json_answer({})], tokens=[numbered_tokens()])
    receiver_client(servers, clock).look_up(f"{PATH}?limit=1")
    asked = servers.to("?limit=1")
    assert [request.headers["Authorization"] for request in asked] == ["DPoP token-1", "DPoP token-2"]
    proofs = [proof_of(request) for request in asked]
    assert {(proof["htm"], proof["htu"]) for proof in proofs} == {("GET", f"{RECEIVER}{PATH}")}
    assert len({proof["jti"] for proof in proofs}) == 2


def test_what_is_found_is_not_shown(clock):
    servers = ScriptedServers(lookups=[json_answer({"local_id": "secret"})])
    assert "secret" not in repr(receiver_client(servers, clock).look_up(PATH))


@pytest.fixture
def receiver(tmp_path: Path):
    receiver = receivers.ReceiverHarness(tmp_path, f"sqlite:///{tmp_path}/receiver.sqlite")
    receiver.keys.add(dt.timedelta(days=180))
    yield receiver
    receiver.close()


def client_of(receiver: receivers.ReceiverHarness) -> ReceiverClient:
    """The client of a receiver without a network; HelseID is played by the issuer whose tokens the receiver takes."""
    key = ProofKey(dict(receivers.key()))

    def exchange(request: Request) -> Response:
        if request.url.startswith(receivers.BASE):
            answer = ask(receiver, request.method, request.url.removeprefix(receivers.BASE), request.headers.items())
            return Response(answer.status, {name.lower(): value for name, value in answer.headers}, answer.body)
        if request.method == "GET":
            return json_answer({"issuer": receivers.ISSUER, "token_endpoint": f"{receivers.ISSUER}/token"})
        token = receiver.issuer.token(receiver.clock.now(), jkt=jwk.thumbprint(receivers.key()))
        return json_answer({"access_token": token, "expires_in": 60, "token_type": "DPoP"})

    return ReceiverClient(
        receivers.UNIT,
        base_url=receivers.BASE,
        helseid=HelseIdClient(settings(authority=receivers.ISSUER), receivers.UNIT, key, receiver.clock),
        software=SenderSoftware("Prove AS", "ProveEPJ", "1.0.4", "3.0.9"),
        exchange=exchange,
        clock=receiver.clock,
    )


def test_the_receiver_answers_for_what_the_caller_sent_and_for_nothing_else(receiver):
    client, correlation = client_of(receiver), receiver.post().correlation_id
    found = client.look_up(f"/receipts/{correlation}")
    assert isinstance(found, Found)
    assert (found.body["correlation_id"], found.body["unit"]) == (correlation, receivers.UNIT.key)
    page = client.look_up(f"/units/{receivers.UNIT.organisation}/outstanding?limit=1")
    assert isinstance(page, Found)
    assert json.dumps(page.body).count(correlation) == 1
    assert client.look_up(PATH) == NotKnown()
    assert client.look_up(f"/units/{receivers.OTHER_UNIT.organisation}/outstanding") == NotKnown()
    assert client.look_up("/units/312000008/outstanding?limit=0") == Unknown("HTTP 400 BadRequest")
    assert client.look_up("/not-here") == NotOffered()
