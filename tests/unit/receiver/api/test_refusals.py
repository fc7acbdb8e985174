"""Whatever is asked of whichever address, and however it ends, FHI's client can read the answer (transport § 12.4)."""

from __future__ import annotations

import json
import uuid

import pytest

from ktt.receiver.api import paths
from ktt.receiver.api.problem_texts import TEXTS
from ktt.wire.answers import AnswerCode, parse_answer
from support.receiver_api import ask, check, lookup, validate
from support.receiver_harness import Answer, ReceiverHarness, message

OWN_FORM = {paths.METRICS, paths.PAGE, paths.INDEX, paths.EXAMPLE, paths.KEYS}
"""What is no JSON object by its nature when all is well: numbers, pages, a message, FHI's own list of keys."""

ADDRESSES = {
    path: path.format(correlation=uuid.uuid4(), organisation="312000008", type="KTT_Vedtak", version="1")
    for path in paths.ALL
}
POSTED = {paths.MESSAGE, paths.VALIDATE, paths.CHECK}
LARGE = ("Content-Length", str(15 * 2**20 + 1))
OUTER = {
    405: ("DELETE", []),
    413: (None, [LARGE]),
    415: (None, [("Content-Encoding", "gzip")]),
    431: (None, [("x-more", "x" * 20_000)]),
}
"""What the framework and the outer form answer, whatever the address."""


def readable(answer: Answer) -> None:
    """Each row of the table that was measured."""
    given = [value for name, value in answer.headers if name.lower() == "x-correlation-id"]
    assert len(given) == 1, "missing: the client throws"
    assert uuid.UUID(given[0]), "no GUID: the client throws"
    assert not 300 <= answer.status < 400, "a redirect is not followed"
    body = json.loads(answer.body)
    assert isinstance(body, dict), "anything but an object: the client throws"
    assert body.get("delivered", False) is False
    for error in body.get("errors") or []:
        assert error["errorCode"] is None or type(error["errorCode"]) is int, "as text: the client throws"
        assert error["errorDetails"] is None or isinstance(error["errorDetails"], str), "as an object: it throws"
        assert error["errorMessage"].startswith("Error: ")
    assert parse_answer(answer.body) is not None


def refused(answer: Answer, path: str) -> None:
    readable(answer)
    assert answer.json["errors"], "a refusal says why"
    assert answer.json["delivered"] is False
    if paths.is_own(path):
        problem(answer)
    else:
        assert answer.header("Content-Type") == "application/json; charset=utf-8"


def problem(answer: Answer) -> None:
    """RFC 9457, in both languages, with a `type` that leads somewhere."""
    assert answer.header("Content-Type") == "application/problem+json"
    told = answer.json
    assert told["status"] == answer.status
    assert told["instance"] == f"urn:uuid:{answer.correlation_id}"
    assert told["type"].removeprefix("/swagger#") in TEXTS
    assert all(told[name] for name in ("title", "detail", "title_en", "detail_en", "code"))
    assert int(answer.header("Content-Length")) == len(answer.body)


@pytest.mark.parametrize("path", paths.ALL)
@pytest.mark.parametrize("status", OUTER)
def test_the_frameworks_own_answers(receiver: ReceiverHarness, path: str, status: int):
    method, fields = OUTER[status]
    usual = "POST" if path in POSTED else "GET"
    answer = ask(receiver, method or usual, ADDRESSES[path], fields)
    assert answer.status == status
    refused(answer, path)
    if status == 405:
        assert usual in answer.header("Allow")


@pytest.mark.parametrize("path", paths.ALL)
def test_a_slash_or_a_step_more_is_another_address(receiver: ReceiverHarness, path: str):
    for address in (f"{ADDRESSES[path]}/", f"{ADDRESSES[path]}/x/y"):
        answer = ask(receiver, "GET", address)
        assert answer.status == 404, address
        refused(answer, address)


@pytest.mark.parametrize("path", paths.ALL)
def test_all_is_well_or_refused(receiver: ReceiverHarness, path: str):
    """As it comes, without credentials and without a body."""
    answer = ask(receiver, "POST" if path in POSTED else "GET", ADDRESSES[path])
    if answer.status < 400:
        assert uuid.UUID(answer.correlation_id)
        if path not in OWN_FORM:
            readable(answer)
    else:
        assert answer.status in {400, 401, 415}
        refused(answer, path)


OURS = {
    "not authenticated": (401, lambda w: validate(w, token="x.y.z")),
    "a proof refused": (401, lambda w: lookup(w, "/units/312000008/outstanding", proof={"htm": "PUT"})),
    "nothing like it": (404, lambda w: lookup(w, f"/receipts/{uuid.uuid4()}")),
    "content refused": (400, lambda w: validate(w, b"[")),
    "a query": (400, lambda w: lookup(w, "/units/312000008/outstanding?limit=0")),
    "an inventory of no municipality": (400, lambda w: lookup(w, "/units/312000008/inventory")),
    "an inventory of nobody": (404, lambda w: lookup(w, "/units/312000008/inventory?municipality=0301")),
    "an example without a type": (400, lambda w: ask(w, "GET", "/swagger-tools/download-example")),
    "an example of nothing": (400, lambda w: ask(w, "GET", "/swagger-tools/download-example?messageType=KTT_X")),
    "an example that is not": (
        404,
        lambda w: ask(w, "GET", "/swagger-tools/download-example?messageType=KTT_Vedtak&name=N99"),
    ),
    "a schema of nothing": (404, lambda w: ask(w, "GET", "/schemas/KTT_X/1")),
    "a real person": (400, lambda w: check(w, b"[17054512346]")),
}


@pytest.mark.parametrize("case", OURS)
def test_our_own_refusals_are_problems(receiver: ReceiverHarness, case: str):
    status, given = OURS[case]
    answer = given(receiver)
    assert answer.status == status
    refused(answer, paths.VALIDATE)


def test_too_many_is_429(make_receiver):
    receiver = make_receiver(posts_per_client=1, open_checks_per_minute=1)
    assert [check(receiver).status, check(receiver).status] == [200, 429]
    refused(check(receiver), paths.CHECK)


def test_too_many_validations_are_503_with_a_time(make_receiver, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ktt.receiver.api.validation._QUEUE", 0)
    answer = check(make_receiver())
    assert (answer.status, answer.header("Retry-After")) == (503, "10")
    refused(answer, paths.CHECK)


def test_an_unexpected_fault_is_500_and_says_nothing(make_receiver, caplog):
    def find(_type: str, _version: str) -> None:
        raise RuntimeError("the name of a person")

    answer = ask(make_receiver(find=find), "GET", "/schemas/KTT_Vedtak/1")
    assert answer.status == 500
    refused(answer, paths.SCHEMA)
    assert "name of a person" not in answer.body.decode() + caplog.text


def test_every_name_that_a_refusal_can_have_has_words():
    left_over = {"MissingSignatureClaimFromHelseIdToken", "BadSignatureClaimFromHelseIdToken"}
    left_over.add("HelseIdSignatureDoesNotMatchHeaderValues")
    assert {code.label for code in AnswerCode} - left_over <= set(TEXTS)


def test_head_has_no_body_where_get_has_one(receiver: ReceiverHarness):
    assert ask(receiver, "HEAD", "/schemas/KTT_X/1").body == b""


def test_a_delivered_message_is_counted_once(fresh: ReceiverHarness):
    fresh.post(message())
    fresh.post(message())
    told = ask(fresh, "GET", "/metrics").body.decode()
    assert 'ktt_receiver_answers_total{code="",path="/message",status="200"} 2.0' in told
    assert "ktt_receiver_resent_total 1.0" in told
