"""A report as data for other programs: both languages, every finding, the totals."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import orjson

from ktt.rules.rule import Cause
from ktt.validate.document import Document
from ktt.validate.report.report import Group, Report
from ktt.validate.rule_selection import consequence_word


def as_data(report: Report) -> dict[str, Any]:
    """The whole report as JSON values."""
    request = report.request
    return {
        "rule_set": report.rule_set,
        "judged_on": request.today.isoformat(),
        "production": request.production,
        "only": list(request.choices),
        "exit_code": report.exit_code,
        "totals": _totals(report),
        "documents": [_document(document) for document in report.documents],
        "causes": [
            {
                "cause": cause.value,
                "who": cause.text.both(),
                "findings": sum(group.count for group in report.of(cause)),
                "rules": [_group(group) for group in report.of(cause)],
            }
            for cause in Cause
        ],
    }


def as_json(report: Report) -> bytes:
    """The same as one JSON document, UTF-8."""
    return orjson.dumps(as_data(report), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _totals(report: Report | Document) -> dict[str, int]:
    return {"judged": report.totals.judged, **asdict(report.totals)}


def _document(document: Document) -> dict[str, Any]:
    fault = document.fault
    error = {"code": fault.code, "what": fault.says().both(), "remedy": fault.advises().both()} if fault else None
    return {
        "name": document.name,
        "kind": document.kind,
        "what": document.what,
        "units": list(document.units),
        "exit_code": document.exit_code,
        "totals": _totals(document),
        "fault": error,
        "reading": document.reading.as_data() if document.reading else None,
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "rule": group.about.id,
        "consequence": consequence_word(group.consequence),
        "says": group.about.says.both(),
        "remedy": group.about.remedy.both(),
        "count": group.count,
        "findings": group.findings.drop("rule", "consequence", "cause", "row").to_dicts(),
    }
