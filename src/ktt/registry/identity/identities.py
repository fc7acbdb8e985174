"""Who a person is, apart from what is known about them.

Content has a `person_key`: a keyed pseudonym of the national number or, where there is none, of the unit and its local
id. The number itself is in one table, sealed with a key of its own, and whoever reads it leaves an entry in the audit log.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import Clock
from ktt.domain.unit import ReportingUnit
from ktt.registry.canonical_json import keyed_hash
from ktt.registry.columns import fetch, insert, looking_up_keys, stage, writing
from ktt.registry.identity.audit import MANY, Act, AuditLog, Entry
from ktt.registry.identity.vault_check import IDENTITY as IDENTITY_VAULT
from ktt.registry.identity.vault_check import write_down_missing
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
        self._derive = vault.derive
        self.audit = AuditLog(database, vault, clock, many)

    def with_keys(self, people: pl.DataFrame) -> pl.DataFrame:
        """`people` (unit, local_person_id, person_number …) with `person_key` added."""
        named = pl.concat_str(pl.lit("number|"), "person_number")
        local = pl.concat_str(pl.lit("local|"), "unit", pl.lit("|"), "local_person_id")
        text, digest = keyed_hash(self._secret, pl.coalesce(named, local), "person_key")
        return people.with_columns(text).with_columns(digest)

    def keep(self, connection: Connection, people: pl.DataFrame) -> None:
        """Seal and store the numbers that are not there yet. `people` has person_key, person_number, person_number_kind.

        VaultNotInUse when the key was exchanged meanwhile.
        """
        write_down_missing(connection, {IDENTITY_VAULT: self._vault})
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

    def sealed(self, people: pl.DataFrame) -> pl.DataFrame:
        """Rows of the table of identities: `people` has new (the key), number, kind."""
        sealed = [
            self._vault.seal(number.encode(), _context(key)) for key, number in people.select("new", "number").rows()
        ]
        return people.select(person_key="new", kind="kind").with_columns(pl.Series("sealed", sealed, dtype=pl.Binary))

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

    def opened_keys(self, connection: Connection, person_keys: Sequence[str]) -> list[Identity]:
        """The numbers behind these keys, by kind and number. Whoever asks has written it down."""
        found = connection.execute(sa.select(IDENTITY).where(IDENTITY.c.person_key.in_(person_keys))).all()
        opened = [Identity(self._vault.open(one.sealed, _context(one.person_key)).decode(), one.kind) for one in found]
        return sorted(opened, key=lambda one: (one.kind, one.number))

    def birth_days(self, connection: Connection, person_keys: Sequence[str]) -> dict[str, str]:
        """What a D-number and the national number of one person have alike, by key: the day of birth, as it is written.

        It is opened to be compared and let go. National numbers are told apart by it only together with a D-number.
        """
        kinds = IDENTITY.c.kind.in_(["national", "d"])
        query = sa.select(IDENTITY).where(IDENTITY.c.person_key.in_(person_keys), kinds)
        rows = connection.execute(query).all()
        if {row.kind for row in rows} != {"national", "d"}:
            return {}
        opened = {row.person_key: (row.kind, self._vault.open(row.sealed, _context(row.person_key))) for row in rows}
        days = {key: _birth_day(kind, number.decode()) for key, (kind, number) in opened.items()}
        with_d = {days[key] for key, (kind, _) in opened.items() if kind == "d"}
        national = Counter(days[key] for key, (kind, _) in opened.items() if kind == "national")
        return {key: day for key, day in days.items() if day in with_d and national[day] <= 1}

    def secret_for(self, purpose: str) -> bytes:
        """A key of the identities for something else that must not tell a person."""
        return self._derive(f"registry-{purpose}")


_STAGED_KEY = IDENTITY.c.person_key == STAGED.c.local_id


def _birth_day(kind: str, number: str) -> str:
    return f"{int(number[0]) - 4}{number[1:6]}" if kind == "d" else number[:6]


def _context(person_key: str) -> str:
    return f"registry/identity/{person_key}"
