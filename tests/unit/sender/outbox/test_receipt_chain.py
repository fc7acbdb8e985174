"""The chain of receipts: every alteration of any field of any receipt is discovered."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from ktt.sender.outbox.errors import ReceiptsAltered
from ktt.sender.outbox.receipt_chain import verify_receipts
from support.memory_outbox import MemoryOutbox
from support.outbox_queues import OTHER, UNIT, deliver, message

OTHER_HASH = "f" * 64


@pytest.fixture
def receipts(clock):
    store = MemoryOutbox(clock)
    store.enqueue(UNIT, [message(name) for name in "abc"])
    for _ in range(3):
        deliver(store)
    return store.receipts(UNIT)


def test_untouched_receipts_are_whole(receipts):
    assert verify_receipts(UNIT, receipts) == 3
    assert verify_receipts(UNIT, []) == 0


@pytest.mark.parametrize(
    "change",
    [
        {"sequence": 9},
        {"message_type": "KTT_Vedtak"},
        {"version": "2"},
        {"payload_hash": OTHER_HASH},
        {"correlation_id": "receipt-9"},
        {"accepted_at": dt.datetime(2026, 3, 2, tzinfo=dt.UTC)},
        {"previous_hash": OTHER_HASH},
        {"hash": OTHER_HASH},
    ],
    ids=lambda change: next(iter(change)),
)
@pytest.mark.parametrize("index", [0, 1, 2])
def test_an_altered_field_is_discovered_at_its_receipt(receipts, index, change):
    altered = [replace(one, **change) if place == index else one for place, one in enumerate(receipts)]
    with pytest.raises(ReceiptsAltered) as fault:
        verify_receipts(UNIT, altered)
    assert fault.value.facts["sequence"] == altered[index].sequence


def test_a_receipt_that_is_left_out_or_moved_is_discovered(receipts):
    first, second, third = receipts
    for wrong in ([first, third], [second, third], [first, third, second]):
        with pytest.raises(ReceiptsAltered):
            verify_receipts(UNIT, wrong)


def test_the_hash_covers_the_receipt_before(receipts):
    """A receipt cannot be put behind another one by writing that one's hash into it."""
    first, second, third = receipts
    with pytest.raises(ReceiptsAltered) as fault:
        verify_receipts(UNIT, [first, replace(third, previous_hash=first.hash)])
    assert fault.value.facts["sequence"] == third.sequence
    assert second.previous_hash == first.hash


def test_receipts_of_another_unit_are_not_taken(receipts):
    with pytest.raises(ReceiptsAltered):
        verify_receipts(OTHER, receipts)
