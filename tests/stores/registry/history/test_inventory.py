"""The inventory of a unit, on SQLite and PostgreSQL, against one written the naive way."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from ktt.domain.fingerprint import digest, fingerprint, recipient_fingerprint
from ktt.domain.records import CARE_SERVICE, RECIPIENT
from ktt.messages.errors import CursorUnknown
from ktt.messages.register import find
from ktt.registry.errors import ReasonMissing
from support.audit_entries import entries
from support.naive_inventory import naive_inventory
from support.registry_inbox import (
    NUMBERS,
    OTHER,
    START,
    UNIT,
    ListInbox,
    a_decision,
    frames,
    message,
    recipient,
    service,
    services,
    spoiled,
)
from support.settable_clock import SettableClock

ODD = ["T-1", "50%", "a'b", "a\\b;c=d", "ÆØÅ", "z", "Z"]
"""Ids that a database sorts or a statement quotes in a way of its own."""


def everything(registry, limit=10_000, unit=UNIT):
    """All records, page by page, with the salt and the number of pages."""
    page = registry.inventory.page(unit, "a test", None, limit)
    pages = [page]
    while page.after is not None:
        page = registry.inventory.page(unit, "a test", page.after, limit)
        pages.append(page)
    assert {one.salt for one in pages} == {pages[0].salt}
    return [row for one in pages for row in one.records.rows()], pages[0].salt, len(pages)


def filled(registry):
    """A registry with every kind of part, a person without number, a deleted record and another unit's."""
    parts = {
        "provider_period": [
            {"service_id": "T-1", "provider": "312000229", "starts_on": dt.date(2026, 2, 1)},
            {"service_id": "T-1", "provider": "312000113", "starts_on": dt.date(2026, 1, 12), "ends_on": START.date()},
        ],
        "pause": [{"service_id": "z", "pause_id": "P;1", "starts_on": dt.date(2026, 2, 3)}],
    }
    diagnosis = {"diagnosis_id": "D-1", "local_person_id": "3", "code_system": "ICPC-2", "code": "P70"}
    registry.ingest(
        ListInbox(
            message(1, a_decision(), record_type="decision"),
            message(2, services(*(service(name, str(1 + n % 2)) for n, name in enumerate(ODD)), **parts)),
            message(3, services(service("gone", "2")), deletions=[]),
            message(4, deletions=["gone"]),
            message(
                5,
                frames(
                    recipient=[recipient("3", None)],
                    diagnosis=[{**diagnosis, "starts_on": START.date(), "recorded_at": START}],
                ),
                record_type="diagnosis",
            ),
            message(6, services(service("T-1", "3")), unit=OTHER),
        )
    )
    return registry


def test_it_is_what_the_naive_one_says(registry):
    rows, salt, _ = everything(filled(registry))
    assert rows == naive_inventory(registry, UNIT, salt)
    assert [name for name, *_ in rows].count("care_service") == len(ODD)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 11])
def test_pages_of_any_size_are_the_same_listing(registry, limit):
    rows, salt, pages = everything(filled(registry), limit)
    assert rows == naive_inventory(registry, UNIT, salt)
    assert pages == -(-len(rows) // limit)


def test_the_sender_makes_the_same_hashes_of_what_it_sends(registry):
    sent = services(service("T-1"), service("T-2", "2"), people=[recipient("2", None)])
    registry.ingest(ListInbox(message(1, sent)))
    rows, salt, _ = everything(registry)
    (batch,) = find("KTT_Tjeneste", "1").read(message(1, sent).payload)
    key = bytes.fromhex(salt)
    mine = fingerprint(batch.records, CARE_SERVICE, key).select("local_id", "fingerprint").rows()
    people = recipient_fingerprint(batch.records[RECIPIENT.name], key).rows()
    assert {(name, *row) for name, some in (("care_service", mine), ("recipient", people)) for row in some} == set(rows)


CHANGES = {
    "a code": services(service("T-1", service_type="18")),
    "a person": services(service("T-1", "2")),
    "a number": services(service("T-1"), people=[recipient("1", NUMBERS["3"])]),
    "a part": services(
        service("T-1"), pause=[{"service_id": "T-1", "pause_id": "P", "starts_on": dt.date(2026, 2, 3)}]
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_of_content_changes_the_hash(registry, change):
    registry.ingest(ListInbox(message(1, services(service("T-1")))))
    before, salt, _ = everything(registry)
    registry.ingest(ListInbox(message(2, CHANGES[change])))
    after = naive_inventory(registry, UNIT, salt)
    assert before[-1] != after[-1]


def test_a_recipient_whom_no_record_is_about_is_left_out(registry):
    registry.ingest(ListInbox(message(1, services(service("T-1"), service("T-2", "2"))), message(2, deletions=["T-2"])))
    rows, *_ = everything(registry)
    assert [local_id for name, local_id, _ in rows if name == "recipient"] == ["1"]


def test_each_listing_has_a_salt_of_its_own(registry):
    registry.ingest(ListInbox(message(1, services(service("T-1")))))
    (one, first, _), (two, second, _) = everything(registry), everything(registry)
    assert first != second
    assert not {row[2] for row in one} & {row[2] for row in two}


def test_one_row_tells_of_a_listing_whatever_its_size(registry):
    everything(filled(registry), limit=2)
    registry.inventory.digests(UNIT, "another")
    assert entries(registry) == [("list", who, "inventory", UNIT.key, []) for who in ("a test", "another")]


def test_nobody_lists_without_a_name(registry):
    with pytest.raises(ReasonMissing):
        registry.inventory.page(UNIT, " ", None, 10)


def test_the_digests_are_those_of_the_records(registry):
    found = filled(registry).inventory.digests(UNIT, "a test")
    rows = naive_inventory(registry, UNIT, found.salt)
    schema = {"record_type": pl.String, "local_id": pl.String, "fingerprint": pl.String}
    naive = pl.DataFrame(rows, schema=schema, orient="row")
    assert set(found.digests) == set(naive["record_type"])
    for name, one in found.digests.items():
        of_type = naive.filter(pl.col("record_type") == name)
        assert (one.records, one.hash) == (of_type.height, digest(of_type.drop("record_type").reverse())), name


def test_an_empty_registry_has_an_empty_inventory(registry):
    rows, *_ = everything(registry)
    assert rows == []
    assert registry.inventory.digests(UNIT, "a test").digests == {}


class TestCursor:
    def test_it_is_for_one_unit_and_one_registry(self, registry):
        page = filled(registry).inventory.page(UNIT, "a test", None, 2)
        for unit, after in ((OTHER, page.after), (UNIT, page.after[:-2]), (UNIT, "x"), (UNIT, "é"), (UNIT, "")):
            with pytest.raises(CursorUnknown):
                registry.inventory.page(unit, "a test", after, 2)

    def test_it_is_of_no_use_after_a_day(self, open_registry):
        clock = SettableClock(START)
        registry = filled(open_registry(clock=clock))
        after = registry.inventory.page(UNIT, "a test", None, 2).after
        clock.advance(dt.timedelta(hours=24))
        registry.inventory.page(UNIT, "a test", after, 2)
        clock.advance(dt.timedelta(seconds=1))
        with pytest.raises(CursorUnknown):
            registry.inventory.page(UNIT, "a test", after, 2)

    def test_it_says_nothing(self, registry):
        page = filled(registry).inventory.page(UNIT, "a test", None, 2)
        assert page.salt not in page.after
        assert page.salt not in repr(page)


def test_it_says_how_far_the_inbox_is_read_and_what_is_held(registry):
    inbox = ListInbox(
        message(1, services(service("T-1"))),
        spoiled(message(2, services(service("T-2")))),
        message(3, deletions=["T-9"]),
    )
    registry.ingest(inbox)
    for found in (registry.inventory.page(UNIT, "a test", None, 9), registry.inventory.digests(UNIT, "a test")):
        assert (found.progress.position, found.progress.held) == (3, 2)
    assert registry.inventory.page(OTHER, "a test", None, 9).progress.held == 0
