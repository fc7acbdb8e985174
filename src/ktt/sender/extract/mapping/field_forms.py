"""The forms in which a mapping fills a field: `"col"`, `{column, …}`, `{constant}` and `{absent}`."""

from __future__ import annotations

import polars as pl

from ktt.core.text import Text
from ktt.domain.schema import Column, Kind
from ktt.sender.extract.convert import converted
from ktt.sender.extract.mapping.codes_file import official_codes, read_codes
from ktt.sender.extract.mapping.errors import ConstantWrong, FormatWrong, FormWrong, RequiredAbsent
from ktt.sender.extract.mapping.formats import DEFAULTS, FormatRefused, polars_format
from ktt.sender.extract.mapping.model import FieldSource
from ktt.sender.extract.mapping.section import Section

_FORM_OF: dict[str, frozenset[Kind]] = {
    "codes": frozenset({"code", "text"}),
    "date": frozenset({"day"}),
    "instant": frozenset({"instant"}),
    "month": frozenset({"month"}),
    "decimal": frozenset({"hours"}),
}
"""Which form suits which kind of field."""

_FORMAT_KEY: dict[str, str] = {"day": "date", "instant": "instant", "month": "month"}
_FIELD = Text(nb="et kolonnenavn eller en tabell, { column = … }", en="a column name or a table, { column = … }")
_MARK = Text(nb="«,» eller «.»", en="`,` or `.`")


def read_field(fields: Section, column: Column) -> FieldSource:
    """How one field is filled; a `KTT-MAP` fault when that cannot be."""
    value = fields.content[column.name]
    if isinstance(value, str) and value.strip():
        return FieldSource(column=value, format=_format(fields, "", column.kind) if column.kind in DEFAULTS else None)
    if not isinstance(value, dict):
        raise fields.value_fault(column.name, _FIELD)
    form = fields.section(column.name)
    if "absent" in value:
        form.allow_only("absent")
        if column.required:
            raise RequiredAbsent(file=form.file, key=form.key)
        return FieldSource(absent=form.text("absent"))
    if "constant" in value:
        form.allow_only("constant")
        return FieldSource(constant=_constant(form, column))
    return _from_column(form, column)


def _from_column(form: Section, column: Column) -> FieldSource:
    form.allow_only("column", "empty", *_FORM_OF)
    for name, kinds in _FORM_OF.items():
        if name in form.content and column.kind not in kinds:
            right = next((key for key, suits in _FORM_OF.items() if column.kind in suits), "column")
            raise FormWrong(file=form.file, key=form.key, kind=column.kind, form=name, expected=right)
    key = _FORMAT_KEY.get(column.kind)
    return FieldSource(
        column=form.text("column"),
        codes=read_codes(form, "codes", column.code_list) if "codes" in form.content else None,
        format=_format(form, key, column.kind) if key else None,
        comma=_comma(form),
        empty=form.texts("empty"),
    )


def _comma(form: Section) -> bool:
    mark = form.content.get("decimal", ".")
    if mark not in {",", "."}:
        raise form.value_fault("decimal", _MARK)
    return mark == ","


def read_format(section: Section, name: str, kind: str = "instant") -> str:
    """The format of an instant (or a day) under `name`, ISO when left out."""
    return _format(section, name, kind)


def _format(section: Section, name: str, kind: str) -> str:
    value = section.content.get(name)
    written = section.text(name) if value is not None and name in _FORM_OF else DEFAULTS[kind]
    try:
        return polars_format(kind, written)
    except FormatRefused as refused:
        raise FormatWrong(
            file=section.file, key=section.key, format=written, reason_nb=refused.reason.nb, reason_en=refused.reason.en
        ) from refused


def _constant(form: Section, column: Column) -> str:
    constant = form.text("constant")
    source = FieldSource(column="constant", format=_format(form, "", column.kind) if column.kind in DEFAULTS else None)
    frame = pl.DataFrame({"constant": [constant]}).select(converted(column.kind, source, "UTC", pl.col("constant")))
    right = official_codes(column.code_list)
    if frame.item() is None or (right and constant not in right):
        raise ConstantWrong(file=form.file, key=form.key, kind=column.kind)
    return constant
