"""Local codes become official codes: the one that is valid on the record's own date. A code without an official one is a finding."""

from __future__ import annotations

import polars as pl

from ktt.domain.records import own_date
from ktt.domain.schema import RecordType
from ktt.sender.extract.finding_kinds import UNMAPPED_CODE
from ktt.sender.extract.findings import FindingCollector
from ktt.sender.extract.mapping.model import Codes, RecordSource
from ktt.sender.extract.mapping.values.codes_file import official_codes

OWN_DATE = "own date"  # helper columns have a blank in their name, canonical columns have none
_LOCAL = "local code"
_A_CODE = r"^(0|[1-9]\d*)$"  # what every official code looks like, where the list itself is not at hand


def with_official_codes(
    record_type: RecordType, source: RecordSource, frame: pl.DataFrame, root: pl.DataFrame, findings: FindingCollector
) -> pl.DataFrame:
    """The frame with official codes. `root` is the frame of the root type, whose own date decides for its parts too."""
    _check_official(record_type, source, frame, findings)
    fields = {name: field.codes for name, field in source.fields.items() if field.codes is not None}
    if not fields or frame.is_empty():
        return frame
    dated = _dated(record_type, frame, root)
    for name, codes in fields.items():
        dated = _mapped(dated, name, codes)
        unmapped = dated.filter(pl.col(_LOCAL).is_not_null() & pl.col(name).is_null())
        _add(record_type, unmapped, name, unmapped[_LOCAL], findings)
    return dated.select(frame.columns)


def _check_official(
    record_type: RecordType, source: RecordSource, frame: pl.DataFrame, findings: FindingCollector
) -> None:
    """Where a column is mapped without a code file, its codes must be the official ones already."""
    for name, field in source.fields.items():
        column = record_type.column(name)
        if column.kind == "code" and field.column is not None and field.codes is None:
            right = official_codes(column.code_list)
            official = pl.col(name).is_in(right) if right else pl.col(name).str.contains(_A_CODE)
            wrong = frame.filter(~official)
            _add(record_type, wrong, name, wrong[name], findings)


def _add(record_type: RecordType, wrong: pl.DataFrame, name: str, codes: pl.Series, findings: FindingCollector) -> None:
    findings.add(UNMAPPED_CODE, record_type.name, wrong[record_type.parent_key or record_type.key], name, detail=codes)


def _dated(record_type: RecordType, frame: pl.DataFrame, root: pl.DataFrame) -> pl.DataFrame:
    if record_type.own_date:
        return frame.with_columns(own_date(record_type).alias(OWN_DATE))
    if OWN_DATE not in root.columns:  # the person's own parts have no date of their own
        return frame.with_columns(pl.lit(None, pl.Date).alias(OWN_DATE))
    dates = root.select(record_type.parent_key, OWN_DATE).unique(record_type.parent_key)
    return frame.join(dates, on=record_type.parent_key, how="left", maintain_order="left")


def _as_read(code: pl.Expr) -> pl.Expr:
    return code.str.normalize("NFC")


def _mapped(frame: pl.DataFrame, name: str, codes: Codes) -> pl.DataFrame:
    """Each pair of local code and date is looked up once; for a record without a readable date any code will do.

    Letters are compared as they are read: “Å” is one sign in some systems, and two in others.
    """
    kept = frame.rename({name: _LOCAL}) if _LOCAL not in frame.columns else frame.drop(_LOCAL).rename({name: _LOCAL})
    on = pl.col(OWN_DATE)
    valid = (pl.col("valid_from").is_null() | (pl.col("valid_from") <= on)) & (
        pl.col("valid_to").is_null() | (on <= pl.col("valid_to"))
    )
    pairs = kept.select(_LOCAL, OWN_DATE).unique()
    found = (
        pairs.join(codes.rows, left_on=_as_read(pl.col(_LOCAL)), right_on=_as_read(pl.col("local")))
        .filter(on.is_null() | valid)
        .unique([_LOCAL, OWN_DATE], keep="first", maintain_order=True)
        .select(_LOCAL, OWN_DATE, pl.col("code").alias(name))
    )
    return kept.join(found, on=[_LOCAL, OWN_DATE], how="left", nulls_equal=True, maintain_order="left")
