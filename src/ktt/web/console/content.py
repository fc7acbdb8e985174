"""The message of a request as it is shown: line by line, with what the rules found and where."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import polars as pl

from ktt.core.errors import KttError
from ktt.testing.conformance.report.evidence import unnumbered
from ktt.validate.document import Document
from ktt.validate.line_numbers import lines_of
from ktt.validate.message import message_document
from ktt.validate.report.as_text import where
from ktt.validate.report.report import Report, accounts
from ktt.validate.rule_selection import validation_request

MOST_LINES = 4000
"""Lines of a message that are shown."""

MOST_BYTES = 2_000_000
"""Bytes of a message up to which the rules are run for its page; a larger one takes seconds."""

WORDS: Mapping[str, Any] = {"accounts": accounts, "where": where}
"""What the template of a message's results calls."""

_MOST_CHARACTERS = 400_000
_NAME = "melding.json"


@dataclass(frozen=True, slots=True)
class Content:
    """A message for its page. `found` are the rules that its lines break, by line; `formatted`: line breaks were put in."""

    lines: list[str] = field(repr=False)
    total: int
    formatted: bool
    report: Report | None
    found: dict[int, list[str]]

    @property
    def fault(self) -> KttError | None:
        """Why the message could not be read at all."""
        return None if self.report is None else self.report.documents[0].fault


def content_of(payload: str, kind: tuple[str, str], packs: tuple[str, ...], today: dt.date, *, masked: bool) -> Content:
    """The message with the results of schema and rules. `masked` hides persons' numbers in what is shown."""
    text, formatted = _laid_out(payload)
    report = None if len(payload) > MOST_BYTES else _report(payload, text, kind, packs, today)
    lines = _cut(text)
    shown = unnumbered(lines) if masked else lines
    return Content(shown.split("\n"), text.count("\n") + 1, formatted, report, _found(report))


def _cut(text: str) -> str:
    """The first lines, not more than some hundred thousand characters; no number is cut in two, which would uncover it."""
    if len(text) > _MOST_CHARACTERS:
        text = text[:_MOST_CHARACTERS].rstrip("0123456789 .")
    return "\n".join(text.split("\n", MOST_LINES)[:MOST_LINES])


def _laid_out(payload: str) -> tuple[str, bool]:
    """The text as it came; one that stands on a single line gets line breaks, and nothing else is changed in it."""
    if "\n" in payload.strip():
        return payload, False
    try:
        return msgspec.json.format(payload, indent=2), True
    except msgspec.MsgspecError:
        return payload, False


def _report(payload: str, text: str, kind: tuple[str, str], packs: tuple[str, ...], today: dt.date) -> Report | None:
    request = validation_request(today, message=kind, packs=packs)
    try:
        document = message_document(_NAME, payload.encode(), request)
    except KttError as fault:
        return Report((Document(_NAME, "unread", fault=fault),), request)
    findings = document.findings
    lines = lines_of(text.encode(), findings["pointer"].drop_nulls().unique()) if not findings.is_empty() else {}
    moved = findings.with_columns(line=pl.col("pointer").replace_strict(lines, default=None, return_dtype=pl.UInt32))
    return Report((replace(document, findings=moved),), request)


def _found(report: Report | None) -> dict[int, list[str]]:
    if report is None or report.findings.is_empty():
        return {}
    by_line = report.findings.drop_nulls("line").group_by("line", maintain_order=True).agg(pl.col("rule").unique())
    return {row["line"]: sorted(row["rule"]) for row in by_line.iter_rows(named=True)}
