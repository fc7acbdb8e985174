"""Exchanging the registry's keys: every fingerprint, pseudonym and sealed number made anew, in one transaction.

Until it is committed the registry is under the old keys, and after that under the new ones; what is killed is done again
from the beginning and gives the same. `vault_check` tells which of the two it is, so that whoever comes with the other
keys is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import Clock
from ktt.domain.records import RECIPIENT
from ktt.registry.columns import fetch, insert, writing
from ktt.registry.identity.audit import Entry, Head
from ktt.registry.identity.identities import Identities
from ktt.registry.identity.vault_check import IDENTITY as IDENTITY_VAULT
from ktt.registry.identity.vault_check import REGISTRY, check_value, require, write_down
from ktt.registry.ingest.parsed_messages import with_fingerprint
from ktt.registry.tables import (
    AUDIT_HEAD,
    AUDIT_SUBJECT,
    IDENTITY,
    INGEST_POSITION,
    LAYOUTS,
    PERSON_LINK,
    VAULT_CHECK,
    Layout,
)
from ktt.storage.database import Database
from ktt.storage.vault import Vault

Step = Callable[[int], object]
_AT_A_TIME = 50_000  # sealed numbers opened and sealed at a time
_KEYS = {"old": pl.String(), "new": pl.String()}


@dataclass(frozen=True, slots=True)
class Keys:
    """The two vaults of a registry."""

    registry: Vault = field(repr=False)
    identity: Vault = field(repr=False)

    @property
    def named(self) -> dict[str, Vault]:
        """By the names that `vault_check` has."""
        return {REGISTRY: self.registry, IDENTITY_VAULT: self.identity}


def is_under(database: Database, keys: Keys) -> bool:
    """Whether the registry uses these keys already."""
    with database.reading() as connection:
        stored = dict(map(tuple, connection.execute(sa.select(VAULT_CHECK))))
    return stored == {name: check_value(vault) for name, vault in keys.named.items()}


class Rotation:
    """From the old keys to the new ones."""

    def __init__(self, database: Database, old: Keys, new: Keys, clock: Clock) -> None:
        self._database, self._old, self._new = database, old, new
        self._before = Identities(database, old.identity, clock)
        self._after = Identities(database, new.identity, clock)
        self._secret = new.registry.derive("registry-fingerprint").hex()

    def run(self, who: str, why: str, step: Step = lambda _done: None) -> None:
        """Exchange them; VaultNotInUse when the old ones are not in use. An ingest under way gives its page up."""
        with writing(self._database) as connection:
            require(connection, self._old.named)
            connection.execute(sa.update(INGEST_POSITION).values(releases=INGEST_POSITION.c.releases + 1))
            keys = pl.concat([self._numbered(connection), self._nameless(connection)])
            for done, (layout, table, municipality) in enumerate(_pieces(connection)):
                self._rewrite(connection, layout, table, municipality, keys)
                step(done + 1)
            _rename(connection, AUDIT_SUBJECT, "person_key", keys)
            _rename(connection, PERSON_LINK, "person_key", keys)
            _rename(connection, PERSON_LINK, "same_as", keys)
            head = connection.execute(sa.select(AUDIT_HEAD)).one()
            self._after.audit.seal(connection, Head(head.number, head.hash))
            self._after.audit.append(connection, Entry("rotate", who, why))
            write_down(connection, self._new.named)

    def _numbered(self, connection: Connection) -> pl.DataFrame:
        """Seal every number anew under its new key; the old and the new keys."""
        keys, last = [pl.DataFrame(schema=_KEYS)], ""
        rows = [pl.DataFrame()]
        while not (page := self._page(connection, last)).is_empty():
            last = str(page["old"][-1])
            keys.append(page.select("old", "new"))
            rows.append(self._after.sealed(page.select("new", "number", "kind")))
        connection.execute(sa.delete(IDENTITY))
        for frame in rows[1:]:
            insert(connection, IDENTITY, frame)
        return pl.concat(keys)

    def _page(self, connection: Connection, after: str) -> pl.DataFrame:
        wanted = sa.select(IDENTITY.c.person_key).where(IDENTITY.c.person_key > after).order_by(IDENTITY.c.person_key)
        opened = self._before.opened(connection, wanted.limit(_AT_A_TIME)).sort("person_key")
        named = opened.select(
            "person_number",
            old="person_key",
            kind="person_number_kind",
            unit=pl.lit(""),
            local_person_id=pl.lit(""),
        )
        return self._after.with_keys(named).rename({"person_key": "new", "person_number": "number"})

    def _nameless(self, connection: Connection) -> pl.DataFrame:
        """The keys of local persons without number."""
        known = LAYOUTS[RECIPIENT.name].known.c
        columns = ("unit", "local_person_id", "person_key")
        people = fetch(
            connection,
            sa.select(*(known[name] for name in columns)).where(known.person_key.is_not(None)).distinct(),
            dict.fromkeys(columns, pl.String()),
        )
        plain = people.rename({"person_key": "old"}).with_columns(person_number=pl.lit(None, pl.String))
        mine = self._before.with_keys(plain).filter(pl.col("person_key") == pl.col("old")).drop("person_key")
        return self._after.with_keys(mine).select("old", new="person_key")

    def _rewrite(
        self, connection: Connection, layout: Layout, table: sa.Table, municipality: str, keys: pl.DataFrame
    ) -> None:
        """One municipality's rows of a table, which bounds what is in memory."""
        mine = table.c.municipality == municipality
        schema = {column.name: layout.known_schema[column.name] for column in table.columns}
        rows = fetch(connection, sa.select(table).where(mine), schema)
        named = rows.join(keys, left_on="person_key", right_on="old", how="left", maintain_order="left")
        anew = with_fingerprint(
            layout.record_type.name, named.with_columns(person_key="new").drop("new", "fingerprint"), self._secret
        )
        kept = anew.with_columns(fingerprint=pl.when(~pl.col("deleted")).then(pl.col("fingerprint")))
        connection.execute(sa.delete(table).where(mine))
        insert(connection, table, kept.select(list(schema)))


def _pieces(connection: Connection) -> Iterator[tuple[Layout, sa.Table, str]]:
    for layout in LAYOUTS.values():
        for table in (layout.current, layout.history):
            numbers = connection.scalars(sa.select(table.c.municipality).distinct()).all()
            yield from ((layout, table, number) for number in sorted(numbers))


def _rename(connection: Connection, table: sa.Table, column: str, keys: pl.DataFrame) -> None:
    """Put the new keys in the place of the old ones. A row whose key nobody has any more goes."""
    of = table.c[column]
    stored = set(connection.scalars(sa.select(of).distinct()))
    known = {old: new for old, new in keys.rows() if old in stored}
    for old in stored - known.keys():
        connection.execute(sa.delete(table).where(of == old))
    if known:
        change = sa.update(table).where(of == sa.bindparam("o")).values({column: sa.bindparam("n")})
        connection.execute(change, [{"o": old, "n": new} for old, new in known.items()])
