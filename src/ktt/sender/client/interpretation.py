"""What an answer to `POST /message` means: status, header and body read together (transport § 10.1, § 12.2)."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import Generic, TypeVar

from ktt.core.http.exchange import Response
from ktt.messages.contract import Accepted, NotSent, Outcome, Refused, Rejected, TooLarge, Unknown
from ktt.wire import headers
from ktt.wire.answers import Answer, AnswerCode, AnswerError, parse_answer

_DELIVERED = frozenset({200, 201})
ACCESS = frozenset({401, 403})
_TOO_LARGE, TOO_MANY = 413, 429
_TEMPORARY = frozenset({408, 425})  # client errors by number, but nothing is wrong with the message
_TRANSPORT = frozenset(
    {
        AnswerCode.INVALID_KEY_ID,
        AnswerCode.PAYLOAD_HASH_MISMATCH,
        AnswerCode.EXPIRED_KEY,
        AnswerCode.DECRYPTION_ERROR_FOR_ASYMMETRICAL_KEY,
        AnswerCode.DECRYPTION_ERROR_FOR_SYMMETRICAL_KEY,
    }
)
_MAX_DETAILS = 2000
_CORRELATION = re.compile(r"[!-~]{1,100}")
_CHALLENGE_ERROR = re.compile(r'error="([a-z_]{1,40})"')
_QUOTED_VALUE = re.compile(r'\d{5,}|"[^"]*\d[^"]*"')  # a long number, or a quotation with a digit in it


class Remedy(enum.Enum):
    """What to do before sending the same content once more, freshly encrypted."""

    NONCE = "send the nonce that was given"
    TOKEN = "fetch a new token"  # noqa: S105 - not a secret
    KEYS = "fetch the receiver's keys again"


Meaning_co = TypeVar("Meaning_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Interpretation(Generic[Meaning_co]):
    """The outcome, and the remedy that may change it; a remedy is only named when nothing was stored."""

    outcome: Meaning_co
    remedy: Remedy | None = None


def interpret(response: Response) -> Interpretation[Outcome]:
    """The meaning of one answer. An answer that does not say clearly that nothing was stored is Unknown."""
    answer = parse_answer(response.body)
    status, correlation = response.status, _correlation(response)
    errors = answer.errors if answer else ()
    kinds = {error.kind for error in errors}
    if status in _DELIVERED or (answer is not None and answer.delivered):
        return Interpretation(_delivered(status, answer, correlation))
    if status in ACCESS:
        return access_refused(response, errors)
    if status == _TOO_LARGE or AnswerCode.PAYLOAD_SIZE_LIMIT_EXCEEDED in kinds:
        return Interpretation(TooLarge(status, correlation))
    if status == TOO_MANY:
        return Interpretation(NotSent("too many requests", retry_after(response)))
    if not 400 <= status < 500 or status in _TEMPORARY or AnswerCode.STORAGE_ERROR in kinds:  # noqa: PLR2004
        return Interpretation(Unknown(f"HTTP {status}{named(errors)}", correlation, retry_after(response)))
    return Interpretation(_rejected(status, errors, correlation), Remedy.KEYS if kinds & _TRANSPORT else None)


def _delivered(status: int, answer: Answer | None, correlation: str | None) -> Outcome:
    """A receipt needs status, body and correlation id to agree; when one is missing, the same content is sent again."""
    if status not in _DELIVERED:
        return Unknown(f"HTTP {status} but delivered", correlation)
    if answer is None or not answer.delivered:
        return Unknown(f"HTTP {status} without delivered", correlation)
    return Accepted(correlation) if correlation else Unknown(f"HTTP {status} without {headers.CORRELATION_ID}")


def access_refused(response: Response, errors: tuple[AnswerError, ...]) -> Interpretation[Refused]:
    """What 401 and 403 mean: one try more, with the nonce that is asked for or with a new token."""
    challenge = _CHALLENGE_ERROR.search(response.header("www-authenticate") or "")
    error = challenge[1] if challenge else ""
    refused = Refused(response.status, f"{error or 'access'}{named(errors)}", _correlation(response))
    asks_for_nonce = error == "use_dpop_nonce" and response.header(headers.DPOP_NONCE)
    return Interpretation(refused, Remedy.NONCE if asks_for_nonce else Remedy.TOKEN)


def _rejected(status: int, errors: tuple[AnswerError, ...], correlation: str | None) -> Rejected:
    first = errors[0] if errors else AnswerError(None, "", "")
    code = int(first.kind) if first.kind else first.code
    name = first.kind.label if first.kind else first.name[:100]
    return Rejected(status, code, name, "; ".join(filter(None, map(_details, errors)))[:_MAX_DETAILS], correlation)


def _details(error: AnswerError) -> str:
    """Locations and wording without what they quote, since a quoted number or code may be a person's."""
    places = [f"{at} {says}".strip() for at, says in error.places()]
    return _QUOTED_VALUE.sub("…", "; ".join([*filter(None, [error.property_name]), *places]))


def named(errors: tuple[AnswerError, ...]) -> str:
    """Number and name of the first of FHI's codes, to be put after other words."""
    kinds = [f" {int(error.kind)} {error.kind.label}" for error in errors if error.kind]
    return "".join(kinds[:3])


def _correlation(response: Response) -> str | None:
    value = response.header(headers.CORRELATION_ID) or ""
    return value if _CORRELATION.fullmatch(value) else None


def retry_after(response: Response) -> float | None:
    """The seconds of `Retry-After`, at most an hour; its date form is ignored, and our own retry policy decides."""
    value = response.header(headers.RETRY_AFTER) or ""
    return min(float(value), 3600.0) if re.fullmatch(r"\d{1,6}", value, re.ASCII) else None
