"""A page of accepted messages read: those of one version together, and each that cannot be read found by itself.

Each message is parsed alone, which is cheap; the frames are made of many at once, which is what costs. When they cannot be
made, the messages are halved until the ones at fault stand alone, so one bad message costs some frames more and no other
message anything. What is decoded together is bounded by its weight, since parsed values take ten times as much.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ktt.domain.records import ROOTS
from ktt.messages.contract import AcceptedMessage
from ktt.messages.decoded import BATCH, DecodedMessages, ParsedJson
from ktt.messages.strict_json import collector_paused
from ktt.messages.version import MessageVersion
from ktt.registry.errors import BesideHeldUnit, DuplicateRecord
from ktt.registry.ingest.quarantine import FirstWaiting

FindVersion = Callable[[str, str], MessageVersion]
FaultOf = Callable[[AcceptedMessage], Exception | None]

_TOGETHER_BYTES = 8_000_000  # of content that is decoded together, about


@dataclass(frozen=True, slots=True)
class Decoded:
    """Messages of one version, and their content; message number n of it is `messages[n]`."""

    messages: Sequence[AcceptedMessage]
    content: DecodedMessages = field(repr=False)


@dataclass(frozen=True, slots=True)
class ParsedPage:
    """The messages of a page to ingest, those passed over, and what each unit waits behind that begins to wait here.

    `decoded` has the content of the messages to ingest, and maybe of some that are passed over.
    """

    ready: Sequence[AcceptedMessage]
    passed: Sequence[AcceptedMessage]
    aside: Sequence[FirstWaiting]
    decoded: Sequence[Decoded] = field(repr=False)


def parse_page(find: FindVersion, messages: Sequence[AcceptedMessage], waiting: set[str]) -> ParsedPage:
    """Read messages, in their order; `waiting` are the units that wait before the first. None is read of a unit that waits."""
    decoder = _Decoder(find)
    with collector_paused():
        ready, passed, aside = _in_order(messages, waiting, decoder.open)
        decoder.finish()
    if any(message.position in decoder.faults for message in ready):
        ready, passed, aside = _in_order(messages, waiting, lambda message: decoder.faults.get(message.position))
    return ParsedPage(ready, passed, aside, decoder.decoded)


def _in_order(
    messages: Sequence[AcceptedMessage], waiting: set[str], fault_of: FaultOf
) -> tuple[list[AcceptedMessage], list[AcceptedMessage], list[FirstWaiting]]:
    """Which messages can be ingested, which not, and what each unit waits behind that begins to wait at one of them."""
    ready: list[AcceptedMessage] = []
    passed: list[AcceptedMessage] = []
    aside: list[FirstWaiting] = []
    waiting = set(waiting)
    for message in messages:
        units = {unit.key for unit in message.units}
        held = waiting & units
        fault = BesideHeldUnit(position=message.position, unit=min(held)) if held else fault_of(message)
        if fault is None:
            ready.append(message)
            continue
        passed.append(message)
        aside += [FirstWaiting(message, unit, fault) for unit in message.units if unit.key not in waiting]
        waiting |= units
    return ready, passed, aside


class _Decoder:
    """Messages decoded, many of one version together. `faults` has by position why a message cannot be."""

    def __init__(self, find: FindVersion) -> None:
        self._find = find
        self._parsed: dict[MessageVersion, list[tuple[AcceptedMessage, ParsedJson]]] = {}
        self._bytes = 0
        self.decoded: list[Decoded] = []
        self.faults: dict[int, Exception] = {}

    def open(self, message: AcceptedMessage) -> Exception | None:
        """Parse a message; why it cannot be, if that shows at once."""
        try:
            version, parsed = self._parse(message)
        except Exception as fault:  # noqa: BLE001 - whatever one message does to the parser, other units go on
            self.faults[message.position] = fault
            return fault
        self._parsed.setdefault(version, []).append((message, parsed))
        self._bytes += len(message.payload)
        if self._bytes >= _TOGETHER_BYTES:
            self.finish()
        return None

    def _parse(self, message: AcceptedMessage) -> tuple[MessageVersion, ParsedJson]:
        if message.unopened is not None:
            raise message.unopened
        version = self._find(message.message_type, message.version)
        return version, version.parse(message.payload)

    def finish(self) -> None:
        """Decode what has been parsed."""
        for version, parsed in self._parsed.items():
            self._decode(version, parsed)
        self._parsed, self._bytes = {}, 0

    def _decode(self, version: MessageVersion, parsed: Sequence[tuple[AcceptedMessage, ParsedJson]]) -> None:
        messages = [message for message, _ in parsed]
        try:
            content = version.decode([one for _, one in parsed])
        except Exception as fault:  # noqa: BLE001 - as above
            if len(parsed) == 1:
                self.faults[messages[0].position] = fault
                return
            half = len(parsed) // 2
            self._decode(version, parsed[:half])
            self._decode(version, parsed[half:])
            return
        self._refuse_duplicates(messages, content)
        self.decoded.append(Decoded(messages, content))

    def _refuse_duplicates(self, messages: Sequence[AcceptedMessage], content: DecodedMessages) -> None:
        for record_type in ROOTS:
            frame = content.records.get(record_type.name)
            if frame is None:
                continue
            keys = frame.select(BATCH, record_type.key)
            for batch in keys.filter(keys.is_duplicated())[BATCH].unique():
                position = messages[content.batches[batch][0]].position
                self.faults.setdefault(position, DuplicateRecord(position=position, record_type=record_type.name))
