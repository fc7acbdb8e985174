"""The examples of a rule as a frame, and the verdict on each row, as the tests and the manual have them."""

from __future__ import annotations

import polars as pl

from ktt.messages.iplos_3_7.element_rows import ElementRows
from ktt.rules.annual.examples import YEAR
from ktt.rules.annual.record_types import CONTEXT, ReportYear
from ktt.rules.annual.validation_run import AnnualValidation
from ktt.rules.examples import BREAKS, blocks
from ktt.rules.rule import Rule

EMPTY = "–"
"""How a field that is there without a value is written in an example; a field that is not there is blank."""


def expected_verdicts(rule: Rule) -> list[bool]:
    """For each row, whether the example says that it breaks the rule."""
    (block,) = blocks(rule.examples, rule.on.name)
    place = block.header.index(BREAKS)
    return [row[place] == "yes" for row in block.rows]


def frame(rule: Rule) -> pl.DataFrame:
    """The rows of the example, all of one person in the report year 2025."""
    (block,) = blocks(rule.examples, rule.on.name)
    cells = {
        name: [{"": None, EMPTY: ""}.get(row[place], row[place]) for row in block.rows]
        for place, name in enumerate(block.header)
        if name != BREAKS
    }
    unknown = set(cells) - {column.name for column in rule.on.columns} - set(CONTEXT)
    if unknown:
        raise KeyError(f"{rule.on.name} has no field {sorted(unknown)}")
    rows = len(block.rows)
    columns = {column.name: cells.get(column.name, [None] * rows) for column in rule.on.columns} | cells
    place = pl.int_range(rows, dtype=pl.UInt32, eager=True)
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).with_columns(
        place.alias("id"), line=pl.lit(1, pl.UInt32), person=pl.lit(1, pl.UInt32)
    )


def actual_verdicts(rule: Rule) -> list[bool]:
    """For each row, whether it breaks the rule."""
    rows = ElementRows(frame(rule))
    validation = AnnualValidation((rule,), report_year=ReportYear(YEAR))
    broken = {row for _, places in validation.broken(rule.on.name, rows) for row in places}
    return [row in broken for row in range(rows.frame.height)]
