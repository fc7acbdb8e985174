"""A page of messages is decoded together, and each message is judged as it would have been alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ktt.core.clock import norwegian_day
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import AcceptedMessage
from ktt.messages.errors import MessageMalformed
from ktt.messages.packs.message import PackedMessage
from ktt.messages.register import register_of
from ktt.receiver.findings import page_validation
from ktt.receiver.findings.open_findings import ValidatedMessage
from ktt.receiver.findings.page_validation import PageValidation
from ktt.rules.message_validation import validate_message
from ktt.rules.rule_sets.published import rule_set_on
from ktt.storage.errors import SealBroken
from support.receiver_api import decisions

FIND = register_of(("ktt_v1",)).find
UNIT = ReportingUnit("312000008", "1114")
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def accepted(payload: bytes, message_type: str = "KTT_Vedtak", version: str = "1") -> AcceptedMessage:
    return AcceptedMessage(0, "c", (UNIT,), message_type, version, NOON, payload)


EXAMPLES = {
    f"{version.message_type} {name}": accepted(example, version.message_type, version.version)
    for version in register_of(("ktt_v1",)).to_send(NOON.date()).mapped_versions()
    for name, example in version.examples().items()
}
ALIKE = [
    accepted(decisions(("V-1", values), ("V-2", {})))  # the same ids, of other content and in other messages
    for values in ({}, {"vedtakDato": "2031-01-01"}, {"sakId": "S-1"})
]
IMPOSSIBLE = [
    replace(ALIKE[0], payload=b"", unopened=SealBroken(context="inbox")),
    replace(ALIKE[0], message_type="KTT_Ukjent"),
    replace(ALIKE[0], payload=b"[{"),
]
MESSAGES = st.sampled_from([*EXAMPLES.values(), *ALIKE, *IMPOSSIBLE])
DAYS = st.integers(0, 400).map(lambda days: NOON + dt.timedelta(days=days))


def find(message_type: str, version: str):
    return None if message_type == "KTT_Ukjent" else FIND(message_type, version)


def together(page: list[AcceptedMessage]) -> list[ValidatedMessage | Exception]:
    return list(PageValidation(find, lambda day: rule_set_on(day).rules).of(page))


def numbered(messages: list[AcceptedMessage]) -> list[AcceptedMessage]:
    return [replace(message, position=nth) for nth, message in enumerate(messages, 1)]


def said(found: ValidatedMessage | Exception) -> object:
    """All that is found of a message, or the kind of what makes it impossible."""
    if isinstance(found, Exception):
        return type(found)
    batches = [
        (batch.unit, batch.deletions, {name: frame.to_dicts() for name, frame in batch.records.items()})
        for batch in found.batches
    ]
    return batches, [rows.to_dicts() for rows in found.findings]


@settings(deadline=None)
@given(st.lists(st.tuples(MESSAGES, DAYS), min_size=1, max_size=7))
def test_together_each_is_judged_as_alone(drawn: list[tuple[AcceptedMessage, dt.datetime]]):
    page = numbered([replace(message, received_at=at) for message, at in drawn])
    assert [said(found) for found in together(page)] == [
        said(found) for message in page for found in together([message])
    ]


@pytest.mark.parametrize("name", [name for name in EXAMPLES if " N" in name])
def test_it_is_judged_as_at_validate(name: str):
    """Against the other way to the same verdict: `/validate` reads one message, and decodes nothing with another."""
    message = EXAMPLES[name]
    day = norwegian_day(message.received_at)
    verdict = validate_message(
        FIND(message.message_type, message.version), message.payload, rule_set_on(day).rules, day
    )
    (found, _) = together(numbered([message, ALIKE[1]]))
    assert not isinstance(found, Exception)
    assert [one.to_dicts() for one in found.findings] == [one.to_dicts() for one in verdict.by_batch]


@pytest.mark.parametrize("room", [1, 8_000_000])
def test_a_message_that_cannot_be_decoded_is_found_among_the_others(monkeypatch: pytest.MonkeyPatch, room: int):
    decode, bad = PackedMessage.decode, ALIKE[2].payload

    def refuse(version, messages, **how):
        if any(one.text == bad for one in messages):
            raise MessageMalformed(message_type="KTT_Vedtak", version="1", pointer="")
        return decode(version, messages, **how)

    monkeypatch.setattr(PackedMessage, "decode", refuse)
    monkeypatch.setattr(page_validation, "_TOGETHER_BYTES", room)
    found = together(numbered([ALIKE[0], ALIKE[2], ALIKE[1]]))
    assert [isinstance(one, MessageMalformed) for one in found] == [False, True, False]
    assert not found[2].findings[0].is_empty()
