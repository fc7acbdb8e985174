"""What a request is said to have come to: of each kind of ending one, with what to do where there is something to do."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from ktt.testing.sandbox.faults.recorder import RecordedRequest
from ktt.testing.sandbox.faults.wire_faults import FAULT_NAME
from ktt.testing.sandbox.helseid.issuer import TOKEN_PATH
from ktt.web.console.verdict import verdict
from ktt.wire.answers import AnswerCode, AnswerError, answer

REFUSED = answer(delivered=False, errors=[AnswerError.of(AnswerCode.SCHEMA_VALIDATION_FAILED, "x")])
UNKNOWN = answer(delivered=False, errors=[AnswerError(1999, "NotPublished", "x")])
NONCE = orjson.dumps({"error": "use_dpop_nonce"})
BLAMED = {"says": {"nb": "galt", "en": "wrong"}, "remedy": {"nb": "rett", "en": "mend"}}


def request(path: str, status: int | None, body: bytes = b"", *, ended: bool = True, fault: str | None = None):
    made = RecordedRequest(1, "mottak", 0.0, 0.0, "POST", path, (), status=status, answer=body)
    made.ended = 1.0 if ended else None
    made.answer_headers = (("x-correlation-id", "the-receipt"),)
    made.state = {FAULT_NAME: fault} if fault else {}
    return made


@pytest.mark.parametrize(
    ("given", "explanation", "shown", "said", "advice"),
    [
        (request("/message", 200, answer(delivered=True)), None, "Accepted, success", "the-receipt", None),
        (request("/message", 200, answer(delivered=False)), None, "Refused, danger", "HTTP 200", None),
        (request("/message", 400, REFUSED), None, "Refused, danger", "2008: ", "“What the rules say”"),
        (request("/message", 400, UNKNOWN), None, "Refused, danger", "HTTP 400", None),
        (request("/message", 502, b"<html>"), None, "Refused, danger", "HTTP 502", None),
        (request("/message", 401, REFUSED), BLAMED, "Refused, danger", "wrong", ""),
        (request("/message", None), None, "No answer, danger", "", None),
        (request("/message", None, ended=False), None, "Under way, neutral", "", None),
        (request("/message", None, fault="lose"), None, "Fault asked for, warning", "lose the answer", None),
        (request("/message", 503, fault="503"), BLAMED, "Fault asked for, warning", "503", None),
        (request(TOKEN_PATH, 200, b'{"expires_in": 60}'), None, "Token given, success", "60 seconds", None),
        (request(TOKEN_PATH, 400, NONCE), BLAMED, "Asked for a nonce, info", "", None),
        (request(TOKEN_PATH, 400, b"{}"), BLAMED, "Refused, danger", "wrong", ""),
        (request("/keys", 200, b"[]"), None, "Answered, success", "HTTP 200", None),
    ],
)
def test_a_verdict(
    given: RecordedRequest, explanation: dict[str, Any] | None, shown: str, said: str, advice: str | None
):
    found = verdict(given, explanation)
    assert f"{found.word.en}, {found.colour}" == shown
    assert said in found.says.en
    assert found.says.nb
    assert advice in found.advice.en if advice is not None else not found.advice.en


@pytest.mark.parametrize(
    ("given", "usual"),
    [
        (request("/message", 200, answer(delivered=True)), False),
        (request("/message", 400, REFUSED), False),
        (request("/message", 500, fault="500"), False),
        (request(TOKEN_PATH, 200, b"{}"), True),
        (request(TOKEN_PATH, 400, NONCE), True),
        (request("/keys", 200, b"[]"), True),
    ],
)
def test_only_what_somebody_must_look_at_has_a_colour(given: RecordedRequest, usual: bool):
    assert verdict(given, None).usual is usual
