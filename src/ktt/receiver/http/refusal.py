"""Refusals: one table from FHI's code to status and sentence, and the one answer to an envelope that does not open."""

from __future__ import annotations

from typing import Any

from ktt.core.errors import KttError
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
_BY_STATUS = {  # where FHI has no code
    400: ("BadRequest", "The request could not be read"),
    401: ("Unauthorized", "The token or proof was not accepted"),
    404: ("NotFound", "There is nothing at this address; /swagger shows every address"),
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
    """A request is refused: what is answered, and what only the log may know (`why`).

    `fault` is the KttError behind it, when its own words help the sender more than those of the code.
    """

    def __init__(
        self,
        status: int,
        *errors: AnswerError,
        why: str = "",
        headers: tuple[tuple[str, str], ...] = (),
        fault: KttError | None = None,
    ) -> None:
        self.status, self.errors, self.why, self.headers, self.fault = status, errors, why, headers, fault
        super().__init__(why)


def refuse(
    code: AnswerCode,
    *,
    property_name: str | None = None,
    details: Any = None,
    why: str = "",
    fault: KttError | None = None,
) -> Refusal:
    """A refusal with one of FHI's codes."""
    error = coded_error(code, property_name=property_name, details=details)
    return Refusal(_STATUS.get(code, 400), error, why=why, fault=fault)


def coded_error(code: AnswerCode, *, property_name: str | None = None, details: Any = None) -> AnswerError:
    """One of FHI's codes with its sentence."""
    return AnswerError.of(code, _TEXT[code], property_name=property_name, details=details)


def refuse_with_status(status: int, *, why: str = "", headers: tuple[tuple[str, str], ...] = ()) -> Refusal:
    """A refusal for which FHI has no code; `errorCode` is null."""
    name, text = _BY_STATUS.get(status, _BY_STATUS[400 if status < 500 else 500])  # noqa: PLR2004 - the server's own faults
    return Refusal(status, AnswerError(None, name, text), why=why, headers=headers)


def unauthorized(error: str, *, why: str, nonce: str | None = None, code: AnswerCode | None = None) -> Refusal:
    """401 with the challenge of RFC 9449 § 7.1; which check failed is for the log alone (helseid § 13.5)."""
    challenge = (("WWW-Authenticate", f'DPoP error="{error}", algs="{_ALGORITHMS}"'),)
    shown = AnswerError(None, *_BY_STATUS[401]) if code is None else coded_error(code)
    return Refusal(401, shown, why=why, headers=challenge if nonce is None else (*challenge, ("DPoP-Nonce", nonce)))


def envelope_refusal(found: Fault, *, test_mode: bool) -> Refusal:
    """The one answer to every fault of an envelope; the faults are told apart in test mode only (transport § 14.2)."""
    code = AnswerCode(found.value) if test_mode else AnswerCode.DECRYPTION_ERROR_FOR_SYMMETRICAL_KEY
    return refuse(code, why=f"envelope: {found.name}")
