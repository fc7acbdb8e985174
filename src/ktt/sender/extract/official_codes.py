"""Local codes become official codes: the one that is valid on the record's own date. A code without an official one is a finding."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from ktt.core.once import once_for_each
from ktt.domain.records import ALL_TYPES, own_date
from ktt.domain.schema import RecordType, engine_for
from ktt.sender.extract.finding_kinds import UNMAPPED_CODE
from ktt.sender.extract.findings import FindingCollector
from ktt.sender.extract.mapping.model import Codes, RecordSource
from ktt.sender.extract.mapping.values.codes_file import official_codes

OWN_DATE = "own date"  # helper columns have a blank in their name, canonical columns have none
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
    coded = dated.lazy().rename({name: _local(name) for name in fields})
    for name, codes in fields.items():
        found = _found(dated, name, codes)
        on = [_local(name), OWN_DATE]
        coded = coded.join(
            found, left_on=on, right_on=[name, OWN_DATE], how="left", nulls_equal=True, maintain_order="left"
        )
        coded = coded.rename({"official": name})
    mapped = coded.collect(engine=engine_for(frame.height))
    wrong = {name: pl.col(_local(name)).is_not_null() & pl.col(name).is_null() for name in fields}
    _add_wrong(record_type, mapped, wrong, _local, findings)
    return mapped.select(frame.columns)


def _local(name: str) -> str:
    return f"local {name}"


def _own(name: str) -> str:
    return name


def _check_official(
    record_type: RecordType, source: RecordSource, frame: pl.DataFrame, findings: FindingCollector
) -> None:
    """Where a column is mapped without a code file, its codes must be the official ones already."""
    _add_wrong(record_type, frame, _not_official(source), _own, findings)


@once_for_each
def _not_official(source: RecordSource) -> dict[str, pl.Expr]:
    """The columns that are to have official codes as they are, and where they do not."""
    wrong: dict[str, pl.Expr] = {}
    for name, field in source.fields.items():
        column = ALL_TYPES[source.record_type].column(name)
        if column.kind == "code" and field.column is not None and field.codes is None:
            right = official_codes(column.code_list)
            wrong[name] = ~(pl.col(name).is_in(right) if right else pl.col(name).str.contains(_A_CODE))
    return wrong


def _add_wrong(
    record_type: RecordType,
    frame: pl.DataFrame,
    wrong: Mapping[str, pl.Expr],
    code: Callable[[str], str],
    findings: FindingCollector,
) -> None:
    """A finding for each row and field where the code is wrong; `code` names the column that has it. All are asked at once."""
    found = frame.select(one.alias(name) for name, one in wrong.items())
    for name in wrong:
        if found[name].any():
            rows = frame.filter(found[name])
            ids = rows[record_type.parent_key or record_type.key]
            findings.add(UNMAPPED_CODE, record_type.name, ids, name, detail=rows[code(name)])


def _dated(record_type: RecordType, frame: pl.DataFrame, root: pl.DataFrame) -> pl.DataFrame:
    if record_type.own_date:
        return frame.with_columns(own_date(record_type).alias(OWN_DATE))
    if OWN_DATE not in root.columns:  # the person's own parts have no date of their own
        return frame.with_columns(pl.lit(None, pl.Date).alias(OWN_DATE))
    dates = root.select(record_type.parent_key, OWN_DATE).unique(record_type.parent_key)
    return frame.join(dates, on=record_type.parent_key, how="left", maintain_order="left")


def _as_read(code: pl.Expr) -> pl.Expr:
    return code.str.normalize("NFC")


_AS_READ_LOCAL = _as_read(pl.col("local"))
_BEGUN = pl.col("valid_from").is_null() | (pl.col("valid_from") <= pl.col(OWN_DATE))
_NOT_ENDED = pl.col("valid_to").is_null() | (pl.col(OWN_DATE) <= pl.col("valid_to"))
_IS_OF_THE_DAY = pl.col(OWN_DATE).is_null() | (_BEGUN & _NOT_ENDED)


def _found(frame: pl.DataFrame, name: str, codes: Codes) -> pl.LazyFrame:
    """The `official` code for each pair of local code and date; for a record without a readable date any code will do.

    Letters are compared as they are read: “Å” is one sign in some systems, and two in others.
    """
    pairs = frame.lazy().select(name, OWN_DATE).unique()
    return (
        pairs.join(codes.rows.lazy(), left_on=_as_read(pl.col(name)), right_on=_AS_READ_LOCAL)
        .filter(_IS_OF_THE_DAY)
        .unique([name, OWN_DATE], keep="first", maintain_order=True)
        .select(name, OWN_DATE, official="code")
    )
