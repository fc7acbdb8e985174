"""What schema and rules find in a recorded message, as `ktt validate` would say it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ktt.validate.message import message_document
from ktt.validate.report.report import Group, Report
from ktt.validate.rule_selection import consequence_word, validation_request


def message_findings(
    content: bytes, message_type: str, version: str, day: dt.date, packs: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Every finding by the rule set in force that day; a KttError when the message cannot be read at all."""
    request = validation_request(day, message=(message_type, version), packs=packs)
    report = Report((message_document("message", content, request),), request)
    return [found for group in report.groups for found in _found(group)]


def _found(group: Group) -> list[dict[str, Any]]:
    told = {
        "rule": group.about.id,
        "consequence": consequence_word(group.consequence),
        "cause": group.cause.value,
        "says": group.about.says.both(),
        "remedy": group.about.remedy.both(),
    }
    places = ("record_type", "local_id", "fields", "message_fields", "pointer", "line", "detail")
    return [told | place for place in group.findings.select(places).to_dicts()]
