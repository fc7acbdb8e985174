"""Persons apart from content, on SQLite and PostgreSQL: sealed numbers, pseudonyms, and the log of who looked."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ktt.registry import Registry
from ktt.registry.errors import ReasonMissing, VaultNotInUse
from ktt.registry.tables import IDENTITY
from ktt.storage.errors import SealBroken
from ktt.storage.vault import write_secret
from support.audit_entries import entries
from support.registry_inbox import (
    NUMBERS,
    OTHER,
    STORED,
    UNIT,
    ListInbox,
    a_decision,
    message,
    recipient,
    service,
    services,
)


class TestIdentity:
    def test_content_never_holds_a_number(self, registry):
        registry.ingest(ListInbox(message(1, services(service("T-1"), service("T-2", "2")))))
        with registry._database.reading() as connection:
            for table in STORED:
                for row in connection.execute(sa.select(table)):
                    assert not any(number in str(row) for number in NUMBERS.values()), table.name

    def test_a_look_is_written_down_before_the_answer(self, registry):
        registry.ingest(ListInbox(message(1, services(service("T-1"), service("T-2", "2")))))
        people = dict(registry.people(UNIT).select("local_person_id", "person_key").rows())
        seen = registry.identities.reveal([people["1"]], "Ingrid", "follow-up 12")
        assert {key: one.number for key, one in seen.items()} == {people["1"]: NUMBERS["1"]}
        assert NUMBERS["1"] not in repr(seen)
        assert entries(registry) == [("look", "Ingrid", "follow-up 12", None, [people["1"]])]

    def test_every_person_of_a_look_is_written_down_once(self, registry):
        registry.ingest(ListInbox(message(1, services(service("T-1"), service("T-2", "2"), service("T-3", "3")))))
        keys = registry.people(UNIT)["person_key"].to_list()
        assert len(registry.identities.reveal([*keys, keys[0]], "Ingrid", "follow-up 12")) == 3
        assert entries(registry) == [("look", "Ingrid", "follow-up 12", None, sorted(keys))]

    def test_a_look_stays_on_record_when_no_number_can_be_opened(self, registry, open_registry, tmp_path):
        registry.ingest(ListInbox(message(1, services(service("T-1")))))
        (key,) = registry.people(UNIT)["person_key"]
        (tmp_path / "identity.key").unlink()
        with pytest.raises(SealBroken):
            open_registry().identities.reveal([key], "Ingrid", "after the key was lost")
        assert entries(registry) == [("look", "Ingrid", "after the key was lost", None, [key])]

    def test_a_sealed_number_opens_for_its_own_person_only(self, registry):
        registry.ingest(ListInbox(message(1, services(service("T-1"), service("T-2", "2")))))
        keys = registry.people(UNIT)["person_key"].to_list()
        with registry._database.transaction() as connection:
            sealed = dict(connection.execute(sa.select(IDENTITY.c.person_key, IDENTITY.c.sealed)).all())
            moved = sa.update(IDENTITY).where(IDENTITY.c.person_key == keys[0]).values(sealed=sealed[keys[1]])
            connection.execute(moved)
        with pytest.raises(SealBroken):
            registry.identities.reveal([keys[0]], "Ingrid", "a row that was moved")

    def test_a_number_is_stored_once_with_its_kind(self, registry):
        registry.ingest(ListInbox(message(1, services(service("T-1"))), message(2, services(service("T-2")))))
        registry.ingest(
            ListInbox(message(3, services(service("T-3"))), message(4, services(service("T-4")), unit=OTHER))
        )
        with registry._database.reading() as connection:
            rows = connection.execute(sa.select(IDENTITY.c.person_key, IDENTITY.c.kind)).all()
        assert rows == [(registry.people(UNIT)["person_key"][0], "national")]

    def test_a_pseudonym_needs_the_key_of_the_identities(self, registry, open_registry, tmp_path):
        registry.ingest(ListInbox(message(1, services(service("T-1")))))
        (tmp_path / "identity.key").unlink()
        another = open_registry()
        assert another.identities.number_key(NUMBERS["1"]) != registry.identities.number_key(NUMBERS["1"])
        with pytest.raises(VaultNotInUse):
            another.ingest(ListInbox(message(2, services(service("T-2")), unit=OTHER)))
        assert registry.people(OTHER).is_empty()

    @pytest.mark.parametrize(("who", "why"), [("", "a reason"), ("Ingrid", " ")])
    def test_a_look_without_a_reason_is_refused(self, registry, who, why):
        with pytest.raises(ReasonMissing):
            registry.identities.reveal(["k"], who, why)

    def test_a_late_number_makes_new_versions_and_leaves_the_past(self, registry):
        registry.ingest(ListInbox(message(1, services(service("T-1"), people=[recipient("1", None)]))))
        nameless = registry.people(UNIT)["person_key"][0]
        registry.ingest(ListInbox(message(2, services(service("T-1")))))
        frame = registry.versions(UNIT, "care_service")
        assert frame["version"].to_list() == [1, 2]
        assert frame["person_key"][0] == nameless != frame["person_key"][1]
        assert registry.versions(UNIT, "recipient")["person_key"].to_list() == frame["person_key"].to_list()
        assert registry.identities.reveal([nameless], "Ingrid", "test") == {}

    def test_one_person_in_two_units_has_one_key(self, registry):
        registry.ingest(
            ListInbox(message(1, services(service("T-1"))), message(2, services(service("T-1")), unit=OTHER))
        )
        assert registry.people(UNIT)["person_key"].to_list() == registry.people(OTHER)["person_key"].to_list()

    def test_without_a_number_two_units_have_two(self, registry):
        nameless = services(service("T-1"), people=[recipient("1", None)])
        registry.ingest(ListInbox(message(1, nameless), message(2, nameless, unit=OTHER)))
        assert registry.people(UNIT)["person_key"].to_list() != registry.people(OTHER)["person_key"].to_list()


def test_pseudonyms_and_fingerprints_are_those_of_earlier_releases(tmp_path):
    """Values of the first release. If they change, every person and every record looks like a new one."""
    for name in ("key", "identity.key"):
        write_secret(tmp_path / name, bytes(32).hex().encode())
    registry = Registry.open(f"sqlite:///{tmp_path / 'r.sqlite'}", tmp_path / "key", tmp_path / "identity.key")
    nameless = services(service("T-2", "2"), people=[recipient("2", None)])
    registry.ingest(
        ListInbox(
            message(1, a_decision(), record_type="decision"), message(2, nameless), message(3, services(service("T-1")))
        )
    )
    assert dict(registry.people(UNIT).select("local_person_id", "person_key").rows()) == {
        "1": "0f59cc1f568c1869d8a77c03cdc0c600",
        "2": "c3307f9e2b5fa562d826ffce814b5337",
    }
    assert registry.versions(UNIT, "decision")["fingerprint"].to_list() == ["e338ce05a9352fc4982558b33e897e93"]
    assert registry.versions(UNIT, "care_service")["fingerprint"].to_list() == [
        "4dc8bb587b07169751e30dc160a8ecbb",
        "3c4cdffd99983b577baad5a39761ef09",
    ]
    registry.close()
