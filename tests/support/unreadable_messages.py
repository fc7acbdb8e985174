"""Accepted messages made unreadable, in each way that shows at another step of reading them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping

from ktt.messages.contract import AcceptedMessage
from ktt.storage.errors import SealBroken
from support.registry_inbox import spoiled


def _bad_day(original: AcceptedMessage) -> AcceptedMessage:
    """A day that no calendar has: it shows when the columns are made, not when the message is parsed."""
    payload = json.loads(original.payload)
    payload[0]["tjeneste"][-1]["startDato"] = "2026-02-31"
    return spoiled(original, json.dumps(payload).encode())


def _twice(original: AcceptedMessage) -> AcceptedMessage:
    payload = json.loads(original.payload)
    payload[0]["tjeneste"] *= 2
    return spoiled(original, json.dumps(payload).encode())


def _wrong_type(original: AcceptedMessage) -> AcceptedMessage:
    payload = json.loads(original.payload)
    payload[0]["tjeneste"] = {"tjenesteId": "T-1"}
    return spoiled(original, json.dumps(payload).encode())


FAULTS: Mapping[str, Callable[[AcceptedMessage], AcceptedMessage]] = {
    "of another key": lambda one: dataclasses.replace(spoiled(one, b""), unopened=SealBroken(context="inbox")),
    "not JSON": lambda one: spoiled(one, one.payload[:-1]),
    "no unit": spoiled,
    "of another form": _wrong_type,
    "a day that is none": _bad_day,
    "a record twice": _twice,
}
