"""What was read from a record system, as canonical records: what can be sent, what is kept back and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from ktt.core.settings import Environment
from ktt.domain.records import ALL_TYPES, DECISION, RECIPIENT, RESIDENCE, ROOT_OF, ROOTS, Records, own_date
from ktt.domain.unit import ReportingUnit
from ktt.sender.extract.exclusions import excluded
from ktt.sender.extract.findings import UNREADABLE, Findings
from ktt.sender.extract.held_records import cascade, held_ids, only, without
from ktt.sender.extract.mapping.model import SourceMapping
from ktt.sender.extract.official_codes import OWN_DATE, coded
from ktt.sender.extract.person_numbers import identified
from ktt.sender.extract.relations import check_decision_dates, check_parents, check_rows, hide_numbers
from ktt.sender.extract.residence import with_home
from ktt.sender.extract.typed_columns import typed


@dataclass(frozen=True, slots=True)
class Extract:
    """One reading of one unit's record system.

    `records` can be sent. `held` are the ids, per root type, of records that a finding keeps back: not sent, and never
    taken for deleted; `kept_back` is what could be read of them, so that others can be judged beside them. `excluded` counts what is outside the report, per root type and reason. `complete` says that the
    extract is proved whole and this unit's. `since` is the first day with data where history is limited. `stale` names
    tables whose newest row is old (hours), as a warning.
    """

    records: Records = field(repr=False)
    findings: pl.DataFrame = field(repr=False)
    held: Mapping[str, pl.Series] = field(repr=False)
    excluded: Mapping[str, Mapping[str, int]]
    row_counts: Mapping[str, int]
    extracted_on: dt.date
    complete: bool
    since: Mapping[str, dt.date] = field(default_factory=dict)
    stale: Mapping[str, int] = field(default_factory=dict)
    kept_back: Records = field(default_factory=dict, repr=False)

    def proves_absence(self, record_type: str) -> bool:
        """Whether a record of this type that is not in the extract is really gone from the record system.

        Not when the extract lacks proof; nor when a row of the type has no id, for it may be any of them.
        """
        mine = pl.col("record_type").replace_strict(ROOT_OF) == record_type
        return self.complete and self.findings.filter(mine & pl.col("held") & pl.col("local_id").is_null()).is_empty()


def extract(
    mapping: SourceMapping,
    raw: Mapping[str, pl.DataFrame],
    unit: ReportingUnit,
    extracted_on: dt.date,
    environment: Environment,
    *,
    complete: bool,
    stale: Mapping[str, int],
) -> Extract:
    """Turn the tables' text (frames by table name) into canonical records."""
    findings = Findings()
    frames = _canonical(mapping, raw, findings)
    frames[RECIPIENT.name] = identified(frames[RECIPIENT.name], environment, extracted_on, findings)
    outside = excluded(frames, _unreadable_starts(findings))
    inside = without(frames, {name: ids["local_id"] for name, ids in outside.items()})
    _check(frames, findings)
    cascade(inside, findings)
    kept = _concerning(findings.frame(), inside, outside)
    held = held_ids(kept)
    return Extract(
        records=_with_homes(_only_needed(without(inside, held)), unit),
        findings=hide_numbers(kept),
        held=held,
        excluded={name: _counted(ids) for name, ids in outside.items() if not ids.is_empty()},
        row_counts={name: frame.height for name, frame in raw.items()},
        extracted_on=extracted_on,
        complete=complete,
        since=mapping.since(),
        stale=stale,
        kept_back=only(inside, held),
    )


def _canonical(mapping: SourceMapping, raw: Mapping[str, pl.DataFrame], findings: Findings) -> dict[str, pl.DataFrame]:
    frames = {name: typed(mapping, raw, record_type, findings) for name, record_type in ALL_TYPES.items()}
    for root in (RECIPIENT, *ROOTS):
        dated = frames[root.name].with_columns(own_date(root).alias(OWN_DATE)) if root.own_date else frames[root.name]
        for kind in (root, *root.parts):
            frames[kind.name] = coded(kind, mapping.records[kind.name], frames[kind.name], dated, findings)
    return frames


def _check(frames: Mapping[str, pl.DataFrame], findings: Findings) -> None:
    for name, record_type in ALL_TYPES.items():
        check_rows(record_type, frames[name], findings)
    check_parents(frames, findings)
    check_decision_dates(frames[DECISION.name], findings)


def _unreadable_starts(findings: Findings) -> pl.Series:
    unreadable = (pl.col("record_type") == "care_service") & (pl.col("field") == "starts_on")
    return findings.frame().filter(unreadable & (pl.col("code") == UNREADABLE.code))["local_id"]


def _only_needed(frames: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Without recipients that no record is about: they are not sent, so they are not kept."""
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
