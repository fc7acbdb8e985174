"""One message in JSON, from bytes to a document."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from ktt.core.errors import KttError
from ktt.core.text import Text
from ktt.messages import strict_json
from ktt.messages.errors import MessageNotJson
from ktt.messages.register import likeliest_version
from ktt.messages.version import MessageVersion
from ktt.rules.findings import without_numbers, worst
from ktt.rules.message_validation import MessageValidation, validate_message
from ktt.rules.rule import Consequence
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
        from ktt.validate.annual import annual_document

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


def _version(name: str, data: bytes, request: ValidationRequest) -> MessageVersion:
    """The version that is asked for, or that the message's members tell."""
    versions = request.register.versions
    if request.type is not None:
        of_type = [one.version for one in versions if one.message_type == request.type]
        return request.register.find(request.type, request.version or (of_type or [NEWEST])[-1])
    known = [one for one in versions if request.version in {None, one.version}]
    found = likeliest_version(known, data)
    if found is None:
        strict_json.examine(data)
        raise MessageTypeUnclear(file=name, known=", ".join(dict.fromkeys(one.message_type for one in versions)))
    return found


def _breaking_schema(name: str, data: bytes, version: MessageVersion, validation: MessageValidation) -> Document:
    """A message that breaks its schema: its records are counted, and no rule is applied to them."""
    dense = strict_json.is_too_dense(data)  # neither its records nor its lines are counted
    records = 0 if dense else version.count_records(strict_json.parse(data))
    found = as_findings(validation.violations)
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
    beyond = version.beyond_rules(data, at_most=request.most_faults)
    rejected = bool(beyond) or worst(validation.findings) is Consequence.REJECT_MESSAGE
    totals, found = Totals(deletions=validation.deletions, findings=len(beyond)), [as_findings(beyond)]
    for batch, findings in zip(validation.batches, validation.by_batch, strict=True):
        totals += counted(batch.records, findings, list(version.record_types), rejected=rejected)
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
