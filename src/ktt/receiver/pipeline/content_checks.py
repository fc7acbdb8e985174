"""What is judged once the content is known to be authentic: JSON, and the schema of its type and version."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import nullcontext
from functools import lru_cache

import orjson

from ktt.core.settings import Environment
from ktt.messages.errors import MessageNotJson, MessageTypeUnknown
from ktt.messages.register import find
from ktt.messages.version import MessageVersion, SchemaFault
from ktt.receiver.http.refusal import refuse
from ktt.receiver.http.request_bodies import HEAVY
from ktt.receiver.pipeline.message_summary import Head, heads
from ktt.receiver.pipeline.person_kinds import wanted
from ktt.wire.answers import AnswerCode

_full_parse = threading.Lock()
_AT_MOST = 100  # faults in one answer (transport § 15, error details)


@lru_cache(maxsize=1024)
def deployed(message_type: str, version: str) -> MessageVersion | None:
    """The message version that the house's register has, or None."""
    try:
        return find(message_type, version)
    except MessageTypeUnknown:
        return None


def check_array(message: bytes) -> None:
    """2007 unless it begins as a JSON array does; a byte order mark is no such beginning."""
    if message.lstrip(b" \t\r\n")[:1] != b"[":
        raise refuse(AnswerCode.INVALID_JSON_MESSAGE, why="not an array")


def check_schema(
    version: MessageVersion | None, message: bytes, environment: Environment
) -> tuple[MessageVersion, list[Head]]:
    """2007 unless the whole is strict JSON, 2006 without a schema, 2008 with every place where it breaks it.

    Two tiers: most messages are known to fit, and to speak of the right kind of persons, by one pass that ends with
    their unit; only the others are held against the schema itself. The heads name the person numbers still to be judged.
    """
    try:
        if version is None:
            orjson.loads(message)
            raise refuse(AnswerCode.SCHEMA_NOT_FOUND)
        unit = version.quick(message, wanted(environment))
        if unit is not None:
            return version, [Head(unit, [])]
        with _full_parse if len(message) > HEAVY else nullcontext():  # ten times the memory: one at a time
            faults = version.check(message, at_most=_AT_MOST)
    except (MessageNotJson, orjson.JSONDecodeError) as broken:
        raise refuse(AnswerCode.INVALID_JSON_MESSAGE, why="not JSON") from broken
    hold(faults)
    return version, heads(version, message)


def hold(faults: Sequence[SchemaFault]) -> None:
    """2008 when there is any fault."""
    if faults:
        details = [place(found.pointer, found.says) for found in faults[:_AT_MOST]]
        raise refuse(AnswerCode.SCHEMA_VALIDATION_FAILED, details=details, why=f"{len(faults)} faults")


def place(pointer: str, says: str) -> dict[str, object]:
    """One fault in the form of FHI's `errorDetails` (transport § 7)."""
    return {"Location": pointer, "Errors": [{"Value": says}]}
