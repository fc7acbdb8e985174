"""Why an accepted message cannot be validated, as it is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.errors import KttError
from ktt.messages.version import MessageVersion
from ktt.receiver.store.tables import REJUDGING

Find = Callable[[str, str], MessageVersion | None]

_SCHEMA_CODE = "KTT-SKJEMA"  # for a message that was accepted and does not fit the schema as it is today


@dataclass(frozen=True, slots=True)
class SetAside:
    """A message that could not be validated. Its unit's other messages are validated all the same."""

    position: int
    unit: str
    code: str
    reason: str


class SchemaBroken(Exception):
    """The message does not fit its schema as it is today."""


def aside(position: int, unit: str, fault: Exception) -> SetAside:
    """Of an unforeseen fault only its kind is kept: its text may quote the message."""
    if isinstance(fault, KttError):
        return SetAside(position, unit, fault.code, fault.says().en)
    code = _SCHEMA_CODE if isinstance(fault, SchemaBroken) else "KTT-000"
    return SetAside(position, unit, code, type(fault).__name__)


def rejudged(connection: Connection) -> int:
    """A number that rises whenever open findings are rewritten by another validation of stored messages."""
    return connection.scalar(sa.select(sa.func.max(REJUDGING.c.id))) or 0
