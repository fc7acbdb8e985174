"""Sending a message to the receiver: one test for each row of the table of outcomes."""

from __future__ import annotations

import datetime as dt
import functools
import time

import pytest

from ktt.core.http.exchange import NoAnswer, NotReached, Response
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import (
    Accepted,
    NotSent,
    OutgoingMessage,
    Refused,
    Rejected,
    TooLarge,
    Unknown,
)
from ktt.sender.client import receiver
from ktt.sender.client.receiver import MAX_BODY
from support.client_scripted_servers import (
    CORRELATION,
    DELIVERED,
    RECEIVER,
    UNIT,
    ScriptedServers,
    json_answer,
    keys_answer,
    message,
    message_answer,
    numbered_tokens,
    proof_of,
    receiver_client,
    token_answer,
)
from support.wire_keys import receiver_key, receiver_private_key
from support.wire_rules import open_message

ONCE = ["keys", "openid-configuration", "token", "message"]
FRESH_TOKEN = [*ONCE, "token", "message"]
FRESH_KEYS = [*ONCE, "keys", "message"]
PAYLOAD = '[{"æøå": "čđŋ"}]'.encode()


def test_an_independent_implementation_opens_the_sent_body_to_the_identical_bytes(clock):
    servers = ScriptedServers()
    assert receiver_client(servers, clock).send(message(PAYLOAD)) == Accepted(CORRELATION)
    assert servers.path() == ONCE
    request = servers.to("message")[0]
    plain = open_message(
        dict(request.headers),
        request.body,
        receiver_private_key(),
        url=f"{RECEIVER}/message",
        at=clock.now().timestamp(),
    )
    assert plain == PAYLOAD


def test_the_claims_and_headers_of_a_message(clock):
    servers = ScriptedServers()
    receiver_client(servers, clock).send(message())
    request = servers.to("message")[0]
    claims = proof_of(request)
    named = {name: claims[name] for name in ("msg_type", "msg_version", "enc_key_id", "htu")}
    assert named == {
        "msg_type": "KTT_Tjeneste",
        "msg_version": "1",
        "enc_key_id": receiver_key().id,
        "htu": request.url,
    }
    assert request.headers["x-data-extraction-date"] == "01.03.2026"
    assert request.headers["Authorization"] == "DPoP token"


OUTCOMES = [
    # what is seen, the outcome, what was asked
    ("200", [DELIVERED], Accepted(CORRELATION), ONCE),
    ("201", [message_answer(201, delivered=True)], Accepted(CORRELATION), ONCE),
    ("200, not delivered", [message_answer(200)], Unknown("HTTP 200 without delivered", CORRELATION), ONCE),
    ("200, HTML", [Response(200, {}, b"<html>")], Unknown("HTTP 200 without delivered"), ONCE),
    ("200, empty", [Response(200)], Unknown("HTTP 200 without delivered"), ONCE),
    (
        "200 without correlation id",
        [json_answer({"delivered": True})],
        Unknown("HTTP 200 without X-Correlation-ID"),
        ONCE,
    ),
    (
        "200 with an empty one",
        [message_answer(200, delivered=True, x_correlation_id="")],
        Unknown("HTTP 200 without X-Correlation-ID"),
        ONCE,
    ),
    ("202", [message_answer(202)], Unknown("HTTP 202", CORRELATION), ONCE),
    ("204", [Response(204)], Unknown("HTTP 204"), ONCE),
    (
        "400 that says delivered",
        [message_answer(400, delivered=True)],
        Unknown("HTTP 400 but delivered", CORRELATION),
        ONCE,
    ),
    ("redirect", [Response(307, {"location": "https://servers.example"})], Unknown("HTTP 307"), ONCE),
    ("401, then delivered", [message_answer(401), DELIVERED], Accepted(CORRELATION), FRESH_TOKEN),
    ("401 twice", [message_answer(401), message_answer(401)], Refused(401, "access", CORRELATION), FRESH_TOKEN),
    (
        "401 with a challenge",
        [message_answer(401, www_authenticate='DPoP error="invalid_token", algs="RS256"')],
        Refused(401, "invalid_token", CORRELATION),
        FRESH_TOKEN,
    ),
    (
        "403 with a code",
        [message_answer(403, 2002, "MissingOrganizationNumberClaimFromHelseIdToken")],
        Refused(403, "access 2002 MissingOrganizationNumberClaimFromHelseIdToken", CORRELATION),
        FRESH_TOKEN,
    ),
    ("401 without body", [Response(401)], Refused(401, "access"), FRESH_TOKEN),
    (
        "401 that asks for a nonce",
        [message_answer(401, www_authenticate='DPoP error="use_dpop_nonce"', dpop_nonce="n1"), DELIVERED],
        Accepted(CORRELATION),
        [*ONCE, "message"],
    ),
    ("1004, then delivered", [message_answer(400, 1004, "InvalidKeyId"), DELIVERED], Accepted(CORRELATION), FRESH_KEYS),
    ("1007, then delivered", [message_answer(400, 1007, "ExpiredKey"), DELIVERED], Accepted(CORRELATION), FRESH_KEYS),
    (
        "1004 twice",
        [message_answer(400, 1004, "InvalidKeyId")],
        Rejected(400, 1004, "InvalidKeyId", "", CORRELATION),
        FRESH_KEYS,
    ),
    (
        "1004, then 401, then delivered",
        [message_answer(400, 1004, "InvalidKeyId"), message_answer(401), DELIVERED],
        Accepted(CORRELATION),
        [*FRESH_KEYS, "token", "message"],
    ),
    (
        "1004, then lost",
        [message_answer(400, 1004, "InvalidKeyId"), NoAnswer("connection broken")],
        Unknown("connection broken"),
        FRESH_KEYS,
    ),
    ("2009", [message_answer(400, 2009, "PayloadSizeLimitExceeded")], TooLarge(400, CORRELATION), ONCE),
    ("413 of a proxy", [Response(413, {}, b"<html>")], TooLarge(413), ONCE),
    ("429", [Response(429, {"retry-after": "7"})], NotSent("too many requests", 7.0), ONCE),
    (
        "429, a date",
        [Response(429, {"retry-after": "Mon, 23 Nov 2026 12:00:00 GMT"})],
        NotSent("too many requests"),
        ONCE,
    ),
    ("429, for ever", [Response(429, {"retry-after": "999999"})], NotSent("too many requests", 3600.0), ONCE),
    (
        "2010",
        [message_answer(400, 2010, "StorageError")],
        Unknown("HTTP 400 2010 StorageError", CORRELATION),
        ONCE,
    ),
    ("500", [message_answer(500)], Unknown("HTTP 500", CORRELATION), ONCE),
    ("502, HTML", [Response(502, {}, b"<html>Bad Gateway")], Unknown("HTTP 502"), ONCE),
    (
        "503, asks for patience",
        [Response(503, {"retry-after": "7"})],
        Unknown("HTTP 503", retry_after=7.0),
        ONCE,
    ),
    (
        "503 with 2010",
        [message_answer(503, 2010, "StorageError")],
        Unknown("HTTP 503 2010 StorageError", CORRELATION),
        ONCE,
    ),
    ("408", [Response(408)], Unknown("HTTP 408"), ONCE),
    ("no connection", [NotReached("no connection")], NotSent("no connection"), ONCE),
    ("lost answer", [NoAnswer("no answer in time")], Unknown("no answer in time"), ONCE),
    ("404, HTML", [Response(404, {}, b"<html>")], Rejected(404, None, "", ""), ONCE),
    (
        "415",
        [message_answer(415, 1002, "HttpHeaderValidation")],
        Rejected(415, 1002, "HttpHeaderValidation", "", CORRELATION),
        ONCE,
    ),
    (
        "2006 that is 2008 by name",
        [message_answer(400, 2006, "SchemaValidationFailed")],
        Rejected(400, 2008, "SchemaValidationFailed", "", CORRELATION),
        ONCE,
    ),
    ("unknown code", [message_answer(400, 4711, "NewName")], Rejected(400, 4711, "NewName", "", CORRELATION), ONCE),
    *[
        (f"{code}", [message_answer(400, code, name)], Rejected(400, code, name, "", CORRELATION), ONCE)
        for code, name in {
            1001: "HttpHeaderMissing",
            1002: "HttpHeaderValidation",
            1003: "InvalidMessageTypeVersion",
            1005: "InvalidDigest",
            2001: "ShouldNotReceiveMessageForGivenOrganizationAndMessageType",
            2002: "MissingOrganizationNumberClaimFromHelseIdToken",
            2006: "SchemaNotFound",
            2007: "InvalidJsonMessage",
            2008: "SchemaValidationFailed",
        }.items()
    ],
]


@pytest.mark.parametrize(
    ("answers", "outcome", "path"), [row[1:] for row in OUTCOMES], ids=[row[0] for row in OUTCOMES]
)
def test_what_an_answer_means(clock, answers, outcome, path):
    servers = ScriptedServers(messages=list(answers))
    assert receiver_client(servers, clock).send(message()) == outcome
    assert servers.path() == path


CRYPTO = {
    1006: "PayloadHashMismatch",
    1008: "DecryptionErrorForAsymmetricalKey",
    1009: "DecryptionErrorForSymmetricalKey",
}


@pytest.mark.parametrize("code", CRYPTO)
@pytest.mark.parametrize("then", [DELIVERED, None], ids=["then delivered", "again"])
def test_all_crypto_faults_are_handled_alike(clock, code, then):
    """Whatever the receiver tells apart, the sender does the same: no probe learns more from us than one bit."""
    fault = message_answer(400, code, CRYPTO[code])
    servers = ScriptedServers(messages=[fault, then or fault])
    outcome = receiver_client(servers, clock).send(message())
    assert servers.path() == FRESH_KEYS
    assert outcome == (Accepted(CORRELATION) if then else Rejected(400, code, CRYPTO[code], "", CORRELATION))


@pytest.mark.parametrize("answer", [message_answer(401), message_answer(400, 1006, "PayloadHashMismatch")])
def test_a_second_try_has_a_new_envelope_and_a_new_proof(clock, answer):
    servers = ScriptedServers(messages=[answer, DELIVERED], tokens=[numbered_tokens()])
    receiver_client(servers, clock).send(message(PAYLOAD))
    first, second = servers.to("message")
    one, two = proof_of(first), proof_of(second)
    assert first.body != second.body
    assert one["msg_hash"] == two["msg_hash"]
    assert {name for name in one if one[name] != two[name]} >= {"jti", "enc_sym_key"}


def test_a_second_try_after_401_has_a_new_token(clock):
    servers = ScriptedServers(messages=[message_answer(401), DELIVERED], tokens=[numbered_tokens()])
    receiver_client(servers, clock).send(message())
    assert [request.headers["Authorization"] for request in servers.to("message")] == ["DPoP token-1", "DPoP token-2"]


def test_a_second_try_after_1007_takes_the_new_key(clock):
    new = receiver_key(3072, "new-key")
    servers = ScriptedServers(
        messages=[message_answer(400, 1007, "ExpiredKey"), DELIVERED],
        keys=[keys_answer([receiver_key()]), keys_answer([new, receiver_key()])],
    )
    receiver_client(servers, clock).send(message())
    assert [proof_of(request)["enc_key_id"] for request in servers.to("message")] == [receiver_key().id, "new-key"]


def test_the_nonce_of_the_receiver_is_kept(clock):
    asks = message_answer(401, www_authenticate='DPoP error="use_dpop_nonce"', dpop_nonce="n1")
    servers = ScriptedServers(messages=[asks, DELIVERED])
    client = receiver_client(servers, clock)
    client.send(message())
    client.send(message())
    assert [proof_of(request).get("nonce") for request in servers.to("message")] == [None, "n1", "n1"]


def test_key_token_and_discovery_are_shared_by_the_messages_of_a_minute(clock):
    servers = ScriptedServers()
    client = receiver_client(servers, clock)
    for _ in range(3):
        client.send(message())
        clock.advance(dt.timedelta(seconds=10))
    assert servers.path() == [*ONCE, "message", "message"]


@pytest.mark.parametrize(
    ("servers", "outcome"),
    [
        (ScriptedServers(keys=[NotReached("no connection")]), NotSent("keys: no connection")),
        (ScriptedServers(keys=[NoAnswer("no answer in time")]), NotSent("keys: no answer in time")),
        (ScriptedServers(discovery=[NoAnswer("no answer in time")]), NotSent("HelseID: no answer in time")),
        (ScriptedServers(tokens=[Response(503)]), NotSent("HelseID: no token (HTTP 503)")),
        (
            ScriptedServers(tokens=[json_answer({"error": "invalid_client"}, 400)]),
            Refused(400, "HelseID: invalid_client"),
        ),
    ],
)
def test_a_failure_before_the_message_is_sent_is_never_unknown(clock, servers, outcome):
    assert receiver_client(servers, clock).send(message()) == outcome
    assert servers.to("message") == []


def test_a_fault_does_not_affect_the_next_message(clock):
    servers = ScriptedServers(keys=[NotReached("no connection"), keys_answer([receiver_key()])])
    client = receiver_client(servers, clock)
    assert client.send(message()) == NotSent("keys: no connection")
    assert client.send(message()) == Accepted(CORRELATION)


def test_a_body_that_reaches_the_limit_is_never_sent(clock):
    servers = ScriptedServers()
    largest = MAX_BODY // 4 * 3 - 48
    assert receiver_client(servers, clock).send(message(bytes(largest + 64))) == TooLarge(413)
    assert servers.requests == []
    assert receiver_client(servers, clock).send(message(bytes(largest - 16))) == Accepted(CORRELATION)
    assert MAX_BODY - 64 < len(servers.to("message")[0].body) < MAX_BODY


def test_a_message_of_another_unit_is_refused(clock):
    foreign = OutgoingMessage(ReportingUnit("312000024", "0301"), "KTT_Tjeneste", "1", b"[]", dt.date(2026, 3, 1))
    with pytest.raises(ValueError, match=UNIT.key):
        receiver_client(ScriptedServers(), clock).send(foreign)


LONG = 31088012345
SCHEMA_DETAILS = f'[{{"Location":"/0/personer/3/x/{LONG}","Errors":[{{"Value":"168.5 should be at most 168, not {LONG} or \\u0022F03\\u0022; \\u0022orgNr\\u0022"}}]}}]'


def test_a_rejection_names_places_and_words_but_no_number_of_a_person(clock):
    errors = [
        {"errorCode": 2008, "errorMessage": "Error: SchemaValidationFailed | x", "errorDetails": SCHEMA_DETAILS},
        {"errorCode": 2008, "propertyName": "orgNr", "errorDetails": f"{LONG}"},
    ]
    answer = json_answer({"delivered": False, "errors": errors}, 400, x_correlation_id=CORRELATION)
    outcome = receiver_client(ScriptedServers(messages=[answer]), clock).send(message())
    assert outcome == Rejected(
        400,
        2008,
        "SchemaValidationFailed",
        '/0/personer/3/x/… 168.5 should be at most 168, not … or …; "orgNr"; orgNr; …',
        CORRELATION,
    )


def test_nothing_that_is_shown_holds_payload_token_or_proof(clock):
    servers = ScriptedServers(tokens=[functools.partial(token_answer, token="secret-token")])
    receiver_client(servers, clock).send(message(b'["secret-payload"]'))
    shown = repr(servers.requests) + repr(message(b"secret-payload"))
    assert "secret" not in shown
    assert servers.to("message")[0].headers["DPoP"] not in shown


@pytest.mark.parametrize("slowest", ["keys", "openid-configuration", "token"])
def test_a_conversation_has_a_deadline_as_a_whole(clock, monkeypatch, slowest):
    """Nothing of the message is sent when what comes before it has taken too long."""
    monkeypatch.setattr(receiver, "CONVERSATION_SECONDS", 0.2)
    servers = ScriptedServers()
    client = receiver_client(servers, clock)

    def slow(request):
        if request.url.endswith(slowest):
            time.sleep(0.3)
        return servers.exchange(request)

    client._exchange = slow
    outcome = client.send(message())
    assert isinstance(outcome, NotSent)
    assert "no time left" in outcome.reason
    assert servers.path() == ONCE[: ONCE.index(slowest) + 1]
