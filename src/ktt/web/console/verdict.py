"""What became of a recorded request, in words: the verdict, what it means, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from ktt.core.text import Text
from ktt.receiver.api.problem_texts import TEXTS
from ktt.testing.sandbox.faults.recorder import RecordedRequest
from ktt.testing.sandbox.helseid.issuer import TOKEN_PATH
from ktt.web.console.fault_words import fault_words
from ktt.wire.answers import parse_answer

_NO_ADVICE = Text("", "")
_MARKS = {"success": "✓", "danger": "✗", "warning": "!", "info": "i", "neutral": "…"}
_WORDS: Mapping[str, Text] = {
    "stored": Text(nb="Godtatt", en="Accepted"),
    "refused": Text(nb="Avvist", en="Refused"),
    "asked": Text(nb="Feil på bestilling", en="Fault asked for"),
    "open": Text(nb="Under arbeid", en="Under way"),
    "lost": Text(nb="Ikke svar", en="No answer"),
    "answered": Text(nb="Besvart", en="Answered"),
    "token": Text(nb="Token gitt", en="Token given"),
    "nonce": Text(nb="Ba om nonce", en="Asked for a nonce"),
}
_STORED = Text(
    nb="Meldingen er lagret, og kvitteringen er {receipt}.", en="The message is stored, and its receipt is {receipt}."
)
_NONCE = Text(
    nb="HelseID krever en nonce i beviset. Det er det vanlige første svaret; klienten sender på nytt med den.",
    en="HelseID wanted a nonce in the proof. That is the usual first answer; the client sends again with it.",
)
_STATUS = Text(nb="Svaret var HTTP {status}.", en="The answer was HTTP {status}.")
_SILENT = Text(nb="Forbindelsen ble brutt før det kom et svar.", en="The connection ended before there was an answer.")
_GIVEN = Text(
    nb="HelseID ga et token som gjelder i {seconds} sekunder.",
    en="HelseID gave a token that is valid for {seconds} seconds.",
)
_BELOW = Text(
    nb="Hver feil står under «Hva reglene sier», med linje og hva dere gjør.",
    en="Each fault stands under “What the rules say”, with its line and what to do.",
)
_UNDER_WAY = Text(nb="Svaret er ikke sendt ennå.", en="The answer has not been sent yet.")
_BAD = 400


@dataclass(frozen=True, slots=True)
class Verdict:
    """One verdict. `says` tells what happened and `advice` what to do, which is empty when there is nothing."""

    word: Text
    colour: str
    says: Text
    advice: Text = _NO_ADVICE
    usual: bool = False  # on the way to a message, and nothing that anybody must look at

    @property
    def mark(self) -> str:
        """Beside its word, never alone."""
        return _MARKS[self.colour]


def verdict(request: RecordedRequest, explanation: Mapping[str, Any] | None) -> Verdict:
    """The verdict on a request. `explanation` is why a token, a proof or a client assertion was refused."""
    return _unanswered(request) or _answered(request, explanation)


def _unanswered(request: RecordedRequest) -> Verdict | None:
    """Of a request that the service itself did not answer."""
    if request.ended is None:
        return Verdict(_WORDS["open"], "neutral", _UNDER_WAY)
    if request.fault is not None:
        return Verdict(_WORDS["asked"], "warning", fault_words(request.fault))
    return Verdict(_WORDS["lost"], "danger", _SILENT) if request.status is None else None


def _answered(request: RecordedRequest, explanation: Mapping[str, Any] | None) -> Verdict:
    if request.address == TOKEN_PATH and _oauth_answer(request).get("error") == "use_dpop_nonce":
        return Verdict(_WORDS["nonce"], "info", _NONCE, usual=True)
    if explanation is not None:
        return Verdict(_WORDS["refused"], "danger", Text(**explanation["says"]), Text(**explanation["remedy"]))
    return _good(request) if (request.status or _BAD) < _BAD else _bad(request)


def _good(request: RecordedRequest) -> Verdict:
    if request.address == TOKEN_PATH:
        seconds = _oauth_answer(request).get("expires_in", "?")
        return Verdict(_WORDS["token"], "success", _GIVEN.format(seconds=str(seconds)), usual=True)
    if request.address == "/message":
        return _good_message(request)
    return Verdict(_WORDS["answered"], "success", _STATUS.format(status=str(request.status)), usual=True)


def _good_message(request: RecordedRequest) -> Verdict:
    """A good status alone is not a receipt (transport § 7)."""
    answer = parse_answer(request.answer)
    if answer is None or not answer.delivered:
        return _bad(request)
    return Verdict(_WORDS["stored"], "success", _STORED.format(receipt=request.answer_header("x-correlation-id")))


def _bad(request: RecordedRequest) -> Verdict:
    answer = parse_answer(request.answer)
    told = [(error, TEXTS[error.name]) for error in answer.errors if error.name in TEXTS] if answer else []
    if not told:
        return Verdict(_WORDS["refused"], "danger", _STATUS.format(status=str(request.status)))
    first, (says, advice) = told[0]
    code = f"{first.code}: " if first.code else ""
    remedy = _BELOW if first.name == "SchemaValidationFailed" else advice
    return Verdict(_WORDS["refused"], "danger", Text(code + says.nb, code + says.en), remedy)


def _oauth_answer(request: RecordedRequest) -> dict[str, Any]:
    """What HelseID answered; empty when it is no JSON object."""
    try:
        answer = orjson.loads(request.answer)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
