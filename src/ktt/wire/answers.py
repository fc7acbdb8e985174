"""The answer to `POST /message` (transport § 7, § 8): written as FHI writes it, read more tolerantly than FHI's client."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import orjson


class AnswerCode(enum.IntEnum):
    """FHI's error codes. 2003 to 2005 are left from the design before DPoP and never given."""

    HTTP_HEADER_MISSING = 1001
    HTTP_HEADER_VALIDATION = 1002
    INVALID_MESSAGE_TYPE_VERSION = 1003
    INVALID_KEY_ID = 1004
    INVALID_DIGEST = 1005
    PAYLOAD_HASH_MISMATCH = 1006
    EXPIRED_KEY = 1007
    DECRYPTION_ERROR_FOR_ASYMMETRICAL_KEY = 1008
    DECRYPTION_ERROR_FOR_SYMMETRICAL_KEY = 1009
    SHOULD_NOT_RECEIVE_MESSAGE_FOR_GIVEN_ORGANIZATION_AND_MESSAGE_TYPE = 2001
    MISSING_ORGANIZATION_NUMBER_CLAIM_FROM_HELSE_ID_TOKEN = 2002
    MISSING_SIGNATURE_CLAIM_FROM_HELSE_ID_TOKEN = 2003
    BAD_SIGNATURE_CLAIM_FROM_HELSE_ID_TOKEN = 2004
    HELSE_ID_SIGNATURE_DOES_NOT_MATCH_HEADER_VALUES = 2005
    SCHEMA_NOT_FOUND = 2006
    INVALID_JSON_MESSAGE = 2007
    SCHEMA_VALIDATION_FAILED = 2008
    PAYLOAD_SIZE_LIMIT_EXCEEDED = 2009
    STORAGE_ERROR = 2010

    @property
    def label(self) -> str:
        """The name as FHI spells it: `SchemaValidationFailed`."""
        return self.name.title().replace("_", "")

    @classmethod
    def from_label(cls, label: str) -> Self | None:
        """The code with this name, or None."""
        return cls.__members__.get(_MEMBER_NAMES.get(label, ""))


_MEMBER_NAMES = {code.label: code.name for code in AnswerCode}
_CODES = frozenset(int(code) for code in AnswerCode)


@dataclass(frozen=True, slots=True)
class AnswerError:
    """One fault in an answer. `details` is text that may itself be JSON."""

    code: int | None
    name: str
    text: str
    property_name: str | None = None
    details: str | None = None

    @classmethod
    def of(cls, code: AnswerCode, text: str, *, property_name: str | None = None, details: Any = None) -> Self:
        """A fault of ours; `details` that are not None are put into the string as JSON."""
        shown = None if details is None else orjson.dumps(details).decode()
        return cls(int(code), code.label, text, property_name, shown)

    def places(self) -> list[tuple[str, str]]:
        """Where and what, out of `details` in FHI's form for schema errors; other details stand at no place."""
        if self.details is None:
            return []
        try:
            return [
                (str(at["Location"]), str(why["Value"])) for at in orjson.loads(self.details) for why in at["Errors"]
            ]
        except (ValueError, TypeError, KeyError):
            return [("", self.details)]

    @property
    def kind(self) -> AnswerCode | None:
        """Which fault it is: by name first, since FHI's sample gives 2008 the number 2006 (transport § 8)."""
        by_name = AnswerCode.from_label(self.name)
        if by_name is not None or self.code is None:
            return by_name
        return AnswerCode(self.code) if self.code in _CODES else None


def schema_details(places: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """FHI's form of schema errors for `AnswerError.of`: JSON pointer and wording, never the value (transport § 7)."""
    by_location: dict[str, list[dict[str, str]]] = {}
    for pointer, says in places:
        by_location.setdefault(pointer, []).append({"Value": says})
    return [{"Location": pointer, "Errors": errors} for pointer, errors in by_location.items()]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that could be read."""

    delivered: bool
    errors: tuple[AnswerError, ...] = ()


def answer(*, delivered: bool, errors: Iterable[AnswerError] = ()) -> bytes:
    """The body of an answer to `/message`."""
    return orjson.dumps(answer_members(delivered=delivered, errors=errors))


def answer_members(*, delivered: bool, errors: Iterable[AnswerError] = ()) -> dict[str, Any]:
    """The members of such a body, as JSON values."""
    items = [
        {
            "errorCode": error.code,
            "propertyName": error.property_name,
            "errorMessage": f"Error: {error.name} | {error.text}",
            "errorDetails": error.details,
        }
        for error in errors
    ]
    return {"delivered": delivered, "errors": items}


_MESSAGE = re.compile(r"\s*(?:Error:)?\s*(\w+)\s*\|\s*(.*)", re.DOTALL)


def parse_answer(body: bytes) -> Answer | None:
    """Read a body of any origin; None when it is not a JSON object. Names are case-sensitive, unknown ones ignored."""
    try:
        root = orjson.loads(body)
    except ValueError:
        return None
    if not isinstance(root, dict):
        return None
    items = root.get("errors")
    errors = [_error(item) for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return Answer(root.get("delivered") is True, tuple(errors))


def _error(item: dict[str, Any]) -> AnswerError:
    message = item.get("errorMessage")
    text = message if isinstance(message, str) else ""
    match = _MESSAGE.fullmatch(text)
    return AnswerError(
        code=_code(item.get("errorCode")),
        name=match[1] if match else "",
        text=match[2] if match else text,
        property_name=_text(item.get("propertyName")),
        details=_text(item.get("errorDetails")),
    )


def _code(value: Any) -> int | None:
    """A number, also when it is written as a string."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value[:9])
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    """Text, also when JSON stands there itself instead of in a string."""
    return value if value is None or isinstance(value, str) else orjson.dumps(value).decode()
