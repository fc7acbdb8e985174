"""What becomes of the records of the old record system, when the new one has other ids and a shorter history.

A record that the new system has under another id is replaced: the next run withdraws the old and sends the new. One that it
does not have stays at the registry, and is neither deleted nor sent again. Which is which is seen in both systems' own
records, by person, type and date, for no id is common to them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from ktt.domain.records import CARE_SERVICE, DECISION, DIAGNOSIS, RECIPIENT, ROOTS, frame_of, own_date
from ktt.domain.schema import RecordType
from ktt.sender.extract.extract import Extract
from ktt.sender.outbox.dispatch import locked
from ktt.sender.outbox.errors import SourceChangeMustWait
from ktt.sender.report import MAX_IDS
from ktt.sender.sender import Sender, Source
from ktt.sender.source_change.errors import IdsReused, OpenServicesLeft

OpenServices = Literal["ask", "keep", "withdraw"]

_SAME: dict[str, tuple[str, ...]] = {
    CARE_SERVICE.name: ("service_type",),
    DIAGNOSIS.name: ("code_system", "code"),
}
"""What must be equal besides the person and the record's own date, for a record to be the same in both systems."""
_OWN, _NEW = "own date", " of the new"


@dataclass(frozen=True, slots=True)
class SourceChange:
    """What becomes of the accepted records, by type.

    `kept` are ids; `replaced` is how many have another id in the new record system, `same_id` the same, and `neither` how many
    no system has any more. `open_services` are without an end, and in the old one alone.
    """

    kept: Mapping[str, Sequence[str]] = field(repr=False)
    replaced: Mapping[str, int]
    same_id: Mapping[str, int]
    neither: Mapping[str, int]
    open_services: Sequence[str] = field(repr=False)

    @property
    def kept_count(self) -> int:
        """How many records stay."""
        return sum(map(len, self.kept.values()))


def change_source(
    sender: Sender,
    old: Source,
    on: dt.date,
    by: str,
    reason: str,
    *,
    open_services: OpenServices = "ask",
    plan: bool = False,
) -> SourceChange:
    """Compare both record systems as of the day `on`, and let the next runs keep what only the old one has.

    `sender` has the new record system. SourceChangeMustWait while something is undelivered; IdsReused when
    one id is two records; OpenServicesLeft until somebody says what becomes of services without an end that the new system lacks. Nothing is sent. With `plan`, nothing is stored.
    """
    with locked(sender.outbox, sender.unit):
        sender.binding.check()
        if sender.outbox.queue(sender.unit).undelivered:
            raise SourceChangeMustWait(unit=sender.unit.key)
        before = old.read(sender.unit, on, sender.environment)
        found = compare_sources(
            sender, before, sender.source.read(sender.unit, on, sender.environment), on, open_services
        )
        if found.open_services and open_services == "ask" and not plan:
            ids = ", ".join(found.open_services[:MAX_IDS])
            raise OpenServicesLeft(count=len(found.open_services), ids=ids)
        if not plan:
            sender.outbox.keep(sender.unit, found.kept, by, reason)
    return found


def compare_sources(
    sender: Sender, old: Extract, new: Extract, on: dt.date, open_services: OpenServices = "keep"
) -> SourceChange:
    """What becomes of each accepted record. What an earlier change kept, and no system has now, stays kept."""
    before = sender.outbox.kept(sender.unit)
    kept: dict[str, list[str]] = {}
    replaced, same_id, neither = dict[str, int](), dict[str, int](), dict[str, int]()
    for kind in ROOTS:
        accepted = sender.outbox.snapshot(sender.unit, kind.name)["local_id"]
        old_records, new_records = _all(old, kind), _all(new, kind)
        here = accepted.is_in(new_records[kind.key].implode())
        _refuse_reused(kind, old_records.filter(pl.col(kind.key).is_in(accepted.filter(here).implode())), new_records)
        left = accepted.filter(~here)
        of_old = old_records.filter(pl.col(kind.key).is_in(left.implode()))
        alone = of_old.join(new_records, on=_identity(kind), how="anti")[kind.key]
        earlier = [one for one in before.get(kind.name, ()) if one in set(left) - set(of_old[kind.key])]
        kept[kind.name] = [*alone, *earlier]
        same_id[kind.name], replaced[kind.name] = int(here.sum()), of_old.height - len(alone)
        neither[kind.name] = len(left) - of_old.height - len(earlier)
    without_end = _open(old, kept[CARE_SERVICE.name], on)
    if open_services == "withdraw":
        kept[CARE_SERVICE.name] = [one for one in kept[CARE_SERVICE.name] if one not in set(without_end)]
    _keep_parents(old, kept, replaced)
    return SourceChange(
        {name: sorted(some) for name, some in kept.items() if some}, replaced, same_id, neither, without_end
    )


def _refuse_reused(kind: RecordType, old: pl.DataFrame, new: pl.DataFrame) -> None:
    """An id that both systems have must be the same record in both: of one person, type and date, where both say it."""
    both = old.join(new, on=kind.key, suffix=_NEW)
    differs = pl.any_horizontal(pl.col(name) != pl.col(name + _NEW) for name in _identity(kind))
    others = both.filter(differs.fill_null(value=False))[kind.key].sort()
    if not others.is_empty():
        raise IdsReused(count=len(others), ids=", ".join(others.head(MAX_IDS)))


def _all(extract: Extract, kind: RecordType) -> pl.DataFrame:
    """What could be read of a root type, held or not, with the number of the person."""
    columns = [RECIPIENT.key, "person_number"]
    both = (extract.records, extract.held_records)
    people = pl.concat([frame_of(one, RECIPIENT).select(columns) for one in both]).unique(RECIPIENT.key)
    frame = pl.concat([frame_of(one, kind) for one in both], how="diagonal").with_columns(own_date(kind).alias(_OWN))
    return frame.join(people, on=RECIPIENT.key, how="left").select(kind.key, *_identity(kind))


def _identity(kind: RecordType) -> list[str]:
    """A person without a number, or a record without a date, is like no other: such records stay."""
    return ["person_number", _OWN, *_SAME.get(kind.name, ())]


def _open(old: Extract, kept: Sequence[str], on: dt.date) -> list[str]:
    ends = pl.col("ends_on")
    running = pl.col(CARE_SERVICE.key).is_in(list(kept)) & (ends.is_null() | (ends > on))
    both = (old.records, old.held_records)
    frame = pl.concat([frame_of(one, CARE_SERVICE) for one in both], how="diagonal")
    return frame.filter(running)[CARE_SERVICE.key].sort().to_list()


def _keep_parents(old: Extract, kept: dict[str, list[str]], replaced: dict[str, int]) -> None:
    """A decision stays as long as a service that stays refers to it, also when the new system has it under another id."""
    services = frame_of(old.records, CARE_SERVICE).filter(
        pl.col(CARE_SERVICE.key).is_in(kept[CARE_SERVICE.name]) & pl.col(DECISION.key).is_not_null()
    )
    there = set(frame_of(old.records, DECISION)[DECISION.key])
    parents = (set(services[DECISION.key]) & there) - set(kept[DECISION.name])
    kept[DECISION.name] += sorted(parents)
    replaced[DECISION.name] -= len(parents)
