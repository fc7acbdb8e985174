"""Whether a store may be used with the settings: every difference, and everything that the witness tells."""

from __future__ import annotations

import shutil
from dataclasses import replace

import orjson
import pytest

from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import NotSent, Unknown
from ktt.sender.binding.errors import (
    BoundElsewhere,
    StoreForeign,
    StoreLost,
    StoreMoved,
    StoreOlder,
    WitnessGone,
    WitnessUnusable,
)
from support.outbox_queues import message
from support.sender_bindings import FACTS, UNIT, Place, received

OTHERS = {
    "environment": "production",
    "authority": "https://other.example",
    "client_id": "client-2",
    "address": "https://mottak2.example",
    "machine": "b" * 32,
}


def acts(place):
    return [one.act for one in place.binding().store.history(UNIT)]


def test_the_first_run_binds_and_the_next_finds_all_in_order(place):
    assert place.binding().check() is True
    assert place.binding().check() is False
    place.accept()
    place.binding().witness_now()
    assert place.binding().check() is False
    assert acts(place) == ["first"]
    assert place.binding().standing().binding.facts == FACTS


def test_a_store_from_before_is_bound_as_it_is(place):
    place.accept(2)
    assert place.binding().check() is True
    assert acts(place) == ["adopted"]
    assert place.witness.stat().st_mode & 0o777 == 0o600
    assert place.binding().check() is False


@pytest.mark.parametrize("name", OTHERS)
def test_every_fact_that_differs_is_refused_by_name(place, name):
    place.used()
    with pytest.raises(BoundElsewhere) as refused:
        place.binding(replace(FACTS, **{name: OTHERS[name]})).check()
    told = refused.value.says().nb
    if name == "machine":
        assert "en annen maskin" in told
    else:
        assert getattr(FACTS, name) in told
        assert OTHERS[name] in told
    assert acts(place) == ["first"]


def test_a_machine_without_an_id_differs_from_none(place):
    place.used()
    assert place.binding(replace(FACTS, machine=None)).check() is False


def test_another_unit_is_refused_but_not_one_with_a_queue_from_before(place):
    place.used()
    other, old = ReportingUnit("312000563", "0301", "03"), ReportingUnit("312000024", "0301")
    with pytest.raises(BoundElsewhere, match=UNIT.key):
        place.binding(replace(FACTS, unit=other.key)).check()
    place.accept(unit=old)
    assert place.binding(replace(FACTS, unit=old.key)).check() is True


MOVED = replace(FACTS, address=OTHERS["address"])
PRODUCTION = replace(FACTS, environment="production")


def test_other_settings_harm_nothing_before_anything_was_sent(place):
    """An address with a slip in it can be corrected without ado."""
    place.binding().check()
    place.outbox.enqueue(UNIT, [message()])
    place.outbox.mark_sending(UNIT, 1)
    place.outbox.settle(UNIT, 1, NotSent("no connection"))
    assert place.binding(MOVED).check() is True
    assert acts(place) == ["first", "unused"]
    with pytest.raises(BoundElsewhere):  # what waits is of another environment's persons
        place.binding(replace(PRODUCTION, address=MOVED.address)).check()
    place.outbox.mark_sending(UNIT, 1)
    place.outbox.settle(UNIT, 1, Unknown("no answer"))
    with pytest.raises(BoundElsewhere):  # it may have arrived there
        place.binding().check()


def test_another_environment_harms_nothing_before_anything_was_queued(place):
    place.binding().check()
    assert place.binding(PRODUCTION).check() is True


def rewrite(at, **changes):
    at.witness.write_bytes(orjson.dumps(orjson.loads(at.witness.read_bytes()) | changes))


WITNESSES = [
    # what happened, and what it is called
    ("gone", lambda place: place.witness.unlink(), WitnessGone),
    ("store older", lambda place: rewrite(place, sequence=3, hash="0" * 64), StoreOlder),
    ("another chain", lambda place: rewrite(place, hash="0" * 64), StoreForeign),
    ("another store", lambda place: rewrite(place, store="f" * 32), StoreForeign),
    ("another place", lambda place: rewrite(place, place="/elsewhere"), StoreMoved),
    ("damaged", lambda place: place.witness.write_bytes(b"{"), WitnessUnusable),
    ("of another form", lambda place: place.witness.write_bytes(b'{"store": 1}'), WitnessUnusable),
    ("open to others", lambda place: place.witness.chmod(0o644), WitnessUnusable),
]


@pytest.mark.parametrize(("happens", "error"), [row[1:] for row in WITNESSES], ids=[row[0] for row in WITNESSES])
def test_what_the_witness_tells_of_a_store(place, happens, error):
    place.used()
    happens(place)
    for _ in range(2):
        with pytest.raises(error):
            place.binding().check()


def test_a_store_that_is_newer_than_its_witness_is_in_order(place):
    """The sender may be killed between an accepted message and the witness of it."""
    place.used()
    place.accept(3)
    assert place.binding().check() is False


def test_a_store_of_yesterday(place, tmp_path, clock):
    place.used()
    place.database.close()
    shutil.copy(tmp_path / "outbox.sqlite", tmp_path / "yesterday")
    place.accept()
    place.binding().witness_now()
    place.database.close()
    shutil.copy(tmp_path / "yesterday", tmp_path / "outbox.sqlite")
    with pytest.raises(StoreOlder) as refused:
        place.binding().check()
    assert (refused.value.facts["has"], refused.value.facts["seen"]) == (2, 3)
    assert "ktt reconcile --mend" in refused.value.advises().nb


@pytest.fixture
def emptied(place, tmp_path, clock):
    """The same place with a new store, since the one that was in use is lost."""
    place.used()
    new = Place(tmp_path, f"sqlite:///{tmp_path / 'new.sqlite'}", clock)
    yield new
    new.close()


def test_a_store_that_is_lost(emptied):
    with pytest.raises(StoreLost, match="up to 2"):
        emptied.binding().check()
    assert acts(emptied) == []


def test_a_witness_of_a_store_that_was_never_used_is_no_loss(place, tmp_path, clock):
    place.binding().check()
    new = Place(tmp_path, f"sqlite:///{tmp_path / 'new.sqlite'}", clock)
    assert new.binding().check() is True
    new.close()


def test_mending_takes_a_lost_store_and_another_address_but_no_other_environment(emptied):
    binding = emptied.binding(MOVED)
    assert binding.check(mending=True) is False
    emptied.accept(4)
    binding.renew("kari", "lageret gikk tapt")
    assert emptied.binding(MOVED).check() is False
    newest = binding.store.history(UNIT)[-1]
    assert (newest.act, newest.by, newest.reason, newest.mark) == ("mended", "kari", "lageret gikk tapt", None)
    with pytest.raises(BoundElsewhere):
        emptied.binding(PRODUCTION).check(mending=True)


def test_mending_remembers_what_the_registry_received_last_when_that_is_not_ours(place):
    binding = place.used()
    place.receiver.outstanding = received("theirs")
    binding.renew("kari", "to lagre")
    newest = binding.store.history(UNIT)[-1]
    assert (newest.after_sequence, newest.mark) == (2, "theirs")
    place.receiver.outstanding = received("receipt-2")
    binding.renew("kari", "igjen")
    assert binding.store.history(UNIT)[-1].mark is None
