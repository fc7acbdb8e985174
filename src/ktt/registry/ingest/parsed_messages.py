"""A page of accepted messages as the rows it would become: one frame for each record type, the whole page at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from itertools import accumulate

import polars as pl

from ktt.domain.records import ALL_TYPES, RECIPIENT, ROOTS
from ktt.domain.schema import DTYPES, RecordType
from ktt.messages.decoded import BATCH, DecodedMessages
from ktt.registry.canonical_json import json_lists, json_object, keyed_hash
from ktt.registry.identity.identities import Identities
from ktt.registry.ingest.page_parser import ParsedPage
from ktt.registry.tables import LAYOUTS, Layout


class ParsedMessages:
    """The messages to ingest of a page. `batch` numbers what one message says about one unit (messages § 4)."""

    def __init__(self, page: ParsedPage, identities: Identities, secret: str) -> None:
        self._identities, self._secret, self._decoded = identities, secret, page.decoded
        self._first = [0, *accumulate(len(one.content.batches) for one in page.decoded)]
        self._origin = self._origins({message.position for message in page.ready})
        self.people = self._people()

    def events(self) -> list[tuple[Layout, pl.DataFrame]]:
        """For each layout that the messages are about: its upserts and deletions; of a message the deletions first."""
        present = {name for one in self._decoded for name in (*one.content.records, *one.content.deletions)}
        recipients = LAYOUTS[RECIPIENT.name]
        people = self.people.select(name for name in recipients.schema if name != "version")
        return [
            (recipients, people),
            *((LAYOUTS[kind.name], self._events(LAYOUTS[kind.name])) for kind in ROOTS if kind.name in present),
        ]

    def complete(self) -> list[tuple[Layout, str, pl.DataFrame]]:
        """For each type inside others: the column with the id of the one around, and those that have all of theirs.

        The frame has `municipality`, `unit`, `position`, `known_from` and `local_id`.
        """
        kinds = {inner: outer for one in self._decoded for inner, (outer, _) in one.content.complete.items()}
        empty = pl.DataFrame(schema={"local_id": pl.String()})
        return [
            (LAYOUTS[inner], outer, self._gathered(empty, partial(_ids_around, inner)).drop(BATCH))
            for inner, outer in kinds.items()
        ]

    def record_counts(self) -> pl.DataFrame:
        """`position` and `records`: how many records each message has, deletions not counted; none for 0."""
        kinds = (self._gathered(pl.DataFrame(), partial(_batches, kind)) for kind in ROOTS)
        return pl.concat(kinds).group_by("position").agg(records=pl.len().cast(pl.Int64))

    def _origins(self, ready: set[int]) -> pl.DataFrame:
        """Where the rows of each batch come from, of the messages to ingest."""
        rows = [
            (first + nth, unit.municipality, unit.key, message.position, message.received_at)
            for first, one in zip(self._first, self._decoded, strict=False)
            for nth, (at, unit) in enumerate(one.content.batches)
            if (message := one.messages[at]).position in ready
        ]
        return pl.DataFrame(rows, schema=_ORIGIN, orient="row")

    def _gathered(self, empty: pl.DataFrame, of: Callable[[DecodedMessages], pl.DataFrame | None]) -> pl.DataFrame:
        """A frame of everything decoded, one after the other, with where each row comes from."""
        found = [
            frame.with_columns(pl.col(BATCH) + first)
            for first, one in zip(self._first, self._decoded, strict=False)
            if (frame := of(one.content)) is not None
        ]
        together = pl.concat([empty.with_columns(pl.lit(None, pl.Int64).alias(BATCH)), *found])
        return together.join(self._origin, on=BATCH, maintain_order="left")

    def _of_type(self, record_type: RecordType) -> pl.DataFrame:
        return self._gathered(record_type.empty(), lambda content: content.records.get(record_type.name))

    def _events(self, layout: Layout) -> pl.DataFrame:
        """A batch's deletions come before its records: a record that is in both stays."""
        name, empty = layout.record_type.name, pl.DataFrame(schema={layout.key: pl.String()})
        deleted = self._gathered(empty, lambda content: content.deletions.get(name))
        events = [layout.row.drop("version"), deleted.with_columns(deleted=pl.lit(value=True)), self._records(layout)]
        return pl.concat(events, how="diagonal").drop(BATCH)

    def _people(self) -> pl.DataFrame:
        """Everybody the messages are about, with number and key; of a person who is in a batch twice, the last row."""
        people = self._of_type(RECIPIENT).unique([BATCH, RECIPIENT.key], keep="last", maintain_order=True)
        keyed = self._identities.with_keys(people.sort("position", maintain_order=True))
        return with_fingerprint(RECIPIENT.name, keyed, self._secret).with_columns(deleted=pl.lit(value=False))

    def _records(self, layout: Layout) -> pl.DataFrame:
        record_type = layout.record_type
        keys = self.people.select(BATCH, "local_person_id", "person_key")
        rows = self._of_type(record_type).join(keys, on=[BATCH, "local_person_id"], how="left", maintain_order="left")
        for part in layout.parts:
            by = (BATCH, layout.key)
            parts = self._of_type(part).sort(part.order, maintain_order=True)
            lists = json_lists(parts, by, part.name, _part(part.name))
            rows = rows.join(lists, on=by, how="left", maintain_order="left")
        return with_fingerprint(record_type.name, rows, self._secret).with_columns(deleted=pl.lit(value=False))


def _ids_around(inner: str, content: DecodedMessages) -> pl.DataFrame | None:
    return content.complete[inner][1] if inner in content.complete else None


def _batches(record_type: RecordType, content: DecodedMessages) -> pl.DataFrame | None:
    frame = content.records.get(record_type.name)
    return None if frame is None else frame.select(BATCH)


def with_fingerprint(name: str, rows: pl.DataFrame, secret: str) -> pl.DataFrame:
    """The rows of a root type, as they are stored, with `fingerprint`: what tells two versions of a record apart.

    Hashed over the pseudonym, so that a stolen fingerprint says nothing about the number, even beside its key.
    """
    if name == RECIPIENT.name:
        state = pl.concat_str("person_key", pl.lit("|"), pl.col("died_on").cast(pl.String).fill_null(""))
        return rows.with_columns(fingerprint=state)
    text, digest = keyed_hash(secret, _content(name), "fingerprint")
    return rows.with_columns(text).with_columns(digest)


_ORIGIN = {
    BATCH: pl.Int64(),
    "municipality": pl.String(),
    "unit": pl.String(),
    "position": pl.Int64(),
    "known_from": DTYPES["instant"],
}


@cache
def _part(name: str) -> pl.Expr:
    """One row of a part as JSON, without its parent's key."""
    part = ALL_TYPES[name]
    return json_object({column: dtype for column, dtype in part.schema.items() if column != part.parent_key})


@cache
def _content(name: str) -> pl.Expr:
    """What tells two versions of a record of a root type apart, as one text."""
    columns = {c.name: c.dtype for c in ALL_TYPES[name].columns if c.content} | {"person_key": pl.String()}
    parts = (pl.col(part.name) for part in LAYOUTS[name].parts)
    return pl.concat_str(json_object(columns), *parts, separator="|", ignore_nulls=True)
