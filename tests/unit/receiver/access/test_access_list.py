"""The access list: what is granted and nothing else, and how long an answer may be cached."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from ktt.domain.unit import ReportingUnit
from ktt.receiver.access import access_list
from ktt.receiver.access.access_list import AccessList, AccessQuery
from ktt.receiver.store.tables import ACCESS_VERSION, SCHEMA
from ktt.storage.database import Database
from support.receiver_harness import OTHER_UNIT, STRANGER, UNIT, VENDOR, ReceiverHarness


@pytest.fixture
def access(any_database_url: str):
    database = Database.open(any_database_url, SCHEMA)
    yield AccessList(database)
    database.close()


def test_nothing_is_allowed_that_is_not_granted(access: AccessList):
    assert access.units(UNIT.organisation, "KTT_Vedtak") == frozenset()
    access.grant(UNIT, ["KTT_Vedtak"], suppliers=[VENDOR])
    access.grant(UNIT, ["KTT_Vedtak"], suppliers=[VENDOR])  # again is harmless
    table = {
        # organisation, type, vendor                        allowed
        (UNIT.organisation, "KTT_Vedtak", None): True,
        (UNIT.organisation, "KTT_Vedtak", VENDOR): True,
        (UNIT.organisation, "KTT_Vedtak", STRANGER): False,
        (UNIT.organisation, "KTT_Tjeneste", None): False,
        (OTHER_UNIT.organisation, "KTT_Vedtak", None): False,
    }
    assert {case: bool(access.units(*case)) for case in table} == table
    access.revoke_supplier(UNIT.organisation, VENDOR)
    assert not access.units(UNIT.organisation, "KTT_Vedtak", VENDOR)
    access.revoke(UNIT)
    assert not access.units(UNIT.organisation, "KTT_Vedtak")


def test_a_right_is_for_one_unit_and_one_type(access: AccessList):
    below = ReportingUnit("314000021", "0301", "04")
    access.grant(OTHER_UNIT, ["KTT_Vedtak"])
    access.grant(below, ["KTT_Vedtak", "KTT_Tjeneste"], holder=OTHER_UNIT.organisation)
    assert access.units(OTHER_UNIT.organisation, "KTT_Vedtak") == {OTHER_UNIT, below}
    assert access.units(OTHER_UNIT.organisation, "KTT_Tjeneste") == {below}
    assert access.units(below.organisation, "KTT_Tjeneste") == frozenset(), "the holder is the parent, not the child"


# ── the cache: an answer is good for the version of the list that it was read under ─────────────────────────────────

QUERY = (UNIT.organisation, "KTT_Vedtak", None)
THROUGH_VENDOR = (UNIT.organisation, "KTT_Vedtak", VENDOR)


def version(access: AccessList) -> int:
    """The version of the list, as recording a proof returns it."""
    with access._database.reading() as connection:
        return int(connection.scalars(sa.select(ACCESS_VERSION.c.version)).one())


def answer(access: AccessList, query: AccessQuery) -> frozenset[ReportingUnit]:
    """As the receiver asks for each message."""
    now = version(access)
    found = access.cached(query, now)
    return access.load(query, now) if found is None else found


def test_an_answer_is_cached_for_one_version_only(access: AccessList):
    access.grant(UNIT, ["KTT_Vedtak"])
    now = version(access)
    assert access.cached(QUERY, now) is None, "not read yet"
    assert access.load(QUERY, now) == {UNIT}
    assert {at: access.cached(QUERY, at) for at in (now - 1, now, now + 1)} == {
        now - 1: None,
        now: {UNIT},
        now + 1: None,
    }


def test_no_access_is_an_answer_too(access: AccessList):
    now = version(access)
    assert access.load(QUERY, now) == frozenset()
    assert access.cached(QUERY, now) == frozenset(), "cached as well, and not mistaken for an unknown query"


def test_each_query_has_its_own_answer(access: AccessList):
    access.grant(UNIT, ["KTT_Vedtak"])
    now = version(access)
    access.load(QUERY, now)
    others = [THROUGH_VENDOR, (UNIT.organisation, "KTT_Tjeneste", None), (OTHER_UNIT.organisation, "KTT_Vedtak", None)]
    assert [access.cached(other, now) for other in others] == [None] * 3


CHANGES = {
    # what is changed, by another process              holder itself   through the vendor, afterwards
    "nothing": (lambda list_: None, True, True),
    "the unit is revoked": (lambda list_: list_.revoke(UNIT), False, False),
    "the type is revoked": (lambda list_: list_.revoke(UNIT, ["KTT_Vedtak"]), False, False),
    "another type is revoked": (lambda list_: list_.revoke(UNIT, ["KTT_Tjeneste"]), True, True),
    "another unit is revoked": (lambda list_: list_.revoke(OTHER_UNIT), True, True),
    "the vendor is revoked": (lambda list_: list_.revoke_supplier(UNIT.organisation, VENDOR), True, False),
    "the grant is undone": (lambda list_: list_.undo(1), False, False),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_by_another_process_is_noticed_at_once(access: AccessList, what: str):
    change, itself, through_vendor = CHANGES[what]
    other_process = AccessList(access._database)
    access.grant(UNIT, ["KTT_Vedtak", "KTT_Tjeneste"], suppliers=[VENDOR])
    access.grant(OTHER_UNIT, ["KTT_Vedtak"])
    assert (answer(access, QUERY), answer(access, THROUGH_VENDOR)) == ({UNIT}, {UNIT})
    change(other_process)
    assert (bool(answer(access, QUERY)), bool(answer(access, THROUGH_VENDOR))) == (itself, through_vendor)


def test_what_is_granted_again_is_noticed_as_well(access: AccessList):
    assert answer(access, QUERY) == frozenset()
    AccessList(access._database).grant(UNIT, ["KTT_Vedtak"])
    assert answer(access, QUERY) == {UNIT}


def test_a_change_while_an_answer_is_read_is_noticed(access: AccessList):
    """The list changes after the version was read: the answer is cached under the old version and soon read again."""
    access.grant(UNIT, ["KTT_Vedtak"])
    before = version(access)
    access.revoke(UNIT)
    assert access.load(QUERY, before) == frozenset(), "never an answer older than its version"
    access.grant(UNIT, ["KTT_Vedtak"])
    assert answer(access, QUERY) == {UNIT}


def test_the_cache_is_bounded_and_forgets_no_change(access: AccessList, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(access_list, "_MOST_CACHED", 3)
    access.grant(UNIT, ["KTT_Vedtak"])
    now = version(access)
    for number in range(10):
        access.load((UNIT.organisation, f"T{number}", None), now)
        assert len(access._cache) <= 3
    assert answer(access, QUERY) == {UNIT}


def test_a_revoked_right_is_refused_at_the_next_message(tmp_path: Path, any_database_url: str, key_files: Path):
    receiver = ReceiverHarness(tmp_path, any_database_url, key_files=key_files)
    first, second = receiver.post(), receiver.post()
    AccessList(receiver.database).revoke(UNIT, ["KTT_Vedtak"])
    third = receiver.post()
    AccessList(receiver.database).grant(UNIT, ["KTT_Vedtak"])
    fourth = receiver.post()
    receiver.close()
    assert [one.status for one in (first, second, third, fourth)] == [200, 200, 400, 200]
    assert third.codes == [2001]
