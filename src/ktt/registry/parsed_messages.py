"""What a page of accepted messages says, as the rows it would become: one frame for each record type, whole page at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, repeat

import polars as pl

from ktt.domain.records import ALL_TYPES, RECIPIENT, frame_of
from ktt.domain.schema import DTYPES, RecordType
from ktt.messages.contract import AcceptedMessage
from ktt.messages.version import MessageVersion, UnitBatch
from ktt.registry.canonical_json import json_lists, json_object, keyed_hash
from ktt.registry.errors import SaidTwice
from ktt.registry.identity import Identities
from ktt.registry.tables import LAYOUTS, Layout

Find = Callable[[str, str], MessageVersion]


@dataclass(frozen=True, slots=True)
class Said:
    """One message, read. It may speak about several units (messages § 4); the receiver saw that all are allowed."""

    message: AcceptedMessage
    record_type: RecordType
    batches: Sequence[UnitBatch] = field(repr=False)

    @property
    def units(self) -> set[str]:
        """The units it speaks about, and the one whose line it came in."""
        return {self.message.unit.key, *(batch.unit.key for batch in self.batches)}

    @property
    def records(self) -> int:
        """How many records it has, deletions not counted."""
        return sum(frame_of(batch.records, self.record_type).height for batch in self.batches)


def read(find: Find, message: AcceptedMessage) -> Said:
    """The message by its version; a KttError when it cannot be read, or contradicts itself."""
    version = find(message.message_type, message.version)
    said = Said(message, version.record_type, version.read(message.payload))
    for batch in said.batches:
        roots = frame_of(batch.records, said.record_type)
        if roots[said.record_type.key].n_unique() < roots.height:
            raise SaidTwice(position=message.position, record_type=said.record_type.name)
    return said


class Page:
    """What several messages say together. Frames have `batch`, which tells whose words a row is."""

    def __init__(self, said: Sequence[Said], identities: Identities, secret: str) -> None:
        self._identities, self._secret = identities, secret
        self._said = [(one, batch) for one in said for batch in one.batches]
        self._origin = pl.DataFrame(
            [
                (n, b.unit.municipality, b.unit.key, one.message.position, one.message.received_at)
                for n, (one, b) in enumerate(self._said)
            ],
            schema=_ORIGIN,
            orient="row",
        )
        self.people = self._people()

    def events(self) -> list[tuple[Layout, pl.DataFrame]]:
        """For each table that something was said about: the rows, in the order they are to be taken."""
        spoken = {one.record_type.name for one, _ in self._said}
        people = LAYOUTS[RECIPIENT.name]
        told = [(people, self.people.select(name for name in people.schema if name != "version"))]
        return told + [(LAYOUTS[name], self._events(LAYOUTS[name])) for name in LAYOUTS if name in spoken]

    def _events(self, layout: Layout) -> pl.DataFrame:
        name = layout.record_type.name
        chosen = [(n, batch) for n, (one, batch) in enumerate(self._said) if one.record_type.name == name]
        deletions = pl.DataFrame(
            {"batch": [n for n, _ in chosen], layout.key: [list(batch.deletions) for _, batch in chosen]},
            schema={"batch": pl.Int64, layout.key: pl.List(pl.String)},
        )
        gone = deletions.explode(layout.key).drop_nulls().with_columns(deleted=pl.lit(value=True))
        spoken = pl.concat([gone, self._records(layout, chosen)], how="diagonal")
        rows = spoken.join(self._origin, on="batch", how="left", maintain_order="left")
        return pl.concat([layout.row.drop("version"), rows.drop("batch")], how="diagonal")

    def _people(self) -> pl.DataFrame:
        """Everybody the messages are about, with number and key."""
        spoken = _gathered(RECIPIENT, list(enumerate(batch for _, batch in self._said)))
        spoken = spoken.unique(["batch", "local_person_id"], keep="last", maintain_order=True)
        people = self._identities.with_keys(spoken.join(self._origin, on="batch", how="left", maintain_order="left"))
        state = pl.concat_str("person_key", pl.lit("|"), pl.col("died_on").cast(pl.String).fill_null(""))
        return people.with_columns(fingerprint=state, deleted=pl.lit(value=False))

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
        # Hashed over the pseudonym: a stolen fingerprint says nothing about the number, even beside its key.
        text, digest = keyed_hash(self._secret, _content(record_type.name), "fingerprint")
        return rows.with_columns(text, deleted=pl.lit(value=False)).with_columns(digest)


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
    """All that counts in a record of a root type, as one text."""
    columns = {c.name: c.dtype for c in ALL_TYPES[name].columns if c.content} | {"person_key": pl.String()}
    parts = (pl.col(part.name) for part in LAYOUTS[name].parts)
    return pl.concat_str(json_object(columns), *parts, separator="|", ignore_nulls=True)


def _gathered(record_type: RecordType, batches: Iterable[tuple[int, UnitBatch]]) -> pl.DataFrame:
    """The frames of one type from all batches, one after the other, with `batch`."""
    frames = [(n, frame_of(batch.records, record_type)) for n, batch in batches if record_type.name in batch.records]
    numbers = chain.from_iterable(repeat(n, frame.height) for n, frame in frames)
    together = pl.concat([record_type.empty(), *(frame for _, frame in frames)])
    return together.with_columns(pl.Series("batch", list(numbers), dtype=pl.Int64))
