"""What was read from a record system, as canonical records: what can be sent, what is held and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import polars as pl

from ktt.core.settings import Environment
from ktt.domain.records import ALL_TYPES, DECISION, RECIPIENT, RESIDENCE, ROOT_OF, ROOTS, Records, own_date
from ktt.domain.schema import RecordType
from ktt.domain.unit import ReportingUnit
from ktt.sender.extract.exclusions import excluded_ids
from ktt.sender.extract.finding_kinds import BAD_CHARACTERS, NOT_OF_FORM, UNREADABLE
from ktt.sender.extract.findings import FindingCollector
from ktt.sender.extract.held_records import held_ids, hold_dependents, holding, only_records, without_records
from ktt.sender.extract.mapping.errors import first_of
from ktt.sender.extract.mapping.model import SourceMapping
from ktt.sender.extract.official_codes import OWN_DATE, with_official_codes
from ktt.sender.extract.person_numbers import with_number_kinds
from ktt.sender.extract.relations import check_decision_dates, check_parents, check_rows, hide_numbers
from ktt.sender.extract.residence import with_home
from ktt.sender.extract.rows.reading import Reading, ReadingNotes
from ktt.sender.extract.rows.row_filter import KeptRows
from ktt.sender.extract.typed_columns import canonical_frame

Unproved = Literal["no proof", "no owner", "no id"]
_UNREAD = [kind.code for kind in (UNREADABLE, BAD_CHARACTERS, NOT_OF_FORM)]
"""A service without a start has not begun and is not sent; one whose start cannot be read may have, and is held back."""


@dataclass(frozen=True, slots=True)
class Extract:
    """What one reading of one unit's record system gave.

    `records` can be sent. `findings` are those of the reading. `held` are the ids, per root type, of records that a
    finding holds: not sent, and never taken for deleted; `held_records` is what could be read of them, for the rules
    that look at other records. `excluded` counts what is outside the report, per root type and reason. `proofs` are the
    ways in which it is proved whole, and `owned` says that it is proved to be this unit's. `since` is the first day with data where history is limited.
    `row_counts` are the rows of each table that count. `reading` tells of those that do not, and of dates in several forms.
    `kept`, which are among the `held`, are those of an earlier record system that stay at the registry.
    `stale` names tables whose newest row is old (hours), as a warning.
    """

    unit: ReportingUnit
    records: Records = field(repr=False)
    findings: pl.DataFrame = field(repr=False)
    held: Mapping[str, pl.Series] = field(repr=False)
    excluded: Mapping[str, Mapping[str, int]]
    row_counts: Mapping[str, int]
    extracted_on: dt.date
    proofs: tuple[str, ...]
    owned: bool
    since: Mapping[str, dt.date] = field(default_factory=dict)
    stale: Mapping[str, int] = field(default_factory=dict)
    reading: Reading = field(default_factory=Reading)
    held_records: Records = field(default_factory=dict, repr=False)
    kept: Mapping[str, pl.Series] = field(default_factory=dict, repr=False)

    @property
    def complete(self) -> bool:
        """Whether the extract is proved whole and this unit's."""
        return self.owned and bool(self.proofs)

    def proves_absence(self, record_type: str) -> bool:
        """Whether a record of this type that is not in the extract is really gone from the record system."""
        return self.unproved(record_type) is None

    def unproved(self, record_type: str) -> Unproved | None:
        """Why a record of this type that is not in the extract may be there still; None when it is really gone.

        One row of the type without an id is enough, for it may be any of them.
        """
        if not self.proofs:
            return "no proof"
        if not self.owned:
            return "no owner"
        if not self.findings["local_id"].null_count():
            return None
        of_type = pl.col("record_type").replace_strict(ROOT_OF) == record_type
        lacking = holding(self.findings).filter(of_type & pl.col("local_id").is_null())
        return None if lacking.is_empty() else "no id"


def canonical_extract(
    mapping: SourceMapping,
    tables: dict[str, KeptRows],
    unit: ReportingUnit,
    extracted_on: dt.date,
    environment: Environment,
    *,
    owned: bool,
    stale: Mapping[str, int],
    closely: bool = False,
) -> Extract:
    """Turn the tables' text (by table name) into canonical records.

    The tables are taken over: their text is let go of as soon as it has been read, or there would be two of everything.
    """
    findings, reading = FindingCollector(unit), ReadingNotes(closely=closely)
    counts, raw = {name: table.counts for name, table in tables.items()}, {}
    for name, table in tables.items():
        reading.near_misses[name].update(table.near_misses)
        if table.unlike:
            reading.unlike[name] = table.unlike
    while tables:
        name, table = tables.popitem()
        raw[name] = table.frame
    del table
    frames = _canonical(mapping, raw, findings, reading)
    if reading.faults:
        raise first_of(reading.faults)
    extract = extract_of(frames, findings, mapping, extracted_on, environment, owned=owned)
    return replace(
        extract,
        row_counts={name: one.kept for name, one in counts.items()},
        stale=stale,
        reading=reading.of(counts),
    )


def extract_of(
    records: Records,
    findings: FindingCollector,
    mapping: SourceMapping,
    extracted_on: dt.date,
    environment: Environment,
    *,
    owned: bool,
) -> Extract:
    """The extract that canonical records give: every type, official codes, and what was found while they were read."""
    frames, unit = dict(records), findings.unit
    frames[RECIPIENT.name] = with_number_kinds(frames[RECIPIENT.name], environment, extracted_on, findings)
    outside = excluded_ids(frames, _unreadable_starts(findings))
    inside = without_records(frames, {name: ids["local_id"] for name, ids in outside.items()})
    _check(frames, findings)
    hold_dependents(inside, findings)
    kept = _concerning(findings.frame(), inside, outside)
    held = held_ids(kept)
    return Extract(
        unit=unit,
        records=_with_homes(_only_needed(without_records(inside, held)), unit),
        findings=hide_numbers(kept),
        held=held,
        excluded={name: _counted(ids) for name, ids in outside.items() if not ids.is_empty()},
        row_counts={name: frame.height for name, frame in frames.items()},
        extracted_on=extracted_on,
        proofs=mapping.complete.ways,
        owned=owned,
        since=mapping.since(),
        held_records=only_records(inside, held),
    )


def _canonical(
    mapping: SourceMapping, raw: dict[str, pl.DataFrame], findings: FindingCollector, notes: ReadingNotes
) -> dict[str, pl.DataFrame]:
    read = {
        name: [(place, canonical_frame(mapping, place, raw, findings, notes)) for place in mapping.records[name].places]
        for name in ALL_TYPES
    }
    raw.clear()
    frames = {name: _together(ALL_TYPES[name], [frame for _, frame in parts]) for name, parts in read.items()}
    for root in (RECIPIENT, *ROOTS):
        dated = frames[root.name].with_columns(own_date(root).alias(OWN_DATE)) if root.own_date else frames[root.name]
        for kind in (root, *root.parts):
            coded = [with_official_codes(kind, place, frame, dated, findings) for place, frame in read[kind.name]]
            frames[kind.name] = _together(kind, coded)
    return frames


def _together(record_type: RecordType, frames: list[pl.DataFrame]) -> pl.DataFrame:
    """The records of a type, of all its places; empty when the mapping declares the type absent."""
    return pl.concat(frames, rechunk=True) if frames else record_type.empty()


def _check(frames: Mapping[str, pl.DataFrame], findings: FindingCollector) -> None:
    for name, record_type in ALL_TYPES.items():
        check_rows(record_type, frames[name], findings)
    check_parents(frames, findings)
    check_decision_dates(frames[DECISION.name], findings)


def _unreadable_starts(findings: FindingCollector) -> pl.Series:
    unreadable = (pl.col("record_type") == "care_service") & (pl.col("fields").list.first() == "starts_on")
    return findings.frame().filter(unreadable & pl.col("rule").is_in(_UNREAD))["local_id"]


def _only_needed(frames: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Without recipients that no record is about, since they are not sent."""
    needed = pl.concat([frames[root.name].select(RECIPIENT.key) for root in ROOTS])
    people = {
        kind.name: frames[kind.name].join(needed, on=RECIPIENT.key, how="semi") for kind in (RECIPIENT, RESIDENCE)
    }
    return {**frames, **people}


def _with_homes(frames: Mapping[str, pl.DataFrame], unit: ReportingUnit) -> dict[str, pl.DataFrame]:
    homes = frames[RESIDENCE.name]
    return {**frames, **{root.name: with_home(root, frames[root.name], homes, unit) for root in ROOTS}}


def _concerning(
    findings: pl.DataFrame, inside: Mapping[str, pl.DataFrame], outside: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    """The findings of records that would be sent, and of the persons they are about."""
    rooted = findings.with_columns(pl.col("record_type").replace_strict(ROOT_OF).alias("root"))
    gone = pl.concat([ids.select(pl.lit(name).alias("root"), "local_id") for name, ids in outside.items()])
    people = rooted.filter(pl.col("root") == RECIPIENT.name)["local_id"].unique().implode()
    needed = pl.concat(
        [inside[root.name].select(pl.col(RECIPIENT.key).filter(pl.col(RECIPIENT.key).is_in(people))) for root in ROOTS]
    )
    unneeded = (pl.col("root") == RECIPIENT.name) & ~pl.col("local_id").is_in(needed.to_series().implode())
    return rooted.join(gone, on=["root", "local_id"], how="anti").filter(~unneeded.fill_null(value=False)).drop("root")


def _counted(ids: pl.DataFrame) -> dict[str, int]:
    return dict(ids.group_by("reason").len().sort("reason").iter_rows())
