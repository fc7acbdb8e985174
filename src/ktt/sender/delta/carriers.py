"""Which records are written to carry the changes of a run, when a message has records inside records.

In most packs each record stands alone, and what has changed is what is written. Where a pack puts services inside their
decision, a changed service is sent by writing its decision. The outbox then also remembers which record stood inside
which, as links, so that a service that is gone is known to have stood in the decision that must be written again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from ktt.domain.records import Records, frame_of, own_date
from ktt.domain.schema import RecordType
from ktt.messages.version import MessageVersion, Nested
from ktt.sender.delta.compare import Changes

_INSIDE = {"carrier": pl.String(), "record_type": pl.String(), "local_id": pl.String(), "fingerprint": pl.String()}
_TO_WRITE = {"local_id": pl.String(), "fingerprint": pl.String(), "own_date": pl.Date(), "new": pl.Boolean()}
_AS_WRITTEN = [pl.col(name).cast(dtype) for name, dtype in _TO_WRITE.items()]


def link_type(inner: str, outer: str) -> str:
    """The name under which the outbox keeps links: the id of the inner record, and that of the record around it."""
    return f"{inner}@{outer}"


@dataclass(frozen=True, slots=True)
class Links:
    """Which records stand inside which, as the registry knows it.

    `known` has for each of `links_needed` a frame of `local_id` and, as `fingerprint`, the id of the record around. `held`
    are the ids per root type that are held.
    """

    known: Mapping[str, pl.DataFrame] = field(default_factory=dict, repr=False)
    held: Mapping[str, pl.Series] = field(default_factory=dict, repr=False)

    def of(self, nested: Nested) -> pl.DataFrame:
        """The records of one type and the ids of those around."""
        return self.known[link_type(nested.inner.name, nested.outer.name)]


@dataclass(frozen=True, slots=True)
class Carried:
    """What is written of one record type in one version.

    `to_write` has `local_id`, `fingerprint` (empty when only something inside has changed), `own_date`, and whether the
    record is `new`. `inside` has for each `carrier` what its message says besides: `record_type`, `local_id`, and
    `fingerprint`, empty when the record is deleted by not being there.
    """

    to_write: pl.DataFrame = field(repr=False)
    inside: pl.DataFrame = field(repr=False)


def links_needed(versions: Sequence[MessageVersion]) -> list[str]:
    """The links that the outbox keeps for these versions."""
    return [link_type(one.inner.name, one.outer.name) for version in versions for one in version.nested]


def carried(
    version: MessageVersion,
    kind: RecordType,
    records: Records,
    changes: Mapping[str, Changes],
    links: Links,
) -> Carried:
    """What is written of one type.

    A record in which a held one stands is not written: what is not written inside it would be deleted.
    """
    own = _own(version, kind, records, changes[kind.name])
    nested = [one for one in version.nested if one.outer is kind]
    if not nested:
        return Carried(own, pl.DataFrame(schema=_INSIDE))
    together = pl.concat(_inside(one, records, changes, links) for one in nested)
    waiting = pl.concat(_around_held(one, links) for one in nested if one.complete)
    gone = changes[kind.name].gone.implode()
    touched = together.filter(~pl.col("carrier").is_in(gone))["carrier"].unique()
    roots = frame_of(records, kind)
    others = roots.filter(
        pl.col(kind.key).is_in(touched.implode()) & ~pl.col(kind.key).is_in(own["local_id"].implode())
    )
    more = others.select(
        local_id=kind.key,
        fingerprint=pl.lit(None, dtype=pl.String),
        own_date=own_date(kind),
        new=pl.lit(value=False),
    )
    written = pl.concat([own, more]).filter(~pl.col("local_id").is_in(waiting.implode()))
    return Carried(written, together.filter(~pl.col("carrier").is_in(waiting.implode())))


def _own(version: MessageVersion, kind: RecordType, records: Records, changes: Changes) -> pl.DataFrame:
    """The type's own changes, without those that stand inside another record."""
    both = ((changes.new, pl.lit(value=True)), (changes.changed, pl.lit(value=False)))
    own = pl.concat(frame.with_columns(new=is_new) for frame, is_new in both).select(_AS_WRITTEN)
    for one in version.nested:
        if one.inner is kind:
            own = own.filter(~pl.col("local_id").is_in(_standing(one, records)["local_id"].implode()))
    return own


def _around_held(nested: Nested, links: Links) -> pl.Series:
    """The records in which held ones stand, as the registry knows them."""
    ids = links.held.get(nested.inner.name, pl.Series(dtype=pl.String))
    return links.of(nested).filter(pl.col("local_id").is_in(ids.implode()))["fingerprint"]


def _standing(nested: Nested, records: Records) -> pl.DataFrame:
    """The inner records that have a record to stand in, with its id."""
    inner, outer = nested.inner, nested.outer
    around = frame_of(records, outer)[outer.key].implode()
    return (
        frame_of(records, inner).select(local_id=inner.key, carrier=outer.key).filter(pl.col("carrier").is_in(around))
    )


def _inside(nested: Nested, records: Records, changes: Mapping[str, Changes], links: Links) -> pl.DataFrame:
    """What has changed inside: records that are new, changed or gone, and the links that follow."""
    inner, link = nested.inner.name, link_type(nested.inner.name, nested.outer.name)
    now = changes[inner].to_send.join(_standing(nested, records), on="local_id")
    rows = [
        now.select("carrier", "local_id", "fingerprint", record_type=pl.lit(inner)),
        now.select("carrier", "local_id", record_type=pl.lit(link), fingerprint="carrier"),
    ]
    if nested.complete:
        before = links.of(nested).rename({"fingerprint": "carrier"})
        gone = before.filter(pl.col("local_id").is_in(changes[inner].gone.implode()))
        none = pl.lit(None, dtype=pl.String)
        rows += [gone.with_columns(fingerprint=none, record_type=pl.lit(name)) for name in (inner, link)]
    return pl.concat(frame.select(list(_INSIDE)) for frame in rows)
