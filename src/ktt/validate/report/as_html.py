"""A report as one web page: nothing is fetched, nothing runs, both languages are in it."""

from __future__ import annotations

from pathlib import Path

from ktt.core.html.environment import render
from ktt.core.text import Text
from ktt.rules.rule import Cause
from ktt.validate.report.as_text import where
from ktt.validate.report.report import Report, accounts
from ktt.validate.report.words import cause_name

SHOWN = 200
"""Findings of one rule on the page; CSV and the workbook have them all."""

_FEW = 5  # places of a rule that stand open at once
_TEMPLATES = Path(__file__).parent / "templates"
_TITLE = Text(nb="Kontroll av KTT-data", en="Validation of KTT data")


def as_page(report: Report) -> bytes:
    """HTML in UTF-8. Bokmål is shown until the reader chooses English; without style sheets both are."""
    return render(
        _TEMPLATES,
        "report.html.jinja",
        title=_TITLE,
        report=report,
        today=report.request.today.isoformat(),
        causes=[(cause, report.of(cause)) for cause in Cause if report.of(cause)],
        shown=SHOWN,
        few=_FEW,
        accounts=accounts,
        where=where,
        cause_name=cause_name,
    )
