"""Tries a mapping: the file first, then the source's tables and columns, then all of its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from ktt.core.errors import EXIT_HELD_BACK, EXIT_MAPPING, KttError
from ktt.domain.records import ALL_TYPES, Records
from ktt.domain.unit import ReportingUnit
from ktt.rules.findings import HIDDEN
from ktt.sender.extract.extract import Extract
from ktt.sender.extract.finding_kinds import UNMAPPED_CODE
from ktt.sender.extract.mapping.errors import ValuesUnreadable
from ktt.sender.extract.mapping.file import examined
from ktt.sender.extract.mapping.model import SourceMapping
from ktt.sender.extract.mapping.proof_model import Completeness
from ktt.sender.extract.sources.messages import MessageSource
from ktt.sender.extract.sources.sql import MappedSource, open_source
from ktt.validate.document import Document, ValidationRequest
from ktt.validate.errors import UnitNotTold
from ktt.validate.extract import document_of, environment_of
from ktt.validate.mapping_check.doubts import Doubt, doubts_of
from ktt.validate.mapping_check.faults import PlacedFault, placed

_BY = ("record_type", "field", "code")


@dataclass(frozen=True, slots=True)
class MappingCheck:
    """What was found. `mapping` is None where the file is wrong; `document` where no row was mapped."""

    file: Path
    mapping: SourceMapping | None
    faults: tuple[PlacedFault, ...] = ()
    extract: Extract | None = None
    document: Document | None = None
    columns: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0, or 3 when there is something to mend, or 11 for a wrong mapping, or the class of what is wrong with the source."""
        if self.faults:
            codes = {EXIT_MAPPING if one.is_of_mapping else one.fault.exit_code for one in self.faults}
            return EXIT_MAPPING if EXIT_MAPPING in codes else max(codes)
        return EXIT_HELD_BACK if self.document is not None and self.document.exit_code else 0

    def records(self) -> dict[str, int]:
        """How many records of each mapped type were made, also those that are held back."""
        if self.extract is None or self.mapping is None:
            return {}
        held: Records = self.extract.held_records
        return {
            name: sum(frames[name].height for frames in (self.extract.records, held) if name in frames)
            for name in ALL_TYPES
            if self.mapping.records[name].places
        }

    def absent(self) -> dict[str, str]:
        """The types and fields that the mapping declares absent, with why."""
        if self.mapping is None:
            return {}
        whole = {name: one.absent for name, one in self.mapping.records.items() if one.absent}
        fields = {
            f"{place.key.removeprefix('record.')}.{name}": source.absent
            for place in self.mapping.places
            for name, source in place.fields.items()
            if source.absent
        }
        return whole | fields

    def doubts(self) -> list[Doubt]:
        """Signs that the mapping reads something other than is meant, though it has no fault."""
        return (
            [] if self.extract is None or self.mapping is None else doubts_of(self.mapping, self.extract, self.columns)
        )

    def unknown_codes(self, at_least: int) -> list[dict[str, Any]]:
        """The local codes without an official one and their rows; those that few rows have are counted together."""
        if self.extract is None:
            return []
        found = self.extract.findings.filter(pl.col("rule") == UNMAPPED_CODE.code)
        field = pl.col("fields").list.first().alias("field")
        counts = found.group_by("record_type", field, pl.col("detail").alias("code")).len("rows")
        seldom = (pl.col("rows") < at_least) | (pl.col("code") == HIDDEN)
        shown = counts.with_columns(pl.when(~seldom).then("code").alias("code"))
        summed = shown.group_by(_BY).agg(pl.col("rows").sum(), pl.len().alias("codes"))
        return summed.sort("record_type", "field", "rows", descending=[False, False, True]).to_dicts()

    def finding_counts(self) -> list[dict[str, Any]]:
        """The findings by rule, record type, who must act and consequence."""
        if self.document is None:
            return []
        by = ("rule", "record_type", "cause", "consequence")
        counts = self.document.findings.group_by(by).len("records")
        return counts.sort(
            "consequence", "records", "rule", "record_type", descending=[False, True, False, False]
        ).to_dicts()


def check_mapping(
    file: Path,
    url: str | None,
    unit: ReportingUnit | None,
    request: ValidationRequest,
    step: Callable[[str], object] = lambda _: None,
) -> MappingCheck:
    """The mapping's faults, and with an address what becomes of each row that is there. Nothing is sent or stored."""
    step("file")
    mapping, faults = examined(file)
    if mapping is None or url is None:
        return MappingCheck(file, mapping, tuple(placed(file, faults)))
    source = open_source(url, file)
    if isinstance(source, MappedSource):
        source = MappedSource(source.address, source.mapping, closely=True)
        step("columns")
        missing = source.faults(request.today)
        if missing:
            return MappingCheck(file, mapping, tuple(placed(file, missing, mapping)))
    columns = source.columns_there(request.today) if isinstance(source, MappedSource) else {}
    step("rows")
    extract, found = _read(source, unit, request)
    step("rules")
    document = document_of(file.name, mapping.name, extract, request) if extract is not None else None
    return MappingCheck(file, mapping, tuple(placed(file, found, mapping)), extract, document, columns)


def _read(
    source: MappedSource | MessageSource, unit: ReportingUnit | None, request: ValidationRequest
) -> tuple[Extract | None, list[KttError]]:
    """What is there, and what is wrong; both where only the proof that it is whole does not hold."""
    try:
        return source.read(_unit(source, unit, request), request.today, environment_of(request)), []
    except KttError as fault:
        if isinstance(fault, ValuesUnreadable):
            return None, [fault, *fault.others]
        if not isinstance(source, MappedSource) or not source.mapping.complete.ways:
            return None, [fault]
        unproved = MappedSource(source.address, replace(source.mapping, complete=Completeness()), closely=True)
        extract, others = _read(unproved, unit, request)
        return extract, [fault, *(one for one in others if one.code != fault.code)]


def _unit(
    source: MappedSource | MessageSource, given: ReportingUnit | None, request: ValidationRequest
) -> ReportingUnit:
    """The unit that is named, else the one that the source says that it is."""
    found = given or (source.owner(request.today) if isinstance(source, MappedSource) else None)
    if found is None:
        raise UnitNotTold
    return found
