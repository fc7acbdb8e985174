"""One extract from a record system, read through its mapping: what the reading finds, then what the rules find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from ktt.core.settings import Environment
from ktt.domain.records import ALL_TYPES, RECIPIENT, ROOTS, Records
from ktt.domain.unit import ReportingUnit
from ktt.messages.version import MessageVersion
from ktt.rules.consequences import apply
from ktt.rules.context import ValidationScope
from ktt.rules.engine import validate_records
from ktt.rules.findings import with_consequence, without_numbers
from ktt.rules.open_findings import of_records
from ktt.rules.rule import Consequence
from ktt.sender.delta.batches import DEFAULT_LIMITS
from ktt.sender.delta.encoding import encode
from ktt.sender.extract.apply_findings import apply_findings, hold_unsendable
from ktt.sender.extract.extract import Extract
from ktt.sender.extract.finding_kinds import NO_IDENTITY
from ktt.sender.extract.sources.sql import open_source
from ktt.validate.consequence_counts import faulty, with_values
from ktt.validate.document import Document, Totals, ValidationRequest
from ktt.validate.rule_selection import CONSEQUENCES, normalised_word

_RULE_FOR = {NO_IDENTITY.code: "KTT-PERSON-02"}
"""Findings of the reading that a rule has as well, and that change nothing in what is sent: only the rule's is shown."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where an extract comes from: the database's address, the mapping that explains it, and whose it must be."""

    url: str
    mapping: Path
    unit: ReportingUnit


def extract_document(name: str, source: Source, request: ValidationRequest) -> Document:
    """An extract with its findings and totals. A `KTT-SRC` or `KTT-MAP` error when it cannot be read completely."""
    reader = open_source(source.url, source.mapping)
    extract = reader.read(source.unit, request.today, environment_of(request))
    return document_of(name, reader.mapping.name, extract, request)


def environment_of(request: ValidationRequest) -> Environment:
    """Whether the persons are real or synthetic."""
    return "production" if request.production else "sandbox"


def document_of(name: str, what: str, extract: Extract, request: ValidationRequest) -> Document:
    """The document of an extract that has been read; `what` is the mapping's name."""
    # The extract holds all of the unit's records: those that reading kept back are there too, only not to be sent.
    scope = ValidationScope(extract.unit, request.today, request.production, other_records=extract.held_records)
    findings = validate_records(extract.records, request.rules, scope)
    applied = {rule.id for rule in request.rules}
    twice = [code for code, rule in _RULE_FOR.items() if rule in applied]
    read = _chosen(extract.findings.filter(~pl.col("rule").is_in(twice)), request.choices)
    versions = request.register.to_send(request.today).mapped_versions()
    kept, following = _sent(extract, findings, versions)
    along = without_numbers(_chosen(following, request.choices), extract.records)
    totals = (
        _totals(extract, findings, kept) + _outside(extract, read) + Totals(findings=along.height, along=along.height)
    )
    shown = with_values(findings, extract.records) if request.values else findings
    shown = without_numbers(shown, extract.records)
    return Document(
        name,
        "extract",
        what,
        (extract.unit.key,),
        totals,
        pl.concat([read, shown, along]).with_columns(unit=pl.lit(extract.unit.key)),
        reading=extract.reading,
    )


def _sent(extract: Extract, findings: pl.DataFrame, versions: Sequence[MessageVersion]) -> tuple[Records, pl.DataFrame]:
    """What the sender would send of the extract, and the findings of what it would hold besides."""
    applied = apply_findings(extract, findings, versions)
    encoded = encode(applied.extract.records, versions, extract.unit, DEFAULT_LIMITS, keep=False)
    sendable = hold_unsendable(applied.extract, encoded.too_large, encoded.violations)
    return sendable.extract.records, pl.concat([applied.added, sendable.added])


def _totals(extract: Extract, findings: pl.DataFrame, kept: Records) -> Totals:
    """The totals of the records that rules were applied to; `kept` are those that the sender would send."""
    counts = {"findings": findings.height, "noted": with_consequence(findings, Consequence.NOTE).height}
    read = sum(extract.records[root.name].height for root in ROOTS)
    faultless = read - sum(faulty(extract.records, findings, root) for root in ROOTS)
    if not with_consequence(findings, Consequence.REJECT_MESSAGE).is_empty():
        return Totals(read=read, rejected=read, faultless=faultless, **counts)
    sent = sum(kept[root.name].height for root in ROOTS)
    ids = (pl.select(record_type=pl.lit(root.name), local_id=kept[root.name][root.key]) for root in (RECIPIENT, *ROOTS))
    clearing = of_records(with_consequence(findings, Consequence.CLEAR_FIELD), pl.concat(ids), "semi")
    cleared = apply(extract.records, clearing, *ROOTS).cleared
    return Totals(read=read, dropped=read - sent, kept=sent, faultless=faultless, cleared=cleared, **counts)


def _chosen(findings: pl.DataFrame, choices: tuple[str, ...]) -> pl.DataFrame:
    if not choices:
        return findings
    words = {normalised_word(choice) for choice in choices}
    numbers = [one.value for word, one in CONSEQUENCES.items() if words & {word, str(one.value)}]
    named = pl.any_horizontal(
        pl.col(column).str.to_lowercase().str.replace_all("[_ ]", "-").is_in(list(words))
        for column in ("rule", "record_type", "cause")
    )
    return findings.filter(named | pl.col("consequence").is_in(numbers))


def _outside(extract: Extract, findings: pl.DataFrame) -> Totals:
    """The totals of the records that no rule was applied to, and of what the reading noted."""
    held = sum(ids.len() for name, ids in extract.held.items() if name != RECIPIENT.name and name in ALL_TYPES)
    excluded = sum(sum(reasons.values()) for reasons in extract.excluded.values())
    noted = with_consequence(findings, Consequence.NOTE).height
    return Totals(read=held + excluded, held=held, excluded=excluded, noted=noted, findings=findings.height)
