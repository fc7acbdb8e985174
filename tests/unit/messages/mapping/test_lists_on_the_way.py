"""Lists that hold nothing of ours, on the way to records and to their parts."""

from __future__ import annotations

import datetime as dt
import json
import tomllib

import msgspec
import polars as pl

from ktt.domain.records import DECISION, DECISION_LINE
from ktt.domain.unit import ReportingUnit
from ktt.messages.mapping.assemble import Envelope, MessageContent, assemble
from ktt.messages.mapping.compiler import compile_mapping
from ktt.messages.mapping.encode import encode_records
from ktt.messages.mapping.language import MessageEntry
from ktt.messages.mapping.reader import Reader

UNIT = ReportingUnit("312000008", "1114")
TEXT = {"type": "string"}


def listed(**properties):
    return {"type": "array", "items": {"type": "object", "properties": properties}}


DECISIONS = listed(id=TEXT, who=TEXT, day=TEXT, groups=listed(lines=listed(id=TEXT)))
SCHEMA = {"type": "object", "properties": {"org": TEXT, "mun": TEXT, "packs": listed(decisions=DECISIONS)}}
MAPPING = """
[[objects]]
at = ""
holds = "unit"
members = { org = "organisation", mun = "municipality" }
[[objects]]
at = "packs[].decisions[]"
holds = "decision"
members = { id = "decision_id", who = "local_person_id", day = "decided_on" }
[[objects]]
at = "packs[].decisions[].groups[].lines[]"
holds = "decision_line"
members = { id = "service_id" }
"""


def test_they_are_written_with_one_item_and_read_with_any():
    mapping = compile_mapping(msgspec.convert(tomllib.loads(MAPPING), MessageEntry), SCHEMA, "M")
    decision = {"decision_id": "V", "local_person_id": "P", "decided_on": dt.date(2026, 3, 2)}
    records = {
        "decision": DECISION.conform(pl.DataFrame([decision])),
        "decision_line": DECISION_LINE.conform(pl.DataFrame({"decision_id": ["V", "V"], "service_id": ["a", "b"]})),
    }
    encoded = encode_records(mapping, UNIT, records)
    body = json.loads(assemble(mapping, MessageContent(UNIT, {}, encoded), Envelope("M", "1")))
    lines = [{"id": "a"}, {"id": "b"}]
    written = {"id": "V", "who": "P", "day": "2026-03-02", "groups": [{"lines": lines}]}
    assert body == {"org": "312000008", "mun": "1114", "packs": [{"decisions": [written]}]}

    again = written | {"id": "W", "groups": [{"lines": lines[:1]}, {"lines": lines[1:]}]}
    body["packs"].append({"decisions": [again]})
    (batch,) = Reader(mapping, SCHEMA, ("M", "1")).read(json.dumps(body).encode(), places=True)
    assert batch.records["decision_line"].select("decision_id", "service_id").rows() == [
        ("V", "a"),
        ("V", "b"),
        ("W", "a"),
        ("W", "b"),
    ]
    assert batch.places["decision_line"].to_list() == [
        "/packs/0/decisions/0/groups/0/lines/0",
        "/packs/0/decisions/0/groups/0/lines/1",
        "/packs/1/decisions/0/groups/0/lines/0",
        "/packs/1/decisions/0/groups/1/lines/0",
    ]
