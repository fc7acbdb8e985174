"""What every answer of a receiver must be, whatever its status, so that FHI's client can read it (transport § 7, § 12.4)."""

from __future__ import annotations

import uuid
from typing import Any

import orjson

from ktt.core.text import Text
from ktt.testing.conformance.receiver.http import RawResponse
from ktt.wire import headers


def deviations(response: RawResponse) -> list[Text]:
    """What FHI's client cannot read; empty when it can read the answer."""
    if response.status is None:
        return [Text("Forbindelsen ble brutt uten svar.", "The connection ended without an answer.")]
    return [*_correlation(response), *_body(response), *_redirect(response)]


def _correlation(response: RawResponse) -> list[Text]:
    given = response.all(headers.CORRELATION_ID)
    if len(given) != 1:
        return [Text(f"{len(given)} X-Correlation-ID, ikke én.", f"{len(given)} X-Correlation-ID, not one.")]
    try:
        uuid.UUID(given[0])
    except ValueError:
        return [Text("X-Correlation-ID er ingen GUID.", "X-Correlation-ID is no GUID.")]
    return []


def _redirect(response: RawResponse) -> list[Text]:
    if 300 <= (response.status or 0) < 400:  # noqa: PLR2004 - redirects are not followed
        return [Text("En omdirigering følges ikke.", "A redirect is not followed.")]
    return []


def _body(response: RawResponse) -> list[Text]:
    try:
        root = orjson.loads(response.body)
    except ValueError:
        return [Text("Svaret er ikke JSON.", "The answer is not JSON.")]
    if not isinstance(root, dict):
        return [Text("Svaret er ikke et JSON-objekt.", "The answer is not a JSON object.")]
    found = [] if isinstance(root.get("delivered"), bool) else [Text("«delivered» mangler.", "`delivered` is missing.")]
    errors = root.get("errors")
    if errors is not None and not isinstance(errors, list):
        return [*found, Text("«errors» er ingen liste.", "`errors` is no list.")]
    return [*found, *(deviation for error in errors or () for deviation in _error(error))]


_MEMBERS: dict[str, tuple[type, ...]] = {
    "errorCode": (int, type(None)),
    "propertyName": (str, type(None)),
    "errorMessage": (str, type(None)),
    "errorDetails": (str, type(None)),
}


def _error(error: Any) -> list[Text]:
    if not isinstance(error, dict):
        return [Text("En feil er ikke et objekt.", "An error is no object.")]
    wrong = [name for name, types in _MEMBERS.items() if type(error.get(name)) not in types]
    return [Text(f"«{name}» har feil type.", f"`{name}` has the wrong type.") for name in wrong]
