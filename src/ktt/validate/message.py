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
from ktt.messages.local_ids import beyond_rules
from ktt.messages.register import PACKS, find, pack
from ktt.messages.version import MessageVersion
from ktt.rules.findings import without_numbers, worst
from ktt.rules.message_validation import MessageValidation, validate_message
from ktt.rules.rule import Consequence
from ktt.validate.annual import annual_document
from ktt.validate.consequence_counts import counted, with_values
from ktt.validate.document import Document, Totals, ValidationRequest
from ktt.validate.errors import ByteOrderMark, FileEmpty, MessageTypeUnclear, NotWhatItSays
from ktt.validate.file_kinds import BOM, EMPTY, KINDS, OTHER_ENCODING, TEXT, XML, kind_of
from ktt.validate.line_numbers import lines_of
from ktt.validate.message_violations import as_findings
from ktt.validate.syntax import refuse, refuse_encoding

NEWEST = "1"
"""The version that a message is taken to be when none is named."""

_JSON = Text(nb="JSON", en="JSON")


def message_document(name: str, data: bytes, request: ValidationRequest) -> Document:
    """One message with its findings and totals; a `KTT-VAL` or `KTT-XML` error when it cannot be read at all."""
    if kind_of(data) == XML:
        return annual_document(name, [data], request)
    _refuse_other_kinds(name, data)
    try:
        version = _version(name, data, request)
        validation = validate_message(
            version,
            data,
            request.rules,
            request.today,
            production=request.production,
            at_most=request.most_faults,
        )
    except MessageNotJson as fault:
        refuse(name, data, fault)
    if validation.violations:
        return _breaking_schema(name, data, version, validation)
    return _by_rules(name, data, version, validation, request)


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


def _version(name: str, data: bytes, request: ValidationRequest) -> MessageVersion:
    return find(request.type or _type(name, data), request.version or NEWEST)


def _type(name: str, data: bytes) -> str:
    lists, pattern = _types()
    found = pattern.search(data)
    if found is None:
        strict_json.examine(data)
        raise MessageTypeUnclear(file=name, known=", ".join(sorted(known.decode() for known in lists)))
    return lists[found[1]]


def _breaking_schema(name: str, data: bytes, version: MessageVersion, validation: MessageValidation) -> Document:
    """A message that breaks its schema: its records are counted, and no rule is applied to them."""
    table = version.table
    dense = strict_json.is_too_dense(data)  # neither its records nor its lines are counted
    items = [] if dense or data.lstrip()[:1] != b"[" else strict_json.parse(data)
    lists = [rows for item in items if isinstance(item, dict) and isinstance(rows := item.get(table.list_name), list)]
    records, found = sum(map(len, lists)), as_findings(validation.violations)
    return Document(
        name,
        "message",
        f"{version.message_type} {version.version}",
        totals=Totals(read=records, unjudged=records, findings=len(validation.violations)),
        findings=found.with_columns(line=pl.lit(1, pl.UInt32)) if dense else _with_lines(found, data),
    )


def _by_rules(
    name: str, data: bytes, version: MessageVersion, validation: MessageValidation, request: ValidationRequest
) -> Document:
    beyond = beyond_rules(version.table, data, at_most=request.most_faults)
    rejected = bool(beyond) or worst(validation.findings) is Consequence.REJECT_MESSAGE
    totals, found = Totals(deletions=validation.deletions, findings=len(beyond)), [as_findings(beyond)]
    for batch, findings in zip(validation.batches, validation.by_batch, strict=True):
        totals += counted(batch.records, findings, [version.record_type], rejected=rejected)
        shown = with_values(findings, batch.records) if request.values else findings
        found.append(without_numbers(shown, batch.records))
    return Document(
        name,
        "message",
        f"{version.message_type} {version.version}",
        validation.units,
        totals,
        _with_lines(pl.concat(found), data),
    )


def _with_lines(findings: pl.DataFrame, data: bytes) -> pl.DataFrame:
    pointers = findings["pointer"].drop_nulls().unique()
    lines = lines_of(data, pointers)
    return findings.with_columns(line=pl.col("pointer").replace_strict(lines, default=None, return_dtype=pl.UInt32))
