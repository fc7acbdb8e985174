"""What only the registry's keys can tell: whether content has its own fingerprint, and persons their identity."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.domain.records import RECIPIENT
from ktt.registry.columns import fetch
from ktt.registry.identity.identities import Identities
from ktt.registry.ingest.parsed_messages import with_fingerprint
from ktt.registry.tables import IDENTITY, LAYOUTS, Layout
from ktt.registry.verification.inconsistency import Inconsistency, Verification
from ktt.registry.verification.versions import SHOWN

_PLACE = ("unit", "local_id", "version", "position")


def judge_fingerprints(connection: Connection, layout: Layout, secret: str, into: Verification) -> None:
    """Make the fingerprint of every version anew. A municipality at a time, which bounds what is in memory."""
    name = layout.record_type.name
    for rows in _by_municipality(connection, layout):
        anew = with_fingerprint(name, rows.rename({"fingerprint": "stored"}), secret)
        wrong = anew.filter(pl.col("stored") != pl.col("fingerprint")).rename({layout.key: "local_id"})
        places = wrong.sort(_PLACE[:3]).head(SHOWN).select(_PLACE).rows()
        into.add("fingerprint", [Inconsistency("fingerprint", name, *place) for place in places], wrong.height)


def judge_identities(connection: Connection, identities: Identities, into: Verification) -> None:
    """A key that is not made of unit and local id is made of a number, which must be kept; and no other number may be."""
    known = LAYOUTS[RECIPIENT.name].known
    columns = ("unit", "local_person_id", "person_key")
    text = dict.fromkeys(columns, pl.String())
    people = fetch(connection, sa.select(*(known.c[name] for name in columns)).distinct(), text)
    kept = fetch(connection, sa.select(IDENTITY.c.person_key), {"person_key": pl.String()})
    nameless = people.rename({"person_key": "stored"}).with_columns(person_number=pl.lit(None, pl.String))
    local = identities.with_keys(nameless).filter(pl.col("stored") == pl.col("person_key"))
    numbered = people.join(local.select("person_key"), on="person_key", how="anti")
    missing = numbered.join(kept, on="person_key", how="anti").sort(columns[:2])
    stray = kept.join(numbered, on="person_key", how="anti")
    places = [Inconsistency("identity", RECIPIENT.name, *row) for row in missing.select(columns[:2]).head(SHOWN).rows()]
    into.add("identity", places, missing.height)
    into.add("identity", [Inconsistency("identity", "identity")] if stray.height else [], stray.height)


def _by_municipality(connection: Connection, layout: Layout) -> Iterator[pl.DataFrame]:
    known = layout.known
    numbers = connection.scalars(sa.select(layout.current.c.municipality).distinct()).all()
    past = connection.scalars(sa.select(layout.history.c.municipality).distinct()).all()
    for number in sorted({*numbers, *past}):
        query = sa.select(known).where(known.c.municipality == number, ~known.c.deleted)
        yield fetch(connection, query, layout.known_schema)
