"""How the receiver says no: one table from code to status and sentence, and the one answer to a closed envelope."""

from __future__ import annotations

from typing import Any

from ktt.wire.answers import AnswerCode, AnswerError
from ktt.wire.envelope import Fault
from ktt.wire.jws import ASYMMETRIC

_STATUS = {  # transport § 9: 400 unless another is named
    AnswerCode.MISSING_ORGANIZATION_NUMBER_CLAIM_FROM_HELSE_ID_TOKEN: 401,
    AnswerCode.PAYLOAD_SIZE_LIMIT_EXCEEDED: 413,
    AnswerCode.STORAGE_ERROR: 503,
}
_TEXT = {
    AnswerCode.HTTP_HEADER_MISSING: "One or more header values are missing",
    AnswerCode.HTTP_HEADER_VALIDATION: "One or more header values are invalid",
    AnswerCode.INVALID_MESSAGE_TYPE_VERSION: "Unknown message type or version",
    AnswerCode.INVALID_KEY_ID: "Unknown public key",
    AnswerCode.INVALID_DIGEST: "The hash is not a base64 value of 32 bytes",
    AnswerCode.PAYLOAD_HASH_MISMATCH: "The payload does not have the signed hash",
    AnswerCode.EXPIRED_KEY: "The public key has expired",
    AnswerCode.DECRYPTION_ERROR_FOR_ASYMMETRICAL_KEY: "The symmetric key could not be decrypted",
    AnswerCode.DECRYPTION_ERROR_FOR_SYMMETRICAL_KEY: "The message could not be decrypted",
    AnswerCode.SHOULD_NOT_RECEIVE_MESSAGE_FOR_GIVEN_ORGANIZATION_AND_MESSAGE_TYPE: (
        "This message type is not received from this organisation"
    ),
    AnswerCode.MISSING_ORGANIZATION_NUMBER_CLAIM_FROM_HELSE_ID_TOKEN: "The token has no organisation number",
    AnswerCode.SCHEMA_NOT_FOUND: "There is no schema for this type and version",
    AnswerCode.INVALID_JSON_MESSAGE: "The message is not a JSON array",
    AnswerCode.SCHEMA_VALIDATION_FAILED: "Schema validation failed",
    AnswerCode.PAYLOAD_SIZE_LIMIT_EXCEEDED: "The payload is larger than the limit",
    AnswerCode.STORAGE_ERROR: "The message could not be stored; send it again later",
}
_NAMES = {  # statuses without a code of FHI's
    400: ("BadRequest", "The request could not be read"),
    401: ("Unauthorized", "The token or proof was not accepted"),
    404: ("NotFound", "There is nothing at this address"),
    405: ("MethodNotAllowed", "The method is not allowed here"),
    408: ("RequestTimeout", "The request was not complete in time"),
    411: ("LengthRequired", "The length must be given"),
    413: ("PayloadTooLarge", "The payload is larger than the limit"),
    415: ("UnsupportedMediaType", "Content-Encoding is not used in this protocol"),
    429: ("TooManyRequests", "Too many requests; wait and send it again"),
    431: ("RequestHeaderFieldsTooLarge", "The headers are too large"),
    500: ("InternalServerError", "An unexpected fault; send it again later"),
    503: ("ServiceUnavailable", "Temporarily unavailable; send it again later"),
}
_ALGORITHMS = " ".join(sorted(ASYMMETRIC))


class Refusal(Exception):
    """The exit of one step: what is answered, and what only the log may know (`why`)."""

    def __init__(
        self, status: int, *errors: AnswerError, why: str = "", headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self.status, self.errors, self.why, self.headers = status, errors, why, headers
        super().__init__(why)


def refuse(code: AnswerCode, *, property_name: str | None = None, details: Any = None, why: str = "") -> Refusal:
    """A refusal with one of FHI's codes."""
    return Refusal(_STATUS.get(code, 400), fault(code, property_name=property_name, details=details), why=why)


def fault(code: AnswerCode, *, property_name: str | None = None, details: Any = None) -> AnswerError:
    """One of FHI's codes with its sentence."""
    return AnswerError.of(code, _TEXT[code], property_name=property_name, details=details)


def by_status(status: int, *, why: str = "", headers: tuple[tuple[str, str], ...] = ()) -> Refusal:
    """A refusal that FHI's table has no code for; `errorCode` is null."""
    name, text = _NAMES.get(status, _NAMES[400 if status < 500 else 500])  # noqa: PLR2004 - the server's own faults
    return Refusal(status, AnswerError(None, name, text), why=why, headers=headers)


def unauthorized(error: str, *, why: str, nonce: str | None = None, code: AnswerCode | None = None) -> Refusal:
    """401 with the challenge of RFC 9449 § 7.1; which check failed is for the log alone (helseid § 13.5)."""
    challenge = (("WWW-Authenticate", f'DPoP error="{error}", algs="{_ALGORITHMS}"'),)
    name, text = _NAMES[401]
    said = AnswerError(None, name, text) if code is None else fault(code)
    return Refusal(401, said, why=why, headers=challenge if nonce is None else (*challenge, ("DPoP-Nonce", nonce)))


def closed_envelope(found: Fault, *, test_mode: bool) -> Refusal:
    """The one answer to everything that is wrong with an envelope; told apart in test mode only (transport § 14.2)."""
    code = AnswerCode(found.value) if test_mode else AnswerCode.DECRYPTION_ERROR_FOR_SYMMETRICAL_KEY
    return refuse(code, why=f"envelope: {found.name}")
