"""A person binds a store: what must be shown or said, and what nothing follows along to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import NotSent, Refused, Unknown
from ktt.sender.binding.errors import (
    AnotherSender,
    LastReceiptUnknown,
    NotPutAway,
    ReceiverRefuses,
    ReceiverSilent,
    SameRegistryNotProved,
    StartAnewNeeded,
    StoreLost,
)
from ktt.sender.binding.put_away import put_away_store
from ktt.sender.binding.rebind import rebind
from ktt.sender.client.lookups import Found, NotKnown, NotOffered
from support.outbox_queues import message
from support.sender_bindings import FACTS, UNIT, received

MOVED = replace(FACTS, address="https://mottak2.example")
OTHER = ReportingUnit("312000563", "0301", "03")

ANSWERS = [
    # the receiver's answer about our last receipt, whether the person vouches, what follows
    ("last", False, None),
    ("last", True, None),
    ("later", False, AnotherSender),
    ("later", True, AnotherSender),
    (NotKnown(), False, LastReceiptUnknown),
    (NotKnown(), True, LastReceiptUnknown),
    (NotOffered(), False, SameRegistryNotProved),
    (NotOffered(), True, None),
    (Found({"of": "another kind"}), False, SameRegistryNotProved),
    (NotSent("no connection"), True, ReceiverSilent),
    (Unknown("HTTP 502"), True, ReceiverSilent),
    (Refused(401, "invalid_token"), True, ReceiverRefuses),
]


@pytest.mark.parametrize(("answer", "vouched", "error"), ANSWERS)
def test_what_follows_along_to_another_address(place, answer, vouched, error):
    place.used()
    place.receiver.receipts, place.receiver.outstanding = answer, received("theirs")
    binding = place.binding(MOVED)
    if error is not None:
        with pytest.raises(error):
            rebind(binding, "kari", "ny adresse", same_registry=vouched)
        assert len(binding.store.history(UNIT)) == 1
        return
    made = rebind(binding, "kari", "ny adresse", same_registry=vouched)
    assert (made.act, made.by, made.reason, made.facts) == ("bound", "kari", "ny adresse", MOVED)
    assert place.receiver.asked == ["/receipts/receipt-2"]
    assert place.binding(MOVED).check() is False


def test_what_came_later_may_be_our_own_message_with_a_lost_answer(place):
    place.used()
    place.outbox.enqueue(UNIT, [message()])
    place.outbox.mark_sending(UNIT, 3)
    place.outbox.settle(UNIT, 3, Unknown("no answer"))
    place.receiver.receipts = "later"
    assert rebind(place.binding(MOVED), "kari", "ny adresse").facts == MOVED


def test_nothing_follows_along_to_another_environment(place):
    place.used()
    place.receiver.receipts = "last"
    with pytest.raises(StartAnewNeeded, match="production"):
        rebind(place.binding(replace(FACTS, environment="production")), "kari", "nå gjelder det", same_registry=True)


def test_a_new_unit_gets_its_place_in_the_store_of_others_in_the_same_environment(place):
    place.used()
    with pytest.raises(StartAnewNeeded, match="production"):
        rebind(place.binding(replace(FACTS, unit=OTHER.key, environment="production")), "kari", "ny bydel")
    made = rebind(place.binding(replace(FACTS, unit=OTHER.key)), "kari", "ny bydel")
    assert made.facts.unit == OTHER.key
    assert place.binding(replace(FACTS, unit=OTHER.key)).check() is False
    assert place.binding().check() is False


def test_an_empty_store_does_not_take_the_place_of_a_lost_one_unasked(place, tmp_path):
    witness = place.binding().witness
    witness.write("e" * 32, 7, "0" * 64)
    with pytest.raises(StoreLost, match="up to 7"):
        rebind(place.binding(), "kari", "finner det ikke", same_registry=True)
    made = place.binding().bind_anew("kari", "begynner på nytt", ())
    assert (made.act, place.binding().check()) == ("anew", False)


def test_a_gone_witness_is_made_anew_when_the_registry_knows_the_store(place):
    place.used()
    place.witness.unlink()
    place.receiver.receipts = "last"
    rebind(place.binding(), "kari", "ryddet for mye")
    assert place.binding().check() is False


def test_what_is_put_away(place, tmp_path, clock):
    file = tmp_path / "outbox.sqlite"
    place.used()
    assert put_away_store(file, OTHER, {UNIT}, clock.now()) is None
    with pytest.raises(NotPutAway):
        put_away_store(file, UNIT, {UNIT, OTHER}, clock.now())
    with pytest.raises(NotPutAway):
        put_away_store(None, UNIT, {UNIT}, clock.now())
    place.database.close()
    away = put_away_store(file, UNIT, {UNIT}, clock.now())
    assert away.exists()
    assert away.stat().st_mode & 0o777 == 0o600
    assert not file.exists()
