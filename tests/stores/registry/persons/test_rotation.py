"""Keys exchanged, on SQLite and PostgreSQL: nothing else changes, whenever it is killed, and the old keys open nothing."""

from __future__ import annotations

import polars as pl
import pytest
import sqlalchemy as sa

from ktt.messages.register import find
from ktt.receiver.service.rotation import reseal_receiver
from ktt.receiver.store.content_hash import open_hash, seal_hash, seal_plain_hashes
from ktt.receiver.store.inbox import SqlInbox
from ktt.receiver.store.tables import RECEIPT
from ktt.registry import Registry
from ktt.registry.errors import VaultNotInUse
from ktt.registry.identity import rotation
from ktt.registry.identity.rotation import Keys, Rotation
from ktt.registry.persons.whom import NumberedPerson
from ktt.registry.verification import Verifier
from ktt.storage.errors import SealBroken
from ktt.storage.vault import Vault
from support.audit_entries import entries
from support.registry_inbox import NUMBERS, OTHER, UNIT, a_decision, message, recipient, service, services
from support.registry_persons import person_place


@pytest.fixture
def place(any_database_url, tmp_path):
    with person_place(any_database_url, tmp_path) as opened:
        nameless = [recipient("9", None)]
        opened.accepted(
            message(1, services(service("T-1"), service("T-2", "2"), service("T-9", "9"), people=nameless)),
            message(2, services(service("T-1", service_type="18")), deletions=["T-2"]),
            message(3, a_decision(), record_type="decision"),
            message(4, services(service("T-1")), unit=OTHER),
        )
        opened.registry.identities.note_looks(sorted(opened.registry.people(UNIT)["person_key"]), "Ingrid", "before")
        yield opened


NEW = Keys(Vault(bytes(range(32))), Vault(bytes(range(1, 33))))


def rotate(place):
    Rotation(place.database, Keys(*place.keys[:2]), NEW, place.clock).run("Ingrid", "yearly")


def under(place, keys):
    return Registry(place.database, keys.registry, keys.identity, place.clock, find)


def told(registry):
    """Everything that is held, with numbers in the place of keys."""
    found = {}
    for unit in (UNIT, OTHER):
        for name in ("recipient", "care_service", "decision"):
            rows = registry.versions(unit, name)
            keys = rows["person_key"].drop_nulls().unique().to_list()
            numbers = {key: one.number for key, one in registry.identities.reveal(keys, "test", "compare").items()}
            named = rows.with_columns(pl.col("person_key").replace_strict(numbers, default=None))
            found[unit.key, name] = named.drop("fingerprint").rows()
    return found


class TestTheRegistry:
    def test_only_the_keys_change(self, place):
        before = told(place.registry)
        keys = place.registry.people(UNIT)["person_key"].to_list()
        rotate(place)
        registry = under(place, NEW)
        assert told(registry) == before
        assert not {*keys} & {*registry.people(UNIT)["person_key"]}
        found = Verifier(place.database, NEW.registry, NEW.identity, place.clock, find).run(place.inbox, place.folder)
        assert found.holds, found
        acts = [(act, why, len(keys)) for act, _, why, _, keys in entries(registry) if why != "compare"]
        assert acts == [("look", "before", 3), ("rotate", "yearly", 0)]

    def test_who_has_looked_at_one_is_found_under_the_new_keys(self, place):
        rotate(place)
        registry = under(place, NEW)
        assert registry.identities.number_key(NUMBERS["1"]) in entries(registry)[0][-1]

    def test_the_old_keys_are_refused(self, place):
        rotate(place)
        with pytest.raises(VaultNotInUse):
            Registry(place.database, *place.keys[:2], place.clock, find).ingest(place.inbox)
        with pytest.raises(VaultNotInUse):
            place.accepted(message(5, services(service("T-5"))))  # by a process that had begun under the old ones
        assert Registry(place.database, NEW.registry, NEW.identity, place.clock, find).ingest(place.inbox).messages == 1
        with pytest.raises(VaultNotInUse):
            rotate(place)

    @pytest.mark.parametrize("where", ["_rename", "with_fingerprint", "write_down"])
    def test_killed_in_the_middle_twice_it_is_the_same(self, place, monkeypatch, where):
        before = told(place.registry)
        for kill in (1, 2):
            left = [kill]
            whole = getattr(rotation, where)

            def killed(*words, left=left, whole=whole):
                left[0] -= 1
                if not left[0]:
                    raise KeyboardInterrupt
                return whole(*words)

            with monkeypatch.context() as patch:
                patch.setattr(rotation, where, killed)
                if where == "write_down" and kill > 1:
                    continue
                with pytest.raises(KeyboardInterrupt):
                    rotate(place)
            assert place.verify().holds
        rotate(place)
        assert told(under(place, NEW)) == before


class TestTheReceiver:
    def test_all_is_under_the_new_vault_alone(self, place, tmp_path):
        new = Vault(bytes(range(2, 34)))
        before, hashes = place.stored(), plain_hashes(place, place.keys[2])
        for _ in range(2):  # again, it changes nothing
            reseal_receiver(place.database, tmp_path / "none", place.keys[2], new)
        assert {one.position: one.payload for one in SqlInbox(place.database, new).after(0, 100)} == before
        assert plain_hashes(place, new) == hashes
        with pytest.raises(SealBroken):
            place.stored()

    def test_what_opens_under_neither_changes_nothing(self, place, tmp_path):
        stranger = Vault(bytes(range(3, 35)))
        with pytest.raises(SealBroken):
            reseal_receiver(place.database, tmp_path / "none", stranger, Vault(bytes(32)))
        assert len(place.stored()) == 4

    def test_hashes_of_an_earlier_version_are_sealed(self, place):
        with place.database.reading() as connection:
            plain = connection.scalars(sa.select(RECEIPT.c.msg_hash).order_by(RECEIPT.c.position)).all()
        assert {len(one) for one in plain} == {32}
        assert seal_plain_hashes(place.database, place.keys[2]) == 4
        assert seal_plain_hashes(place.database, place.keys[2]) == 0
        with place.database.reading() as connection:
            sealed = connection.scalars(sa.select(RECEIPT.c.msg_hash).order_by(RECEIPT.c.position)).all()
        assert sealed == [seal_hash(place.keys[2], one) for one in plain]
        assert [open_hash(place.keys[2], one) for one in sealed] == plain


def plain_hashes(place, vault):
    with place.database.reading() as connection:
        return [open_hash(vault, one) for one in connection.scalars(sa.select(RECEIPT.c.msg_hash))]


def test_a_person_is_deleted_after_a_rotation(place):
    rotate(place)
    place.keys[:2] = [NEW.registry, NEW.identity]
    place.deletion._identities = under(place, NEW).identities
    place.erase(NumberedPerson(NUMBERS["1"]))
    assert place.verify().holds
