"""A report as a table, one finding a row: CSV that Excel opens rightly, and a workbook."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from ktt.core import csv_text
from ktt.core.text import Language, Text
from ktt.validate.report.report import Group, Report
from ktt.validate.report.words import cause_name, finding_fields, record_word

COLUMNS: tuple[Text, ...] = (
    Text(nb="Hvem retter", en="Who acts"),
    Text(nb="Konsekvens", en="Consequence"),
    Text(nb="Regel", en="Rule"),
    Text(nb="Avvik", en="Finding"),
    Text(nb="Slik retter dere", en="What to do"),
    Text(nb="Fil", en="File"),
    Text(nb="Enhet", en="Unit"),
    Text(nb="Opplysning", en="Record"),
    Text(nb="Lokal ID", en="Local id"),
    Text(nb="Del", en="Part"),
    Text(nb="Felt", en="Fields"),
    Text(nb="Linje", en="Line"),
    Text(nb="Sted i meldingen", en="Place in the message"),
    Text(nb="Detalj", en="Detail"),
    Text(nb="Verdi", en="Value"),
)
_WIDTHS = (30, 24, 20, 50, 50, 20, 18, 20, 16, 16, 24, 8, 36, 20, 20)  # characters, so that a row can be read
_ROWS = 1_048_575  # what a worksheet holds below its heading
_TOO_MANY = Text(nb="Arket er fullt. Resten står i --format csv.", en="The sheet is full. The rest is in --format csv.")


def as_csv(report: Report, language: Language) -> bytes:
    """Semicolons and UTF-8 with a byte order mark, as a Norwegian Excel opens it; no cell can be run as a formula."""
    return csv_text.as_csv([[column.in_(language) for column in COLUMNS], *_rows(report, language)])


def as_workbook(report: Report, language: Language) -> bytes:
    """An Excel workbook with a filter on every column; text stays text."""
    from xlsxwriter import Workbook  # type: ignore[import-untyped]  # it has no types

    made = io.BytesIO()
    with Workbook(made, {"in_memory": True, "constant_memory": False, "strings_to_formulas": False}) as book:
        bold = book.add_format({"bold": True, "text_wrap": True})
        sheet = book.add_worksheet(Text(nb="Avvik", en="Findings").in_(language))
        sheet.freeze_panes(1, 0)
        for place, (column, width) in enumerate(zip(COLUMNS, _WIDTHS, strict=True)):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, column.in_(language), bold)
        last = 0
        for last, row in enumerate(_rows(report, language), 1):
            if last == _ROWS:
                sheet.write_string(last, 0, _TOO_MANY.in_(language))
                break
            _write(sheet, last, row)
        sheet.autofilter(0, 0, last, len(COLUMNS) - 1)
    return made.getvalue()


def _write(sheet: Any, place: int, row: tuple[str | int, ...]) -> None:
    for column, cell in enumerate(row):
        if isinstance(cell, int):
            sheet.write_number(place, column, cell)
        elif cell:
            sheet.write_string(place, column, cell)


def _rows(report: Report, language: Language) -> Iterator[tuple[str | int, ...]]:
    for group in report.groups:
        head = _head(group, language)
        for finding in group.findings.iter_rows(named=True):
            yield (*head, *_place(finding, language))


def _head(group: Group, language: Language) -> tuple[str, ...]:
    return (
        cause_name(group.cause, language),
        group.consequence.text.in_(language),
        group.about.id,
        group.about.says.in_(language),
        group.about.remedy.in_(language),
    )


def _place(finding: dict[str, Any], language: Language) -> tuple[str | int, ...]:
    record_type = finding["record_type"]
    return (
        finding["document"],
        finding["unit"] or "",
        record_word(record_type, language),
        finding["local_id"] or "",
        finding["part_id"] or "",
        finding_fields(finding, language),
        finding["line"] or "",
        finding["pointer"] or "",
        finding["detail"] or "",
        finding["value"] or "",
    )
