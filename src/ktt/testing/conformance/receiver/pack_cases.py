"""Cases made of a pack's own examples: what fits its schema is accepted, and what does not is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence

import orjson

from ktt.core.text import Text
from ktt.messages.packs.message import PackedMessage
from ktt.testing.conformance.receiver.case import CaseGroup, ReceiverCase
from ktt.testing.conformance.receiver.expectation import DELIVERED, Expectation, code
from ktt.testing.conformance.receiver.harness import ReceiverHarness
from ktt.wire.answers import AnswerCode

_GROUP = Text("Pakkens eksempler", "The pack's examples")
_DAY = dt.date(2026, 1, 1)


def pack_cases(versions: Sequence[PackedMessage]) -> tuple[ReceiverCase, ...]:
    """One case for each example, named `P1`, `P2` … in the order of the messages."""
    group = CaseGroup(_GROUP, "transport § 4")
    for number, (version, name, text) in enumerate(_examples(versions), 1):
        kind = f"{version.message_type} {version.version} {name}"
        group.single(
            f"P{number}",
            f"Eksempelet {kind}",
            f"The example {kind}",
            _expected(version, name),
            message_type=version.message_type,
            version=version.version,
            content=_content(version, name, text),
        )
    return tuple(group.cases)


def _examples(versions: Sequence[PackedMessage]) -> Iterator[tuple[PackedMessage, str, bytes]]:
    return ((version, name, text) for version in versions for name, text in version.examples().items())


def _expected(version: PackedMessage, name: str) -> Expectation:
    if name.startswith("N"):
        return DELIVERED
    breaks_json = "reason" in orjson.loads(version.expectations().get(name, b"{}"))
    return code(AnswerCode.INVALID_JSON_MESSAGE if breaks_json else AnswerCode.SCHEMA_VALIDATION_FAILED)


def _content(version: PackedMessage, name: str, text: bytes) -> Callable[[ReceiverHarness], bytes]:
    """An example that fits is about the unit that the client may report for, where the mapping says how to write that."""
    if not (version.is_mapped and name.startswith("N")):
        return lambda _harness: text

    def about_the_unit(harness: ReceiverHarness) -> bytes:
        batch = version.read(text)[0]
        unit = harness.target.unit
        encoded = version.encode(unit, batch.records)
        return version.assemble(unit, batch.deletions, encoded, extracted_on=_DAY)

    return about_the_unit
