"""What FHI's client does with an answer was measured (transport § 12.4): whatever we answer must be one that it can read."""

from __future__ import annotations

import datetime as dt
import json
import uuid

import pytest

from ktt.wire import headers
from ktt.wire.answers import parse_answer
from support.receiver_harness import LEFT_OUT, Answer, Post, ReceiverHarness, call, message


def readable(answer: Answer) -> None:
    """Every demand of transport § 7 and § 12.4 on an answer to `/message`."""
    given = [value for name, value in answer.headers if name.lower() == "x-correlation-id"]
    assert len(given) == 1, "missing: the client throws, also when the message was delivered"
    assert uuid.UUID(given[0]).version == 4, "not a GUID: the client throws"
    body = json.loads(answer.body)
    assert isinstance(body, dict), "an empty body, HTML, or anything but an object: the client throws"
    assert set(body) == {"delivered", "errors"}, "names are case-sensitive"
    assert isinstance(body["delivered"], bool)
    assert isinstance(body["errors"], list)
    for error in body["errors"]:
        assert error["errorCode"] is None or type(error["errorCode"]) is int, "as text: the client throws"
        assert error["errorDetails"] is None or isinstance(error["errorDetails"], str), "as an object: it throws"
        assert error["errorMessage"].startswith("Error: ")
    assert answer.header("Content-Type") == "application/json; charset=utf-8"
    assert answer.header("Cache-Control") == "no-store"
    assert not 300 <= answer.status < 400, "a redirect is not followed"
    assert parse_answer(answer.body) is not None


def bare(receiver: ReceiverHarness, method: str, path: str, *fields: tuple[str, str], body: bytes = b"") -> Answer:
    return call(receiver.app, method, path, fields, body)


ANSWERS = {
    "delivered": (200, lambda w: w.post()),
    "no credentials": (401, lambda w: bare(w, "POST", "/message")),
    "a token refused": (401, lambda w: w.post(token="x.y.z")),
    "a proof refused": (401, lambda w: w.post(proof="x.y.z")),
    "no organisation": (401, lambda w: w.post(token_claims={headers.CLAIM_PARENT: LEFT_OUT})),
    "a header missing": (400, lambda w: w.post(headers={headers.VENDOR: LEFT_OUT})),
    "content refused": (400, lambda w: w.post(b"[{}]")),
    "nothing there": (404, lambda w: bare(w, "GET", "/nothing")),
    "a slash more": (404, lambda w: bare(w, "POST", "/message/")),
    "another method": (405, lambda w: bare(w, "GET", "/message")),
    "yet another": (405, lambda w: bare(w, "DELETE", "/message")),
    "keys by post": (405, lambda w: bare(w, "POST", "/keys")),
    "declared too large": (413, lambda w: bare(w, "POST", "/message", ("Content-Length", str(15 * 2**20 + 1)))),
    "compressed": (415, lambda w: w.post(more_headers=(("Content-Encoding", "gzip"),))),
    "headers too large": (431, lambda w: w.post(more_headers=(("x-more", "x" * 20_000),))),
    "too many headers": (431, lambda w: w.post(more_headers=tuple((f"x-{n}", "1") for n in range(80)))),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_every_answer_can_be_read(receiver: ReceiverHarness, case: str):
    status, ask = ANSWERS[case]
    answer = ask(receiver)
    assert answer.status == status
    readable(answer)
    assert answer.json["delivered"] is (status == 200)
    assert bool(answer.json["errors"]) is (status != 200)


def test_404_says_where_the_addresses_are(receiver: ReceiverHarness):
    assert "/swagger" in bare(receiver, "GET", "/").json["errors"][0]["errorMessage"]


def test_405_says_what_is_allowed(receiver: ReceiverHarness):
    assert bare(receiver, "GET", "/message").header("Allow") == "POST"


def test_an_unexpected_fault_is_500_and_says_nothing(make_receiver, caplog):
    def find(_type: str, _version: str) -> None:
        raise RuntimeError("the name of a person")

    answer = make_receiver(find=find).post()
    assert answer.status == 500
    readable(answer)
    assert "name of a person" not in answer.body.decode() + caplog.text
    assert "unexpected RuntimeError at " in caplog.text


def test_the_database_gone_is_503(fresh: ReceiverHarness):
    with fresh.database.transaction() as connection:
        connection.exec_driver_sql("DROP TABLE receiver_access")
    answer = fresh.post()
    assert (answer.status, answer.codes) == (503, [2010])
    readable(answer)


def test_a_401_challenges_with_the_algorithms(receiver: ReceiverHarness):
    challenge = receiver.post(proof="x.y.z").header("WWW-Authenticate")
    assert challenge.startswith('DPoP error="invalid_dpop_proof", algs="')
    assert "RS256" in challenge
    assert "D2" not in challenge, "which check failed is for the log"


def test_identity_is_no_compression(fresh: ReceiverHarness):
    assert fresh.post(more_headers=(("Content-Encoding", "identity"),)).status == 200


def test_the_size_is_enforced_while_reading(make_receiver):
    """In chunks, so that no length is declared: 2009 as soon as it is too much, and no later."""
    receiver = make_receiver(body_limit=100_000)
    fields, _ = receiver.request(Post(receiver.clock.now(), payload=message()))
    answer = receiver.send(fields, b"A" * 5_000_000, chunked=True)
    assert (answer.status, answer.codes) == (413, [2009])
    readable(answer)


def test_a_message_just_within_the_limit_is_read(make_receiver):
    receiver = make_receiver()
    fields, body = receiver.request(Post(receiver.clock.now()))
    small = make_receiver(body_limit=len(body))
    assert small.send(fields, body, chunked=True).status == 200
    smaller = make_receiver(body_limit=len(body) - 1)
    assert smaller.post(payload=message()).codes == [2009]


def test_keys_are_listed_newest_first_with_a_short_life(fresh: ReceiverHarness):
    newer = fresh.keys.add(dt.timedelta(days=400))
    fresh.keys.add(dt.timedelta(seconds=1))
    fresh.clock.advance(dt.timedelta(seconds=2))
    restarted = ReceiverHarness(fresh.key_folder.parent, str(fresh.database.engine.url), clock=fresh.clock)
    answer = restarted.get("/keys")
    listed = json.loads(answer.body)
    restarted.close()
    assert [item["id"] for item in listed] == [newer.id, *[item["id"] for item in listed[1:]]]
    assert len(listed) == 2, "the expired one is not listed"
    assert uuid.UUID(listed[0]["id"])
    assert listed[0]["publicKey"].startswith("-----BEGIN PUBLIC KEY-----\n")
    assert answer.header("Cache-Control") == "public, max-age=300"
    assert uuid.UUID(answer.correlation_id)


def test_health(fresh: ReceiverHarness):
    assert (fresh.get("/health/live").status, fresh.get("/health/ready").status) == (200, 200)
    with fresh.database.transaction() as connection:
        connection.exec_driver_sql("DROP TABLE receiver_position")
    assert (fresh.get("/health/live").status, fresh.get("/health/ready").status) == (200, 503)
