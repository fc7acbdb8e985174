"""Every change to the access list is in the audit trail, whole, and can be taken back."""

from __future__ import annotations

import pytest

from ktt.domain.unit import ReportingUnit
from ktt.receiver.access.access_list import AccessList
from ktt.receiver.access.audit_log import Right
from ktt.receiver.access.errors import NoSuchChange, NothingToUndo
from ktt.receiver.store.tables import SCHEMA
from ktt.storage.database import Database
from support.receiver_harness import OTHER_UNIT, UNIT, VENDOR

HOLDER = UNIT.organisation


@pytest.fixture
def access(any_database_url, clock):
    database = Database.open(any_database_url, SCHEMA)
    yield AccessList(database, clock)
    database.close()


def right(message_type, unit=UNIT, holder=HOLDER):
    return Right(holder, unit.organisation, unit.municipality, unit.district or "", message_type)


def test_a_change_says_who_when_why_and_exactly_what(access, clock):
    access.grant(UNIT, ["KTT_Vedtak"], by="kari", reason="avtale 7")
    made = access.grant(UNIT, ["KTT_Vedtak", "KTT_Tjeneste"], suppliers=[VENDOR], by="ola", reason="avtale 8")
    assert (made.number, made.by, made.reason, made.at) == (2, "ola", "avtale 8", clock.now())
    assert made.rights == (("grant", right("KTT_Tjeneste")), ("grant", Right(HOLDER, supplier=VENDOR)))
    assert access.changes()[1] == made, "what is read is what was written"
    assert [change.number for change in access.changes(last=1)] == [2]


def test_what_changes_nothing_leaves_no_trace(access):
    access.grant(UNIT, ["KTT_Vedtak"])
    assert access.grant(UNIT, ["KTT_Vedtak"]) is None
    assert access.revoke(OTHER_UNIT) is None
    assert access.revoke_supplier(HOLDER, VENDOR) is None
    assert len(access.changes()) == 1


def test_revoking_some_or_all(access):
    below = ReportingUnit(OTHER_UNIT.organisation, UNIT.municipality)
    access.grant(UNIT, ["KTT_Vedtak", "KTT_Tjeneste", "KTT_Diagnose"])
    access.grant(UNIT, ["KTT_Vedtak"], holder=OTHER_UNIT.organisation)
    access.grant(below, ["KTT_Vedtak"], holder=HOLDER)
    assert access.revoke(UNIT, ["KTT_Diagnose"]).rights == (("revoke", right("KTT_Diagnose")),)
    assert access.revoke(UNIT, holder=OTHER_UNIT.organisation).rights == (
        ("revoke", right("KTT_Vedtak", holder=OTHER_UNIT.organisation)),
    )
    access.revoke(UNIT)
    assert access.rights() == [right("KTT_Vedtak", below)], "another unit of the same holder is left alone"


def test_a_change_is_taken_back_and_that_is_a_change_too(access):
    access.grant(UNIT, ["KTT_Vedtak", "KTT_Tjeneste"], suppliers=[VENDOR])
    before = (access.rights(), access.suppliers())
    taken = access.revoke(UNIT, by="ola", reason="feil")
    back = access.undo(taken.number, by="kari", reason="likevel ikke")
    assert (access.rights(), access.suppliers()) == before
    assert (back.undoes, back.by) == (taken.number, "kari")
    assert {act for act, _ in back.rights} == {"grant"}
    access.undo(back.number)
    assert access.rights() == []


def test_undoing_what_is_not_there(access):
    made = access.grant(UNIT, ["KTT_Vedtak"])
    access.undo(made.number)
    with pytest.raises(NothingToUndo):
        access.undo(made.number)
    with pytest.raises(NoSuchChange):
        access.undo(99)


def test_a_reason_keeps_no_person(access):
    made = access.grant(UNIT, ["KTT_Vedtak"], reason="gjelder 01819912345")
    assert made.reason == access.changes()[0].reason == "gjelder •••"
