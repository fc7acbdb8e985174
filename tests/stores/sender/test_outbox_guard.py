"""A message changes only if it still is as it was read: another process may have begun an attempt in between.

The lock of a queue keeps two processes apart, but it ends with its connection; so every change of a state has a guard of
its own. The tests let the store read an older state than the database has.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from ktt.messages.contract import Accepted, Unknown
from ktt.sender.outbox.errors import NotFirstInQueue
from ktt.sender.outbox.message import State
from ktt.sender.outbox.sql import stored_rows
from support.outbox_queues import UNIT, empty, message, sql_outbox


@pytest.fixture
def store(any_database_url, clock):
    with sql_outbox(any_database_url, clock) as opened:
        empty(opened)
        yield opened


def read_as(monkeypatch, **older):
    """Let the first undelivered message be read with these older values."""
    newest = stored_rows.first_undelivered
    monkeypatch.setattr(stored_rows, "first_undelivered", lambda *args: replace(newest(*args), **older))


def test_an_outcome_is_not_written_when_another_attempt_began_after_the_message_was_read(store, monkeypatch):
    store.enqueue(UNIT, [message("a", s1="f1")])
    store.mark_sending(UNIT, 1)
    store.settle(UNIT, 1, Unknown("no answer"))
    store.mark_sending(UNIT, 1)
    with monkeypatch.context() as patched:
        read_as(patched, attempts=1)
        with pytest.raises(NotFirstInQueue):
            store.settle(UNIT, 1, Accepted("c-1"))
    assert (store.message(UNIT, 1).state, store.receipts(UNIT)) == (State.UNCERTAIN, [])
    assert store.attempts(UNIT, 1)[-1].ended_at is None
    assert store.snapshot(UNIT, "care_service").is_empty()


@pytest.mark.parametrize("older", [{"attempts": 0}, {"attempts": 1, "state": State.WAITING}], ids=["attempts", "state"])
def test_no_attempt_begins_when_the_message_is_no_longer_as_it_was_read(store, monkeypatch, older):
    store.enqueue(UNIT, [message("a")])
    store.mark_sending(UNIT, 1)
    with monkeypatch.context() as patched:
        read_as(patched, **older)
        with pytest.raises(NotFirstInQueue):
            store.mark_sending(UNIT, 1)
    assert len(store.attempts(UNIT, 1)) == store.message(UNIT, 1).attempts == 1


def test_a_delivery_is_not_written_when_the_next_message_cannot_be_marked(store, monkeypatch):
    store.enqueue(UNIT, [message("a", s1="f1"), message("b", s2="f2")])
    store.mark_sending(UNIT, 1)
    newest = stored_rows.first_undelivered

    def older(*arguments):
        first = newest(*arguments)
        return first if first.sequence == 1 else replace(first, attempts=1)  # another process began an attempt at it

    with monkeypatch.context() as patched:
        patched.setattr(stored_rows, "first_undelivered", older)
        with pytest.raises(NotFirstInQueue):
            store.settle_and_mark(UNIT, 1, Accepted("c-1"))
    assert [m.state for m in store.messages(UNIT)] == [State.UNCERTAIN, State.WAITING]
    assert (store.receipts(UNIT), store.attempts(UNIT, 2)) == ([], [])
    assert store.snapshot(UNIT, "care_service").is_empty()
    assert store.settle(UNIT, 1, Accepted("c-1")) is State.DELIVERED
