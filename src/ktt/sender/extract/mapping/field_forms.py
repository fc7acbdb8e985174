"""The forms in which a mapping fills a field: `"col"`, `"AL-{col}"`, `{column, …}`, `{constant}` and `{absent}`."""

from __future__ import annotations

from typing import get_args

import polars as pl

from ktt.core.text import Text
from ktt.domain.schema import Column, Kind
from ktt.sender.extract.convert import converted
from ktt.sender.extract.errors import nearest
from ktt.sender.extract.mapping.errors import ConstantWrong, FormatWrong, FormWrong, NameUnknown, RequiredAbsent
from ktt.sender.extract.mapping.model import Choice, FieldSource
from ktt.sender.extract.mapping.section import Section
from ktt.sender.extract.mapping.values.codes_file import official_codes, read_codes
from ktt.sender.extract.mapping.values.formats import DEFAULTS, FormatRefused, polars_format
from ktt.sender.extract.mapping.values.kinds import KIND_WORDS
from ktt.sender.extract.mapping.values.template import is_well_formed

FORM_OF: dict[str, frozenset[Kind]] = {
    "codes": frozenset({"code", "text"}),
    "date": frozenset({"day"}),
    "instant": frozenset({"instant"}),
    "month": frozenset({"month"}),
    "decimal": frozenset({"hours"}),
    "strip": frozenset(get_args(Kind)),
    "upper": frozenset({"code", "text"}),
    "multiply": frozenset({"hours"}),
    "divide": frozenset({"hours"}),
    "days": frozenset({"day"}),
    "add": frozenset({"count"}),
}
"""Which form suits which kind of field."""

CHOSEN_OF: dict[str, Choice] = {"latest_of": "latest", "earliest_of": "earliest"}
"""Instead of `column`: several, of which the latest or the earliest day or instant counts."""

_FORMAT_KEY: dict[str, str] = {"day": "date", "instant": "instant", "month": "month"}
_FIELD = Text(nb="et kolonnenavn eller en tabell, { column = … }", en="a column name or a table, { column = … }")
_MOST = 1_000_000
_MOST_DAYS, _MOST_ADDED = 366, 1_000
_FACTOR = Text(nb="et tall større enn null, som 60", en="a number greater than nought, such as 60")
COLUMN = Text(nb="navnet på en kolonne, eller { column = … }", en="the name of a column, or { column = … }")
SIGNS = Text(nb="tegnene som tas bort, som «. »", en="the signs that are taken out, such as `. `")
_MARK = Text(nb="«,», «.» eller «:» (timer og minutter)", en="`,`, `.` or `:` (hours and minutes)")
_DAYS = Text(
    nb=f"et helt antall dager, ikke 0 og høyst {_MOST_DAYS}",
    en=f"a whole number of days, not 0 and at most {_MOST_DAYS}",
)
_ADD = Text(
    nb=f"et helt tall, ikke 0 og høyst {_MOST_ADDED}",
    en=f"a whole number, not 0 and at most {_MOST_ADDED}",
)
_SEVERAL = Text(nb="en liste med minst to ulike kolonner", en="a list of at least two different columns")
_TEMPLATE = Text(
    nb="en kolonne, eller en tekst med kolonner i klammer som «AL-{NR}»",
    en="a column, or a text with columns in braces such as `AL-{NR}`",
)
_TRUE = Text(nb="true; utelat den ellers", en="true; leave it out otherwise")
_OR = Text(nb="en liste med minst én kolonne", en="a list of at least one column")
_FORMATS = Text(nb="et format, eller en liste med ulike formater", en="a format, or a list of different formats")


def read_field(fields: Section, column: Column) -> FieldSource:
    """How one field is filled; a `KTT-MAP` fault when that cannot be."""
    value = fields.content[column.name]
    if isinstance(value, str) and value.strip():
        return FieldSource(column=_template(fields, column.name), formats=_default(column.kind))
    if not isinstance(value, dict):
        raise fields.value_fault(column.name, _FIELD)
    form = fields.section(column.name)
    if "absent" in value:
        form.allow_only("absent")
        if column.required:
            raise RequiredAbsent(file=form.file, key=form.key)
        return FieldSource(absent=form.text("absent"))
    return _constant(form, column) if "constant" in value else _from_column(form, column)


def _from_column(form: Section, column: Column) -> FieldSource:
    chosen = next((key for key in CHOSEN_OF if key in form.content), None)
    form.allow_only(*(["column", "or"] if chosen is None else [chosen]), "empty", "where", *FORM_OF)
    if chosen is not None and column.kind not in {"day", "instant"}:
        told = "«column», «or»"
        raise FormWrong(file=form.file, key=form.key, kind=KIND_WORDS[column.kind], form=chosen, expected=told)
    for name, kinds in FORM_OF.items():
        if name in form.content and column.kind not in kinds:
            right = [key for key, suits in FORM_OF.items() if column.kind in suits]
            told = ", ".join(f"«{key}»" for key in ("column", "or", "empty", "where", *right))
            raise FormWrong(file=form.file, key=form.key, kind=KIND_WORDS[column.kind], form=name, expected=told)
    key = _FORMAT_KEY.get(column.kind)
    first, *others = _several(form, chosen) if chosen else (_template(form, "column"), *_otherwise(form))
    return FieldSource(
        column=first,
        codes=read_codes(form, "codes", column.code_list) if "codes" in form.content else None,
        formats=read_formats(form, key, column.kind) if key else (),
        decimal=_decimal(form),
        empty=form.texts("empty"),
        otherwise=tuple(others),
        chosen=CHOSEN_OF[chosen] if chosen else None,
        days=_whole(form, "days", _MOST_DAYS, _DAYS),
        add=_whole(form, "add", _MOST_ADDED, _ADD),
        where=form.values("where"),
        strip=_signs(form),
        upper=_upper(form),
        multiply=1 if isinstance(form.content.get("multiply"), str) else _factor(form, "multiply"),
        times=_template(form, "multiply") if isinstance(form.content.get("multiply"), str) else None,
        divide=_factor(form, "divide"),
    )


def _template(form: Section, name: str) -> str:
    written = form.text(name)
    if not is_well_formed(written):
        raise form.value_fault(name, _TEMPLATE)
    return written


def _upper(form: Section) -> bool:
    if "upper" in form.content and form.content["upper"] is not True:
        raise form.value_fault("upper", _TRUE)
    return "upper" in form.content


def _otherwise(form: Section) -> tuple[str, ...]:
    """The columns that are read where the first has no value."""
    columns = form.texts("or")
    if "or" in form.content and not (columns and all(one.strip() and is_well_formed(one) for one in columns)):
        raise form.value_fault("or", _OR)
    return columns


def _signs(form: Section) -> str:
    """The signs that are taken out; a blank is one of them, so the text may be blank."""
    signs = form.content.get("strip", "")
    if not isinstance(signs, str) or (not signs and "strip" in form.content):
        raise form.value_fault("strip", SIGNS)
    return signs


def _factor(form: Section, name: str) -> float:
    factor = form.content.get(name, 1)
    if not isinstance(factor, int | float) or isinstance(factor, bool) or not 0 < factor < _MOST:
        raise form.value_fault(name, _FACTOR)
    return factor


def _decimal(form: Section) -> str:
    mark = form.content.get("decimal", ".")
    if mark not in (",", ".", ":"):
        raise form.value_fault("decimal", _MARK)
    return str(mark)


def _whole(form: Section, name: str, most: int, words: Text) -> int:
    """A whole number that changes something; 0 where the key is left out."""
    number = form.content.get(name, 0)
    if (
        not isinstance(number, int)
        or isinstance(number, bool)
        or abs(number) > most
        or (not number and name in form.content)
    ):
        raise form.value_fault(name, words)
    return number


def _several(form: Section, name: str) -> tuple[str, ...]:
    """The columns of which one is chosen."""
    columns = form.texts(name)
    if len(set(columns)) < max(2, len(columns)) or not all(one.strip() and is_well_formed(one) for one in columns):
        raise form.value_fault(name, _SEVERAL)
    return columns


def read_format(section: Section, name: str, kind: str = "instant") -> str:
    """The format of an instant (or a day) under `name`, ISO when left out."""
    return _format(section, section.text(name), kind) if name in section.content else _default(kind)[0]


def read_formats(section: Section, name: str, kind: str) -> tuple[str, ...]:
    """The formats under `name` in the order they are tried: one, or a list; ISO when left out."""
    if not isinstance(section.content.get(name), list):
        return (read_format(section, name, kind),)
    written = section.texts(name)
    if not written or len(set(written)) < len(written):
        raise section.value_fault(name, _FORMATS)
    return tuple(_format(section, one, kind) for one in written)


def _default(kind: str) -> tuple[str, ...]:
    return (polars_format(kind, DEFAULTS[kind]),) if kind in DEFAULTS else ()


def _format(section: Section, written: str, kind: str) -> str:
    try:
        return polars_format(kind, written)
    except FormatRefused as refused:
        raise FormatWrong(
            file=section.file, key=section.key, format=written, reason_nb=refused.reason.nb, reason_en=refused.reason.en
        ) from refused


def _constant(form: Section, column: Column) -> FieldSource:
    """The same value in every row: one of the field's kind, or a local code of the code file beside it."""
    form.allow_only("constant", *(["codes"] if column.kind in FORM_OF["codes"] else []))
    constant = form.text("constant")
    if "codes" in form.content:
        codes = read_codes(form, "codes", column.code_list)
        known = codes.rows["local"].unique().sort().to_list()
        if constant not in known:
            raise NameUnknown(file=form.file, key=f"{form.path('constant')} = {constant}", **nearest(constant, known))
        return FieldSource(constant=constant, codes=codes)
    source = FieldSource(column="constant", formats=_default(column.kind))
    frame = pl.DataFrame({"constant": [constant]}).select(converted(column.kind, source, "UTC", pl.col("constant")))
    right = official_codes(column.code_list)
    if frame.item() is None or (right and constant not in right):
        raise ConstantWrong(file=form.file, key=form.key, kind=KIND_WORDS[column.kind])
    return FieldSource(constant=constant, formats=source.formats)
