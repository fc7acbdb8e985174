"""Dialogues with the receiver: one for each row of the table of outcomes."""

from __future__ import annotations

import datetime as dt
import functools

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
from ktt.sender.client.receiver import MAX_BODY
from support.transport_other_end import (
    CORRELATION,
    DELIVERED,
    MOTTAK,
    UNIT,
    OtherEnd,
    json_answer,
    keys_answer,
    message,
    mottak,
    numbered_tokens,
    proof_of,
    said,
    token_answer,
)
from support.wire_keys import receiver_key, receiver_private_key
from support.wire_rules import open_message

ONCE = ["keys", "openid-configuration", "token", "message"]
FRESH_TOKEN = [*ONCE, "token", "message"]
FRESH_KEYS = [*ONCE, "keys", "message"]
PAYLOAD = '[{"æøå": "čđŋ"}]'.encode()


def test_what_is_sent_opens_by_other_hands_to_the_identical_bytes(clock):
    other = OtherEnd()
    assert mottak(other, clock).send(message(PAYLOAD)) == Accepted(CORRELATION)
    assert other.path() == ONCE
    request = other.to("message")[0]
    plain = open_message(
        dict(request.headers),
        request.body,
        receiver_private_key(),
        url=f"{MOTTAK}/message",
        at=clock.now().timestamp(),
    )
    assert plain == PAYLOAD


def test_the_claims_and_headers_of_a_message(clock):
    other = OtherEnd()
    mottak(other, clock).send(message())
    request = other.to("message")[0]
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
    ("201", [said(201, delivered=True)], Accepted(CORRELATION), ONCE),
    ("200, not delivered", [said(200)], Unknown("HTTP 200 without delivered", CORRELATION), ONCE),
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
        [said(200, delivered=True, x_correlation_id="")],
        Unknown("HTTP 200 without X-Correlation-ID"),
        ONCE,
    ),
    ("202", [said(202)], Unknown("HTTP 202", CORRELATION), ONCE),
    ("204", [Response(204)], Unknown("HTTP 204"), ONCE),
    ("400 that says delivered", [said(400, delivered=True)], Unknown("HTTP 400 but delivered", CORRELATION), ONCE),
    ("redirect", [Response(307, {"location": "https://other.example"})], Unknown("HTTP 307"), ONCE),
    ("401, then delivered", [said(401), DELIVERED], Accepted(CORRELATION), FRESH_TOKEN),
    ("401 twice", [said(401), said(401)], Refused(401, "access", CORRELATION), FRESH_TOKEN),
    (
        "401 with a challenge",
        [said(401, www_authenticate='DPoP error="invalid_token", algs="RS256"')],
        Refused(401, "invalid_token", CORRELATION),
        FRESH_TOKEN,
    ),
    (
        "403 with a code",
        [said(403, 2002, "MissingOrganizationNumberClaimFromHelseIdToken")],
        Refused(403, "access 2002 MissingOrganizationNumberClaimFromHelseIdToken", CORRELATION),
        FRESH_TOKEN,
    ),
    ("401 without body", [Response(401)], Refused(401, "access"), FRESH_TOKEN),
    (
        "401 that asks for a nonce",
        [said(401, www_authenticate='DPoP error="use_dpop_nonce"', dpop_nonce="n1"), DELIVERED],
        Accepted(CORRELATION),
        [*ONCE, "message"],
    ),
    ("1004, then delivered", [said(400, 1004, "InvalidKeyId"), DELIVERED], Accepted(CORRELATION), FRESH_KEYS),
    ("1007, then delivered", [said(400, 1007, "ExpiredKey"), DELIVERED], Accepted(CORRELATION), FRESH_KEYS),
    (
        "1004 twice",
        [said(400, 1004, "InvalidKeyId")],
        Rejected(400, 1004, "InvalidKeyId", "", CORRELATION),
        FRESH_KEYS,
    ),
    (
        "1004, then 401, then delivered",
        [said(400, 1004, "InvalidKeyId"), said(401), DELIVERED],
        Accepted(CORRELATION),
        [*FRESH_KEYS, "token", "message"],
    ),
    (
        "1004, then lost",
        [said(400, 1004, "InvalidKeyId"), NoAnswer("connection broken")],
        Unknown("connection broken"),
        FRESH_KEYS,
    ),
    ("2009", [said(400, 2009, "PayloadSizeLimitExceeded")], TooLarge(400, CORRELATION), ONCE),
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
        [said(400, 2010, "StorageError")],
        Unknown("HTTP 400 2010 StorageError", CORRELATION),
        ONCE,
    ),
    ("500", [said(500)], Unknown("HTTP 500", CORRELATION), ONCE),
    ("502, HTML", [Response(502, {}, b"<html>Bad Gateway")], Unknown("HTTP 502"), ONCE),
    (
        "503, asks for patience",
        [Response(503, {"retry-after": "7"})],
        Unknown("HTTP 503", retry_after=7.0),
        ONCE,
    ),
    ("503 with 2010", [said(503, 2010, "StorageError")], Unknown("HTTP 503 2010 StorageError", CORRELATION), ONCE),
    ("408", [Response(408)], Unknown("HTTP 408"), ONCE),
    ("no connection", [NotReached("no connection")], NotSent("no connection"), ONCE),
    ("lost answer", [NoAnswer("no answer in time")], Unknown("no answer in time"), ONCE),
    ("404, HTML", [Response(404, {}, b"<html>")], Rejected(404, None, "", ""), ONCE),
    (
        "415",
        [said(415, 1002, "HttpHeaderValidation")],
        Rejected(415, 1002, "HttpHeaderValidation", "", CORRELATION),
        ONCE,
    ),
    (
        "2006 that is 2008 by name",
        [said(400, 2006, "SchemaValidationFailed")],
        Rejected(400, 2008, "SchemaValidationFailed", "", CORRELATION),
        ONCE,
    ),
    ("unknown code", [said(400, 4711, "NewName")], Rejected(400, 4711, "NewName", "", CORRELATION), ONCE),
    *[
        (f"{code}", [said(400, code, name)], Rejected(400, code, name, "", CORRELATION), ONCE)
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
    other = OtherEnd(messages=list(answers))
    assert mottak(other, clock).send(message()) == outcome
    assert other.path() == path


CRYPTO = {
    1006: "PayloadHashMismatch",
    1008: "DecryptionErrorForAsymmetricalKey",
    1009: "DecryptionErrorForSymmetricalKey",
}


@pytest.mark.parametrize("code", CRYPTO)
@pytest.mark.parametrize("then", [DELIVERED, None], ids=["then delivered", "again"])
def test_no_crypto_fault_takes_another_way_than_the_others(clock, code, then):
    """Whatever the receiver tells apart, the sender does the same: no probe learns more from us than one bit."""
    fault = said(400, code, CRYPTO[code])
    other = OtherEnd(messages=[fault, then or fault])
    outcome = mottak(other, clock).send(message())
    assert other.path() == FRESH_KEYS
    assert outcome == (Accepted(CORRELATION) if then else Rejected(400, code, CRYPTO[code], "", CORRELATION))


@pytest.mark.parametrize("answer", [said(401), said(400, 1006, "PayloadHashMismatch")])
def test_a_second_try_is_sealed_and_proved_anew(clock, answer):
    other = OtherEnd(messages=[answer, DELIVERED], tokens=[numbered_tokens()])
    mottak(other, clock).send(message(PAYLOAD))
    first, second = other.to("message")
    one, two = proof_of(first), proof_of(second)
    assert first.body != second.body
    assert one["msg_hash"] == two["msg_hash"]
    assert {name for name in one if one[name] != two[name]} >= {"jti", "enc_sym_key"}


def test_a_second_try_after_401_has_a_new_token(clock):
    other = OtherEnd(messages=[said(401), DELIVERED], tokens=[numbered_tokens()])
    mottak(other, clock).send(message())
    assert [request.headers["Authorization"] for request in other.to("message")] == ["DPoP token-1", "DPoP token-2"]


def test_a_second_try_after_1007_takes_the_new_key(clock):
    new = receiver_key(3072, "new-key")
    other = OtherEnd(
        messages=[said(400, 1007, "ExpiredKey"), DELIVERED],
        keys=[keys_answer([receiver_key()]), keys_answer([new, receiver_key()])],
    )
    mottak(other, clock).send(message())
    assert [proof_of(request)["enc_key_id"] for request in other.to("message")] == [receiver_key().id, "new-key"]


def test_the_nonce_of_the_receiver_is_kept(clock):
    asks = said(401, www_authenticate='DPoP error="use_dpop_nonce"', dpop_nonce="n1")
    other = OtherEnd(messages=[asks, DELIVERED])
    line = mottak(other, clock)
    line.send(message())
    line.send(message())
    assert [proof_of(request).get("nonce") for request in other.to("message")] == [None, "n1", "n1"]


def test_key_token_and_discovery_are_shared_by_the_messages_of_a_minute(clock):
    other = OtherEnd()
    line = mottak(other, clock)
    for _ in range(3):
        line.send(message())
        clock.advance(dt.timedelta(seconds=10))
    assert other.path() == [*ONCE, "message", "message"]


@pytest.mark.parametrize(
    ("other", "outcome"),
    [
        (OtherEnd(keys=[NotReached("no connection")]), NotSent("keys: no connection")),
        (OtherEnd(keys=[NoAnswer("no answer in time")]), NotSent("keys: no answer in time")),
        (OtherEnd(discovery=[NoAnswer("no answer in time")]), NotSent("HelseID: no answer in time")),
        (OtherEnd(tokens=[Response(503)]), NotSent("HelseID: no token (HTTP 503)")),
        (OtherEnd(tokens=[json_answer({"error": "invalid_client"}, 400)]), Refused(400, "HelseID: invalid_client")),
    ],
)
def test_what_fails_before_the_message_leaves_leaves_nothing_uncertain(clock, other, outcome):
    assert mottak(other, clock).send(message()) == outcome
    assert other.to("message") == []


def test_after_a_fault_the_next_message_starts_afresh(clock):
    other = OtherEnd(keys=[NotReached("no connection"), keys_answer([receiver_key()])])
    line = mottak(other, clock)
    assert line.send(message()) == NotSent("keys: no connection")
    assert line.send(message()) == Accepted(CORRELATION)


def test_a_body_that_reaches_the_limit_is_never_sent(clock):
    other = OtherEnd()
    largest = MAX_BODY // 4 * 3 - 48
    assert mottak(other, clock).send(message(bytes(largest + 64))) == TooLarge(413)
    assert other.asked == []
    assert mottak(other, clock).send(message(bytes(largest - 16))) == Accepted(CORRELATION)
    assert MAX_BODY - 64 < len(other.to("message")[0].body) < MAX_BODY


def test_another_unit_does_not_get_into_this_line(clock):
    foreign = OutgoingMessage(ReportingUnit("312000024", "0301"), "KTT_Tjeneste", "1", b"[]", dt.date(2026, 3, 1))
    with pytest.raises(ValueError, match=UNIT.key):
        mottak(OtherEnd(), clock).send(foreign)


LONG = 31088012345
SCHEMA_DETAILS = f'[{{"Location":"/0/personer/3/x/{LONG}","Errors":[{{"Value":"168.5 should be at most 168, not {LONG} or \\u0022F03\\u0022; \\u0022orgNr\\u0022"}}]}}]'


def test_a_rejection_names_places_and_words_but_no_number_of_anybody(clock):
    errors = [
        {"errorCode": 2008, "errorMessage": "Error: SchemaValidationFailed | x", "errorDetails": SCHEMA_DETAILS},
        {"errorCode": 2008, "propertyName": "orgNr", "errorDetails": f"{LONG}"},
    ]
    answer = json_answer({"delivered": False, "errors": errors}, 400, x_correlation_id=CORRELATION)
    outcome = mottak(OtherEnd(messages=[answer]), clock).send(message())
    assert outcome == Rejected(
        400,
        2008,
        "SchemaValidationFailed",
        '/0/personer/3/x/… 168.5 should be at most 168, not … or …; "orgNr"; orgNr; …',
        CORRELATION,
    )


def test_nothing_that_is_shown_holds_payload_token_or_proof(clock):
    other = OtherEnd(tokens=[functools.partial(token_answer, token="secret-token")])
    mottak(other, clock).send(message(b'["secret-payload"]'))
    shown = repr(other.asked) + repr(message(b"secret-payload"))
    assert "secret" not in shown
    assert other.to("message")[0].headers["DPoP"] not in shown
