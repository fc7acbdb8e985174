"""The bindings on both databases: kept in order, each unit by itself, beside the receipts they are about."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from ktt.messages.contract import Unknown
from ktt.sender.binding.store import Binding
from support.outbox_queues import OTHER, message
from support.sender_bindings import FACTS, UNIT, Place

AT = dt.datetime(2026, 3, 2, 5, 0, tzinfo=dt.UTC)
FIRST = Binding("store-1", FACTS, "first", "ktt", "", AT)


@pytest.fixture
def place(any_database_url, tmp_path, clock):
    place = Place(tmp_path, any_database_url, clock)
    yield place
    place.close()


def test_bindings_are_kept_in_order_and_units_apart(place):
    store = place.binding().store
    assert (store.history(UNIT), store.others(UNIT)) == ([], [])
    second = replace(FIRST, act="bound", by="kari", reason="æøå", at=AT + dt.timedelta(days=1), mark="c-9")
    other = replace(FIRST, facts=replace(FACTS, unit=OTHER.key, machine=None), after_sequence=7)
    for one in (FIRST, other, second):
        store.add(one)
    assert store.history(UNIT) == [FIRST, second]
    assert store.history(OTHER) == store.others(UNIT) == [other]
    assert store.others(OTHER) == [second]


def test_what_is_in_the_queue_and_what_was_receipted(place):
    store = place.binding().store
    assert (store.is_used(UNIT), store.last_receipt(UNIT)) == (False, None)
    place.accept(2)
    last = store.last_receipt(UNIT)
    assert (last.sequence, last.correlation_id) == (2, "receipt-2")
    assert store.receipt_hash(UNIT, 2) == last.hash != store.receipt_hash(UNIT, 1)
    assert (store.receipt_hash(UNIT, 3), store.is_used(OTHER), store.is_used(UNIT)) == (None, False, True)
    place.outbox.enqueue(UNIT, [message(), message()])
    assert store.undelivered(UNIT) == (2, False)
    place.outbox.mark_sending(UNIT, 3)
    place.outbox.settle(UNIT, 3, Unknown("no answer"))
    assert store.undelivered(UNIT) == (2, True)
    assert store.undelivered(OTHER) == (0, False)
