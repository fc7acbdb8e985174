"""What leaves no receipt is noted too: lookups on a day without changes, and rejected submissions; on both databases."""

from __future__ import annotations

import datetime as dt

import pytest

from ktt.messages.deliveries import Period
from ktt.receiver.store.deliveries import SqlDeliveryLog
from support.receiver_api import decisions, lookup, sent
from support.receiver_harness import NOW, message

UNIT = "312000008-1114"
BROKEN = b'[{"orgNr": 312000008, "kommuneNr": 1114}]'


@pytest.fixture
def receiver(make_receiver, any_database_url):
    return make_receiver(any_database_url)


@pytest.fixture
def told(receiver):
    return lambda **period: SqlDeliveryLog(receiver.database).deliveries(Period(**period))


def later(receiver, **difference):
    receiver.clock.at += dt.timedelta(**difference)
    return receiver.clock.now()


def test_a_lookup_is_a_sign_once_a_day(receiver, told):
    correlation = sent(receiver, message())
    at = [later(receiver, days=1), later(receiver, hours=3), later(receiver, days=1)]
    for path in (f"/receipts/{correlation}", "/units/312000008/outstanding"):
        lookup(receiver, path)
    assert [row[1] for row in told().signs.rows()] == [NOW, at[2]]
    later(receiver, days=1)
    assert lookup(receiver, "/units/312000008/inventory?municipality=1114&as=progress").status == 200
    assert [sign.date().day for sign in told().signs["at"]] == [2, 4, 5]
    assert told(since=at[2]).signs.height == 2
    assert told(until=at[2]).last.rows()[0][:3] == (UNIT, NOW, NOW)
    assert told().last["heard_at"].to_list() == [later(receiver)]


def test_a_summary_is_no_sign(receiver, told):
    """A person who looks at the status does not report."""
    sent(receiver, message())
    later(receiver, days=1)
    assert lookup(receiver, "/units/312000008/outstanding?as=summary").status == 200
    assert told().signs.height == 1


def test_what_is_not_ones_own_is_no_sign(receiver, told):
    sent(receiver, message())
    later(receiver, days=1)
    assert lookup(receiver, "/units/312000563/outstanding").status == 404
    assert told().signs.height == 1


def test_tries_between_two_accepted_messages_are_one_row(receiver, told):
    sent(receiver, message())
    first = later(receiver, hours=1)
    assert receiver.post(BROKEN).status == 400
    last = later(receiver, hours=1)
    assert receiver.post(BROKEN).status == 400
    (row,) = told().rejected.to_dicts()
    assert (row["unit"], row["message_type"], row["code"], row["times"]) == (UNIT, "KTT_Vedtak", 2008, 2)
    assert (row["first_at"], row["last_at"], row["stands"]) == (first, last, True)
    assert row["software"] == "Prove AS | ProveEPJ | 1.0 | 2.0"
    assert told().signs["at"].to_list() == [NOW, first, last]
    later(receiver, hours=1)
    sent(receiver, decisions(("V-9", {})))
    assert told().rejected["stands"].to_list() == [False]
    assert told(until=last + dt.timedelta(minutes=1)).rejected["stands"].to_list() == [True]
    receiver.post(BROKEN)
    assert told().rejected["stands"].to_list() == [False, True]
    assert told().accepted["messages"].to_list() == [2]


def test_who_is_not_let_in_and_what_is_accepted_is_not_rejected(receiver, told):
    assert receiver.post(message(), headers={"x-vendor-name": ""}).status == 400
    assert receiver.post(message(), proof_claims={"iat": 0}).status == 401
    sent(receiver, message())
    assert told().rejected.is_empty()


def test_a_database_that_takes_no_note_refuses_nothing(receiver, monkeypatch):
    from sqlalchemy.exc import OperationalError

    correlation = sent(receiver, message())

    def fails(*_):
        raise OperationalError("", {}, Exception("disk is full"))

    monkeypatch.setattr("ktt.receiver.store.signs._note", fails)
    assert receiver.post(BROKEN).status == 400
    assert lookup(receiver, f"/receipts/{correlation}").status == 200
