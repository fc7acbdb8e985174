"""One accepted message validated by all rules; why it cannot be, as it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import norwegian_day
from ktt.core.errors import KttError
from ktt.messages.contract import AcceptedMessage
from ktt.messages.version import MessageVersion
from ktt.receiver.findings.open_findings import ValidatedMessage
from ktt.receiver.store.tables import REJUDGING
from ktt.rules.message_validation import validate_message
from ktt.rules.rule import Rule

Find = Callable[[str, str], MessageVersion | None]

_SCHEMA_CODE = "KTT-SKJEMA"  # for a message that was accepted and does not fit the schema as it is today


@dataclass(frozen=True, slots=True)
class SetAside:
    """A message that could not be validated. Its unit's other messages are validated all the same."""

    position: int
    unit: str
    code: str
    reason: str


class _SchemaBroken(Exception):
    """The message does not fit its schema as it is today."""


def validated(
    message: AcceptedMessage, find: Find, rules: Iterable[Rule], *, production: bool = False
) -> ValidatedMessage:
    """A message by itself, by these rules, as it was on the day it came; raises what makes it impossible."""
    if message.unopened is not None:
        raise message.unopened
    version = find(message.message_type, message.version)
    if version is None:
        raise LookupError
    today = norwegian_day(message.received_at)
    verdict = validate_message(version, message.payload, rules, today, production=production, at_most=1)
    if verdict.violations:
        raise _SchemaBroken
    return ValidatedMessage(message, verdict.batches, verdict.by_batch)


def aside(position: int, unit: str, fault: Exception) -> SetAside:
    """Of an unforeseen fault only its kind is kept: its text may quote the message."""
    if isinstance(fault, KttError):
        return SetAside(position, unit, fault.code, fault.says().en)
    code = _SCHEMA_CODE if isinstance(fault, _SchemaBroken) else "KTT-000"
    return SetAside(position, unit, code, type(fault).__name__.strip("_"))


def rejudged(connection: Connection) -> int:
    """A number that rises whenever open findings are rewritten by another validation of stored messages."""
    return connection.scalar(sa.select(sa.func.max(REJUDGING.c.id))) or 0
