"""One message in JSON, from bytes to a document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import polars as pl

from ktt.core.errors import KttError
from ktt.core.text import Text
from ktt.messages import strict_json
from ktt.messages.errors import MessageNotJson
from ktt.messages.register import PACKS, find, pack
from ktt.messages.version import MessageVersion
from ktt.rules.findings import without_numbers, worst
from ktt.rules.message_validation import MessageValidation, validate_message
from ktt.rules.rule import Consequence
from ktt.validate.annual import review_annual
from ktt.validate.consequence_counts import counted, with_values
from ktt.validate.document import Document, Question, Totals
from ktt.validate.errors import ByteOrderMark, FileEmpty, MessageTypeUnclear, NotWhatItSays
from ktt.validate.file_kinds import BOM, EMPTY, KINDS, OTHER_ENCODING, TEXT, XML, kind_of
from ktt.validate.line_numbers import lines_of
from ktt.validate.schema_faults import as_findings
from ktt.validate.syntax import refuse, refuse_encoding

NEWEST = "1"
"""The version that is meant when none is said."""

_JSON = Text(nb="JSON", en="JSON")

MOST_FAULTS = 10_000
"""Places that break the schema before the rest is left uncounted."""


def review_message(name: str, data: bytes, question: Question) -> Document:
    """Everything there is to say about one message; a `KTT-VAL` or `KTT-XML` fault when it cannot be read at all."""
    if kind_of(data) == XML:
        return review_annual(name, [data], question)
    _refuse_other_kinds(name, data)
    try:
        version = _version(name, data, question)
        verdict = validate_message(
            version,
            data,
            question.rules,
            question.today,
            production=question.production,
            at_most=MOST_FAULTS,
        )
        return (
            _misshapen(name, data, version, verdict)
            if verdict.faults
            else _judged(name, data, version, verdict, question)
        )
    except MessageNotJson as fault:
        refuse(name, data, fault)


_REFUSALS: Mapping[str, type[KttError]] = {
    EMPTY: FileEmpty,
    BOM: ByteOrderMark,
}


def _refuse_other_kinds(name: str, data: bytes) -> None:
    kind = kind_of(data)
    if kind in _REFUSALS:
        raise _REFUSALS[kind](file=name)
    if kind in {OTHER_ENCODING, TEXT}:
        refuse_encoding(name, data)
    seems = KINDS.get(kind) or (_JSON if name.lower().endswith(".xml") else None)
    if seems is not None:
        raise NotWhatItSays(file=name, kind_nb=seems.nb, kind_en=seems.en)


@cache
def _types() -> tuple[Mapping[bytes, str], re.Pattern[bytes]]:
    """List name → message type, and the pattern that finds a list's name where it is a field."""
    tables = [version.table for name in PACKS for version in pack(name)]
    lists = {name.encode(): table.message_type for table in tables for name in (table.list_name, table.delete_list)}
    return lists, re.compile(rb'"(' + b"|".join(lists) + rb')"\s*:')


def _version(name: str, data: bytes, question: Question) -> MessageVersion:
    return find(question.type or _type(name, data), question.version or NEWEST)


def _type(name: str, data: bytes) -> str:
    lists, pattern = _types()
    found = pattern.search(data)
    if found is None:
        strict_json.examine(data)
        raise MessageTypeUnclear(file=name, known=", ".join(sorted(known.decode() for known in lists)))
    return lists[found[1]]


def _misshapen(name: str, data: bytes, version: MessageVersion, verdict: MessageValidation) -> Document:
    """A message that breaks its schema: its records are read and not judged."""
    table = version.table
    items = [item for item in strict_json.parse(data) if isinstance(item, dict)] if data.lstrip()[:1] == b"[" else []
    lists = [rows for item in items if isinstance(rows := item.get(table.list_name), list)]
    records = sum(map(len, lists))
    return Document(
        name,
        "message",
        f"{version.message_type} {version.version}",
        totals=Totals(read=records, unjudged=records, findings=len(verdict.faults)),
        findings=_with_lines(as_findings(verdict.faults), data),
    )


def _judged(
    name: str, data: bytes, version: MessageVersion, verdict: MessageValidation, question: Question
) -> Document:
    rejected = worst(verdict.findings) is Consequence.REJECT_MESSAGE
    totals, found = Totals(deletions=verdict.deletions), []
    for batch, findings in zip(verdict.batches, verdict.by_batch, strict=True):
        totals += counted(batch.records, findings, [version.record_type], rejected=rejected)
        shown = with_values(findings, batch.records) if question.values else findings
        found.append(without_numbers(shown, batch.records))
    return Document(
        name,
        "message",
        f"{version.message_type} {version.version}",
        verdict.units,
        totals,
        _with_lines(pl.concat(found), data),
    )


def _with_lines(findings: pl.DataFrame, data: bytes) -> pl.DataFrame:
    pointers = findings["pointer"].drop_nulls().unique()
    lines = lines_of(data, pointers)
    return findings.with_columns(line=pl.col("pointer").replace_strict(lines, default=None, return_dtype=pl.UInt32))
