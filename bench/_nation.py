"""A synthetic nation's history, made in columns: every record type, nine years, unit by unit, as its monthly messages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

import polars as pl

from bench import _material
from ktt.domain.records import ALL_TYPES, RECIPIENT, ROOTS, Records
from ktt.domain.unit import ReportingUnit
from ktt.messages.register import find

UNITS = 357
RECORDS = 30_000_000
"""Of the whole nation; a smaller one has fewer units of the same size."""
TYPES = {
    "decision": "KTT_Vedtak",
    "care_service": "KTT_Tjeneste",
    "circumstances": "KTT_Personopplysninger",
    "assessment": "KTT_Funksjonsvurdering",
    "diagnosis": "KTT_Diagnose",
}
_A_YEAR = {"decision": 2.0, "care_service": 1.5, "circumstances": 1.0, "assessment": 1.0, "diagnosis": 0.5}
"""Records of a recipient."""
_FIRST, _DAYS, _YEARS = dt.date(2017, 1, 1), 3_285, 9
_RECIPIENTS = round(RECORDS / UNITS / _YEARS / sum(_A_YEAR.values()))
_SIZES = (0.2, 0.5, 1.0, 2.3)  # of units, against the mean: they are repeated
_RECORDED = dt.datetime(2026, 3, 2, 6, tzinfo=dt.UTC)
_SCORES = 18


@dataclass(frozen=True, slots=True)
class Monthly:
    """One message: what a unit sends of one type of record for one month."""

    unit: ReportingUnit
    message_type: str
    month: str
    records: int
    rows: int  # records and their parts
    payload: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Municipality:
    """One unit of the nation."""

    nth: int
    unit: ReportingUnit

    @property
    def recipients(self) -> int:
        """How many persons."""
        return round(_RECIPIENTS * _SIZES[self.nth % len(_SIZES)])

    def messages(self) -> list[Monthly]:
        """The whole history."""
        return [one for kind in TYPES for one in self._of(kind, self.history(kind))]

    def count(self, kind: str) -> int:
        """How many records of a type."""
        return round(self.recipients * _YEARS * _A_YEAR[kind])

    def changes(self, kind: str, start: int, count: int) -> Monthly:
        """One message with so many records of a type: every other new, the others changed."""
        first = start % (self.count(kind) - count)
        records = self.history(kind, slice(first, first + count))
        changed = {name: _changed(name, frame) for name, frame in records.items()}
        (one,) = self._of(kind, changed, together=True)
        return one

    def history(self, kind: str, which: slice = slice(None)) -> Records:
        """The records of a type with their parts and persons; `which` of them by number."""
        count = self.count(kind)
        numbers = pl.select(n=pl.int_range(count)).slice(
            which.start or 0, None if which.stop is None else which.stop - which.start
        )
        n, record_type = pl.col("n"), ALL_TYPES[kind]
        day = pl.lit(_FIRST) + pl.duration(days=n * _DAYS // count)
        own = pl.concat_str(pl.lit(kind[0].upper() + "-"), n)
        base = numbers.with_columns(
            own.alias(record_type.key),
            day=day,
            local_person_id=pl.concat_str(pl.lit("P-"), n % self.recipients),
            recorded_at=pl.lit(_RECORDED),
        )
        frames = {kind: base.with_columns(**_COLUMNS[kind]), **_parts(kind, base)}
        return {name: ALL_TYPES[name].conform(frame) for name, frame in frames.items()} | {
            RECIPIENT.name: self._people(base["local_person_id"].unique())
        }

    def _people(self, local_ids: pl.Series) -> pl.DataFrame:
        return RECIPIENT.conform(self._everybody().filter(pl.col("local_person_id").is_in(local_ids.implode())))

    def _everybody(self) -> pl.DataFrame:
        if self.nth not in _people:
            _people.clear()
            first = self.nth * round(_RECIPIENTS * max(_SIZES)) % 700_000
            ids = pl.Series([f"P-{n}" for n in range(self.recipients)])
            numbers = [_material.person_number(first + n) for n in range(self.recipients)]
            _people[self.nth] = pl.DataFrame({"local_person_id": ids, "person_number": numbers}).with_columns(
                person_number_kind=pl.lit("national")
            )
        return _people[self.nth]

    def _of(self, kind: str, records: Records, *, together: bool = False) -> Iterator[Monthly]:
        version = find(TYPES[kind], "1")
        parts = sum(records[part.name].height for part in ALL_TYPES[kind].parts)
        share = 1 + parts / records[kind].height
        encoded = version.encode(self.unit, records)
        for month, group in groupby(encoded, lambda one: "" if together else f"{one.own_date:%Y-%m}"):
            found = list(group)
            payload = version.assemble(self.unit, {}, found)
            yield Monthly(self.unit, TYPES[kind], month, len(found), round(share * len(found)), payload)


_people: dict[int, pl.DataFrame] = {}


def municipalities(records: int) -> list[Municipality]:
    """As many units as have so many records together, about."""
    count = max(1, round(UNITS * records / RECORDS))
    return [
        Municipality(nth, ReportingUnit(one.organisation, f"{1101 + nth}"))
        for nth, one in enumerate(_material.units(count))
    ]


_DAY = pl.col("day")
_ENDED = _DAY + pl.duration(days=400)  # a recipient has one or two services at any time
_COLUMNS: Mapping[str, Mapping[str, pl.Expr]] = {
    "decision": {
        "decision_number": pl.lit(1),
        "case_id": pl.concat_str(pl.lit("S-"), "n"),
        "applied_on": _DAY,
        "decided_on": _DAY,
    },
    "care_service": {
        "decision_id": pl.concat_str(pl.lit("D-"), "n"),
        "service_type": pl.lit("15"),
        "starts_on": _DAY,
        "ends_on": pl.when(pl.lit(_FIRST) + pl.duration(days=_DAYS) > _ENDED).then(_ENDED),
    },
    "circumstances": {
        "starts_on": _DAY,
        "household": pl.lit("1"),
        "suitable_dwelling": pl.lit("1"),
        "individual_plan": pl.lit("1"),
        "individual_plan_on": _DAY,
        "coordinator": pl.lit("1"),
        "medication_review": pl.lit("1"),
        "medication_review_on": _DAY,
    },
    "assessment": {"assessed_on": _DAY},
    "diagnosis": {"code_system": pl.lit("ICPC-2"), "code": pl.lit("P70"), "starts_on": _DAY},
}
_CHANGE: Mapping[str, pl.Expr] = {
    "decision": pl.concat_str("case_id", pl.lit("-2")).alias("case_id"),
    "care_service": (pl.col("starts_on") + pl.duration(days=30)).alias("ends_on"),
    "circumstances": pl.lit("2").alias("household"),
    "assessment": (pl.col("assessed_on") + pl.duration(days=1)).alias("assessed_on"),
    "diagnosis": (pl.col("starts_on") + pl.duration(days=30)).alias("ends_on"),
}


def _parts(kind: str, base: pl.DataFrame) -> dict[str, pl.DataFrame]:
    starts, n = base.with_columns(starts_on=_DAY), pl.col("n")
    if kind == "decision":
        line = starts.with_columns(
            service_id=pl.concat_str(pl.lit("C-"), "n"),
            service_type=pl.lit("15"),
            outcome=pl.lit("2"),
            hours_per_week=pl.lit(3.5).cast(pl.Decimal(7, 2)),
        )
        appeal = base.filter(n % 50 == 0).with_columns(received_on=_DAY)
        return {"decision_line": line, "appeal": appeal}
    if kind == "care_service":
        pause = starts.filter(n % 4 == 0).with_columns(pause_id=pl.lit("P1"), ends_on=_DAY)
        return {"provider_period": starts.with_columns(provider=pl.lit(_material.PROVIDER)), "pause": pause}
    if kind == "circumstances":
        some = pl.DataFrame({"participation_type": ["1", "2"], "need": ["1", "1"], "receives": ["1", "1"]})
        food = base.with_columns(nutrition_type=pl.lit("1"), result=pl.lit("1"), surveyed_on=_DAY)
        return {"participation": base.join(some, how="cross"), "nutrition": food}
    if kind == "assessment":
        variables = pl.DataFrame({"variable": [str(v) for v in range(1, _SCORES + 1)], "score": ["2"] * _SCORES})
        return {"score": base.join(variables, how="cross")}
    return {}


def _changed(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Every other record has other content, and the others are new."""
    ids = [
        root.key for root in ROOTS if root.key in frame.columns and name in {root.name, *(p.name for p in root.parts)}
    ]
    changed = frame.with_columns(_CHANGE[name]) if name in _CHANGE else frame
    if not ids:
        return changed
    is_new = pl.col(ids[0]).str.slice(2).cast(pl.Int64) % 2 == 0
    return changed.with_columns(
        pl.when(is_new).then(pl.concat_str(pl.col(ids[0]), pl.lit("-new"))).otherwise(pl.col(ids[0])).alias(ids[0])
    )
