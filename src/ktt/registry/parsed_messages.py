"""A page of accepted messages as the rows it would become: one frame for each record type, the whole page at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, repeat

import polars as pl

from ktt.domain.records import ALL_TYPES, RECIPIENT, ROOTS, frame_of
from ktt.domain.schema import DTYPES, RecordType
from ktt.messages.contract import AcceptedMessage
from ktt.messages.version import MessageVersion, UnitBatch
from ktt.registry.canonical_json import json_lists, json_object, keyed_hash
from ktt.registry.errors import DuplicateRecord
from ktt.registry.identity import Identities
from ktt.registry.tables import LAYOUTS, Layout

FindVersion = Callable[[str, str], MessageVersion]


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """One message with its content. It may be about several units (messages § 4); the receiver has checked each of them."""

    message: AcceptedMessage
    batches: Sequence[UnitBatch] = field(repr=False)

    @property
    def records(self) -> int:
        """How many records it has, deletions not counted."""
        return sum(frame_of(batch.records, kind).height for batch in self.batches for kind in ROOTS)

    @property
    def is_complete_inside(self) -> bool:
        """Whether it has records inside others, so that what is not there any more is deleted."""
        return any(batch.complete for batch in self.batches)


def parse(find: FindVersion, message: AcceptedMessage) -> ParsedMessage:
    """The message decoded by its version; a KttError when that fails, DuplicateRecord when a record is there twice."""
    batches = find(message.message_type, message.version).read(message.payload)
    for batch, kind in ((batch, kind) for batch in batches for kind in ROOTS):
        roots = frame_of(batch.records, kind)
        if roots[kind.key].n_unique() < roots.height:
            raise DuplicateRecord(position=message.position, record_type=kind.name)
    return ParsedMessage(message, batches)


class ParsedMessages:
    """Several messages together, as frames. `batch` numbers the unit's batch of a message that a row comes from."""

    def __init__(self, messages: Sequence[ParsedMessage], identities: Identities, secret: str) -> None:
        self._identities, self._secret = identities, secret
        self._batches = [(message, batch) for message in messages for batch in message.batches]
        self._origin = pl.DataFrame(
            [
                (n, batch.unit.municipality, batch.unit.key, one.message.position, one.message.received_at)
                for n, (one, batch) in enumerate(self._batches)
            ],
            schema=_ORIGIN,
            orient="row",
        )
        self.people = self._people()

    def events(self) -> list[tuple[Layout, pl.DataFrame]]:
        """For each layout that the messages are about: its upserts and deletions, in the order of the messages."""
        present = {name for _, batch in self._batches for name in (*batch.records, *batch.deletions)}
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
        found = [
            (inner, outer, n, list(ids))
            for n, (_, batch) in enumerate(self._batches)
            for inner, (outer, ids) in batch.complete.items()
        ]
        schema = {"inner": pl.String(), "outer": pl.String(), "batch": pl.Int64(), "local_id": pl.List(pl.String())}
        rows = pl.DataFrame(found, schema=schema, orient="row").explode("local_id").drop_nulls()
        placed = rows.join(self._origin, on="batch", how="left").drop("batch")
        return [
            (LAYOUTS[str(inner)], str(outer), frame.drop("inner", "outer"))
            for (inner, outer), frame in placed.group_by("inner", "outer", maintain_order=True)
        ]

    def _events(self, layout: Layout) -> pl.DataFrame:
        """A batch's deletions come before its records: a record that is in both stays."""
        name = layout.record_type.name
        chosen = [
            (n, batch) for n, (_, batch) in enumerate(self._batches) if {name} & {*batch.records, *batch.deletions}
        ]
        deletions = pl.DataFrame(
            {"batch": [n for n, _ in chosen], layout.key: [list(batch.deletions.get(name, ())) for _, batch in chosen]},
            schema={"batch": pl.Int64, layout.key: pl.List(pl.String)},
        )
        deleted = deletions.explode(layout.key).drop_nulls().with_columns(deleted=pl.lit(value=True))
        events = pl.concat([deleted, self._records(layout, chosen)], how="diagonal")
        rows = events.join(self._origin, on="batch", how="left", maintain_order="left")
        return pl.concat([layout.row.drop("version"), rows.drop("batch")], how="diagonal")

    def _people(self) -> pl.DataFrame:
        """Everybody the messages are about, with number and key; of a person who is in a batch twice, the last row."""
        people = _gathered(RECIPIENT, list(enumerate(batch for _, batch in self._batches)))
        people = people.unique(["batch", "local_person_id"], keep="last", maintain_order=True)
        people = self._identities.with_keys(people.join(self._origin, on="batch", how="left", maintain_order="left"))
        return with_fingerprint(RECIPIENT.name, people, self._secret).with_columns(deleted=pl.lit(value=False))

    def _records(self, layout: Layout, batches: Sequence[tuple[int, UnitBatch]]) -> pl.DataFrame:
        record_type = layout.record_type
        keys = self.people.select("batch", "local_person_id", "person_key")
        rows = _gathered(record_type, batches).join(
            keys, on=["batch", "local_person_id"], how="left", maintain_order="left"
        )
        for part in layout.parts:
            by = ("batch", layout.key)
            parts = _gathered(part, batches).sort(part.order, maintain_order=True)
            lists = json_lists(parts, by, part.name, _part(part.name))
            rows = rows.join(lists, on=by, how="left", maintain_order="left")
        return with_fingerprint(record_type.name, rows, self._secret).with_columns(deleted=pl.lit(value=False))


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
    "batch": pl.Int64(),
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


def _gathered(record_type: RecordType, batches: Iterable[tuple[int, UnitBatch]]) -> pl.DataFrame:
    """The frames of one type from all batches, one after the other, with `batch`."""
    frames = [(n, frame_of(batch.records, record_type)) for n, batch in batches if record_type.name in batch.records]
    numbers = chain.from_iterable(repeat(n, frame.height) for n, frame in frames)
    together = pl.concat([record_type.empty(), *(frame for _, frame in frames)])
    return together.with_columns(pl.Series("batch", list(numbers), dtype=pl.Int64))
