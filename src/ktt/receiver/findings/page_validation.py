"""A page of accepted messages validated by all rules: each by itself, those of one version decoded together.

Making the frames of a message costs the same whether it has eight rows or eight thousand. What cannot be decoded together is
decoded one by one, so that a message at fault is found and no other suffers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence

from ktt.core.clock import norwegian_day
from ktt.messages.contract import AcceptedMessage
from ktt.messages.decoded import ParsedJson, UnitBatch
from ktt.messages.strict_json import collector_paused
from ktt.messages.version import MessageVersion
from ktt.receiver.findings.open_findings import ValidatedMessage
from ktt.receiver.findings.validated_message import Find, SchemaBroken
from ktt.rules.message_validation import validate_batches
from ktt.rules.rule import Rule

RulesOn = Callable[[dt.date], Iterable[Rule]]
Parsed = Sequence[tuple[AcceptedMessage, ParsedJson]]

_TOGETHER_BYTES = 8_000_000
"""Of content that is decoded together, about: parsed values take ten times as much."""


class PageValidation:
    """Validates messages as they were on the day they came, by the rules of that day (`rules_on`)."""

    def __init__(self, find: Find, rules_on: RulesOn, *, production: bool = False) -> None:
        self._find, self._rules_on, self._production = find, rules_on, production

    def of(self, page: Sequence[AcceptedMessage]) -> Iterator[ValidatedMessage | Exception]:
        """Each message in turn, or what makes it impossible: a message that nothing is known of must not stop the others."""
        for block in _blocks(page):
            found = self._validated(block)
            yield from (found[message.position] for message in block)

    def _validated(self, block: Sequence[AcceptedMessage]) -> dict[int, ValidatedMessage | Exception]:
        found: dict[int, ValidatedMessage | Exception] = {}
        parsed: dict[MessageVersion, list[tuple[AcceptedMessage, ParsedJson]]] = {}
        with collector_paused():
            for message in block:
                try:
                    version = self._version(message)
                    if version.is_mapped:
                        parsed.setdefault(version, []).append((message, version.parse(message.payload)))
                    else:  # what its records are is not known, so no rule can be asked of them
                        found[message.position] = ValidatedMessage(message, (), ())
                except Exception as fault:  # noqa: BLE001 - whatever one message does to the parser, the others are validated
                    found[message.position] = fault
            for version, some in parsed.items():
                found |= self._decoded(version, some)
        return found

    def _version(self, message: AcceptedMessage) -> MessageVersion:
        """The version of a message that fits its schema."""
        if message.unopened is not None:
            raise message.unopened
        version = self._find(message.message_type, message.version)
        if version is None:
            raise LookupError
        if not version.fits(message.payload) and version.check(message.payload, at_most=1):
            raise SchemaBroken
        return version

    def _decoded(self, version: MessageVersion, some: Parsed) -> dict[int, ValidatedMessage | Exception]:
        try:
            content = version.decode([one for _, one in some], places=True)
            batches: list[list[UnitBatch]] = [[] for _ in some]
            for (nth, _), batch in zip(content.batches, content.split(), strict=True):
                batches[nth].append(batch)
        except Exception as fault:  # noqa: BLE001 - as above
            if len(some) == 1:
                return {some[0][0].position: fault}
            return {position: found for one in some for position, found in self._decoded(version, [one]).items()}
        return {
            message.position: self._by_rules(version, message, mine)
            for (message, _), mine in zip(some, batches, strict=True)
        }

    def _by_rules(
        self, version: MessageVersion, message: AcceptedMessage, batches: Sequence[UnitBatch]
    ) -> ValidatedMessage | Exception:
        today = norwegian_day(message.received_at)
        try:
            verdict = validate_batches(version, batches, self._rules_on(today), today, production=self._production)
        except Exception as fault:  # noqa: BLE001 - whatever one message does to the rules, the others are validated
            return fault
        return ValidatedMessage(message, verdict.batches, verdict.by_batch)


def _blocks(page: Sequence[AcceptedMessage]) -> Iterator[list[AcceptedMessage]]:
    block: list[AcceptedMessage] = []
    room = _TOGETHER_BYTES
    for message in page:
        block.append(message)
        room -= len(message.payload)
        if room <= 0:
            yield block
            block, room = [], _TOGETHER_BYTES
    if block:
        yield block
