"""Who a person is, apart from what is known about them.

Content has a `person_key`: a keyed pseudonym of the national number or, where there is none, of the unit and its local
id. The number itself is in one table, sealed with a key of its own, and whoever reads it leaves an entry in the audit log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import Clock
from ktt.domain.unit import ReportingUnit
from ktt.registry.audit import MANY, Act, AuditLog, Entry
from ktt.registry.canonical_json import keyed_hash
from ktt.registry.columns import fetch, insert, looking_up_keys, stage, writing
from ktt.registry.tables import IDENTITY, STAGED
from ktt.storage.database import Database
from ktt.storage.vault import Vault


@dataclass(frozen=True, slots=True)
class Identity:
    """One national number, with its kind (`national`, `d`, `duf`, `other`). Its repr shows neither."""

    number: str = field(repr=False)
    kind: str = field(repr=False)


class Identities:
    """The one way from a person key to a number, and from a number to a person key."""

    def __init__(self, database: Database, vault: Vault, clock: Clock, many: int = MANY) -> None:
        self._database, self._vault = database, vault
        self._secret = vault.derive("registry-person-key").hex()
        self.audit = AuditLog(database, vault, clock, many)

    def with_keys(self, people: pl.DataFrame) -> pl.DataFrame:
        """`people` (unit, local_person_id, person_number …) with `person_key` added."""
        named = pl.concat_str(pl.lit("number|"), "person_number")
        local = pl.concat_str(pl.lit("local|"), "unit", pl.lit("|"), "local_person_id")
        text, digest = keyed_hash(self._secret, pl.coalesce(named, local), "person_key")
        return people.with_columns(text).with_columns(digest)

    def keep(self, connection: Connection, people: pl.DataFrame) -> None:
        """Seal and store the numbers that are not there yet. `people` has person_key, person_number, person_number_kind."""
        numbered = people.filter(pl.col("person_number").is_not_null()).unique("person_key", keep="first")
        stage(connection, numbered.select(local_id="person_key"))
        query = sa.select(IDENTITY.c.person_key).join(STAGED, _STAGED_KEY)
        with looking_up_keys(connection):
            known = fetch(connection, query, {"person_key": pl.String()})
        unknown = numbered.join(known, on="person_key", how="anti").sort("person_key")
        numbers = unknown.select("person_key", "person_number").rows()
        sealed = [self._vault.seal(number.encode(), _context(key)) for key, number in numbers]
        rows = unknown.select("person_key", kind=pl.col("person_number_kind").fill_null("other"))
        insert(connection, IDENTITY, rows.with_columns(pl.Series("sealed", sealed, dtype=pl.Binary)))

    def reveal(self, person_keys: Sequence[str], who: str, why: str, act: Act = "look") -> Mapping[str, Identity]:
        """The numbers behind these keys, where there are any. The entry in the log is committed before one is opened."""
        self.note_looks(person_keys, who, why, act)
        wanted = pl.DataFrame({"local_id": sorted(set(person_keys))}, schema={"local_id": pl.String})
        with writing(self._database) as connection:
            stage(connection, wanted)
            found = connection.execute(sa.select(IDENTITY).join(STAGED, _STAGED_KEY)).all()
        return {
            row.person_key: Identity(self._vault.open(row.sealed, _context(row.person_key)).decode(), row.kind)
            for row in found
        }

    def note_looks(self, person_keys: Sequence[str], who: str, why: str, act: Act = "look") -> None:
        """Commit an entry about these persons, before what is known of them is read; ReasonMissing."""
        self.audit.note(Entry(act, who, why), person_keys)

    def number_key(self, number: str) -> str:
        """The key of whoever has the number."""
        return self._key({"unit": "", "local_person_id": "", "person_number": number})

    def local_key(self, unit: ReportingUnit, local_id: str) -> str:
        """The key of a unit's local person who has no number."""
        return self._key({"unit": unit.key, "local_person_id": local_id, "person_number": None})

    def _key(self, person: Mapping[str, str | None]) -> str:
        one = pl.DataFrame([person], schema=dict.fromkeys(person, pl.String()))
        return str(self.with_keys(one)["person_key"].item())

    def note_listing(self, unit: ReportingUnit, who: str, why: str) -> None:
        """Commit the one entry that tells of a listing of a unit's inventory, before any number is `opened` for it."""
        self.audit.note(Entry("list", who, why, unit.key))

    def opened(self, connection: Connection, person_keys: sa.Select[tuple[str]]) -> pl.DataFrame:
        """The numbers behind the keys that the query gives, to be hashed and let go: person_key, person_number, kind.

        For a listing that `note_listing` has written down.
        """
        found = connection.execute(sa.select(IDENTITY).where(IDENTITY.c.person_key.in_(person_keys))).all()
        numbers = [self._vault.open(row.sealed, _context(row.person_key)).decode() for row in found]
        columns = {
            "person_key": [row.person_key for row in found],
            "person_number": numbers,
            "person_number_kind": [row.kind for row in found],
        }
        return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String()))


_STAGED_KEY = IDENTITY.c.person_key == STAGED.c.local_id


def _context(person_key: str) -> str:
    return f"registry/identity/{person_key}"
