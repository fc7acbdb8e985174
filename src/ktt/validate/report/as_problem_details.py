"""The validation of one message as a receiver answers it: JSON values in both languages, without values of fields."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, replace
from typing import Any

from ktt.core.text import Text
from ktt.rules.rule import Cause, Consequence
from ktt.validate.message import message_document
from ktt.validate.report.report import Group, Report
from ktt.validate.rule_selection import consequence_word, validation_request

SHOWN = 100
"""Findings of one rule in an answer; the counts are of them all."""

MOST_FAULTS = 1_000
"""Places that break the schema, of which no more are counted: anybody may ask, and ten times as many take a second."""

_NAME = "melding.json"
_BREAKS_SCHEMA = Text(nb="meldingen følger ikke skjemaet", en="the message breaks its schema")
_OUTCOMES: dict[Consequence | None, str] = {
    None: "accepted",
    Consequence.NOTE: "accepted",
    Consequence.CLEAR_FIELD: "accepted_with_loss",
    Consequence.DROP_RECORD: "accepted_with_loss",
    Consequence.REJECT_MESSAGE: "rejected",
}


def verdict(kind: tuple[str, str], content: bytes, *, today: dt.date, production: bool) -> dict[str, Any]:
    """Schema and all rules over one message of `kind` (type and version); a KttError when it cannot be read.

    `delivered` and `errors` are there for FHI's client, which reads every answer alike: nothing was delivered.
    """
    asked = validation_request(today, production=production, message=kind)
    request = replace(asked, most_faults=MOST_FAULTS)
    document = message_document(_NAME, content, request)
    report = Report((document,), request)
    breaks_schema = document.totals.unjudged > 0 or _breaks_schema(report)
    return {
        "delivered": False,
        "errors": [],
        "outcome": _OUTCOMES[document.worst],
        "fits_schema": not breaks_schema,
        "message_type": kind[0],
        "version": kind[1],
        "units": list(document.units),
        "rule_set": request.rule_set,
        "judged_on": today.isoformat(),
        "production": production,
        "totals": {"judged": document.totals.judged, **asdict(document.totals)},
        "consequences": [_consequence(report, one, breaks_schema=breaks_schema) for one in Consequence],
        "causes": [_cause(report, one) for one in Cause],
        "rules": [_rule(group) for group in report.groups],
        "findings": [finding for group in report.groups for finding in _findings(group)],
    }


def _breaks_schema(report: Report) -> bool:
    return any(group.about.id.startswith("KTT-SKJEMA") for group in report.groups)


def _consequence(report: Report, consequence: Consequence, *, breaks_schema: bool) -> dict[str, Any]:
    """What one of the four does: to how many records or fields, and by how many findings."""
    totals = report.totals
    touched = {
        Consequence.REJECT_MESSAGE: totals.unjudged if breaks_schema else totals.rejected,
        Consequence.DROP_RECORD: totals.dropped,
        Consequence.CLEAR_FIELD: totals.cleared,
        Consequence.NOTE: 0,
    }
    groups = [group for group in report.groups if group.consequence is consequence]
    says = _BREAKS_SCHEMA if breaks_schema and consequence is Consequence.REJECT_MESSAGE else consequence.text
    return {
        "consequence": consequence_word(consequence),
        "number": consequence.value,
        "does": says.both(),
        "findings": sum(group.count for group in groups),
        "touches": touched[consequence],
        "counts": "fields" if consequence is Consequence.CLEAR_FIELD else "records",
    }


def _cause(report: Report, cause: Cause) -> dict[str, Any]:
    return {
        "cause": cause.value,
        "who": cause.text.both(),
        "findings": sum(group.count for group in report.of(cause)),
    }


def _rule(group: Group) -> dict[str, Any]:
    return {
        "rule": group.about.id,
        "consequence": consequence_word(group.consequence),
        "does": group.consequence.text.both(),
        "cause": group.cause.value,
        "who": group.cause.text.both(),
        "says": group.about.says.both(),
        "remedy": group.about.remedy.both(),
        "count": group.count,
        "shown": min(group.count, SHOWN),
    }


def _findings(group: Group) -> list[dict[str, Any]]:
    shown = group.findings.head(SHOWN)
    columns = ("rule", "unit", "record_type", "local_id", "part_id", "fields", "pointer", "line", "detail")
    return [
        {
            **row,
            "fields": row["fields"] or [],
            "consequence": consequence_word(group.consequence),
            "cause": group.cause.value,
        }
        for row in shown.select(columns).iter_rows(named=True)
    ]
