"""What is checked once the content is known to be authentic: JSON, and the schema of its type and version."""

from __future__ import annotations

from collections.abc import Sequence

from ktt.core.settings import Environment
from ktt.messages import strict_json
from ktt.messages.errors import MessageNotJson
from ktt.messages.version import MessageVersion, SchemaViolation, UnitSummary
from ktt.receiver.http.refusal import refuse
from ktt.receiver.pipeline.person_kinds import expected_kind
from ktt.receiver.pipeline.real_person_numbers import contains_real_person_number
from ktt.wire.answers import AnswerCode

_REAL_PERSON: dict[str, object] = {"Location": "", "Errors": [{"Value": "A number may be a real person's"}]}
_ARRAY = frozenset({b"["})
_AT_MOST = 100  # faults in one answer (transport § 15, error details)


def check_beginning(version: MessageVersion | None, message: bytes) -> None:
    """2007 unless it begins as its schema's JSON does, which rules out a byte order mark; an array where there is no schema."""
    if message.lstrip(b" \t\r\n")[:1] not in (_ARRAY if version is None else version.beginnings):
        raise refuse(AnswerCode.INVALID_JSON_MESSAGE, why="not an array")


def check_quickly(version: MessageVersion | None, message: bytes, environment: Environment) -> list[UnitSummary] | None:
    """The summary of a message that is known to fit, and to be about the right kind of persons, by one fast pass.

    None says nothing: `check_schema` must be asked. 2008 when something is wrong with its local ids (ADR 0015).
    """
    unit = None if version is None else version.fast_check(message, expected_kind(environment))
    if version is None or unit is None:
        return None
    refuse_faults(version.check_local_ids(message, at_most=_AT_MOST))
    return [UnitSummary(unit, [])]


def check_schema(version: MessageVersion | None, message: bytes) -> list[UnitSummary]:
    """2007 unless the whole is strict JSON, 2006 without a schema, 2008 with the places where it breaks it.

    2008 too when something is wrong with its local ids (ADR 0015). The summaries have the person numbers that are still
    to be checked.
    """
    try:
        if version is None:
            strict_json.prove_syntax(message)
            raise refuse(AnswerCode.SCHEMA_NOT_FOUND)
        faults = version.check(message, at_most=_AT_MOST)
    except MessageNotJson as broken:
        raise refuse(AnswerCode.INVALID_JSON_MESSAGE, why="not JSON") from broken
    refuse_faults(faults or version.check_local_ids(message, at_most=_AT_MOST))
    return version.summarise(message)


def check_no_real_person(message: bytes) -> None:
    """2008 when any number in it may be a real person's: where persons stand is not known without a mapping."""
    if contains_real_person_number(message):
        raise refuse(AnswerCode.SCHEMA_VALIDATION_FAILED, details=[_REAL_PERSON], why="a real person's number")


def refuse_faults(faults: Sequence[SchemaViolation]) -> None:
    """2008 when there is any fault."""
    if faults:
        details = [schema_error_detail(found.pointer, found.says.en) for found in faults[:_AT_MOST]]
        raise refuse(AnswerCode.SCHEMA_VALIDATION_FAILED, details=details, why=f"{len(faults)} faults")


def schema_error_detail(pointer: str, says: str) -> dict[str, object]:
    """One fault in the form of FHI's `errorDetails` (transport § 7)."""
    return {"Location": pointer, "Errors": [{"Value": says}]}
