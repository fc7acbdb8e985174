"""Validation before sending: the catalogue over the whole extract, and what follows from what it finds (ADR 0009).

What reading the record system finds and what the rules find are findings alike: they are recorded together, and a
record that either of them holds is present, never absent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from ktt.core.settings import Environment
from ktt.messages.version import MessageVersion
from ktt.rules.context import ValidationScope
from ktt.rules.engine import validate_records
from ktt.rules.findings import with_consequence, without_numbers
from ktt.rules.kinds import Consequence
from ktt.rules.open_findings import RECORD, FindingDiff, diff_findings, of_records
from ktt.rules.rule_sets.published import rule_set_on
from ktt.sender.delta.encoding import EncodedRecords
from ktt.sender.errors import ExtractRejected
from ktt.sender.extract.apply_findings import FindingsApplied, apply_findings, hold_unsendable
from ktt.sender.extract.extract import Extract
from ktt.sender.extract.finding_kinds import ENCODING_CODES, FINDING_KINDS, NO_IDENTITY
from ktt.sender.findings.store import as_stored

_SHOWN = 5
"""Rules that a rejection names: the report has them all."""


@dataclass(frozen=True, slots=True)
class ValidatedExtract:
    """An extract as it is to be sent, and everything found on the way.

    `not_validated` are the ids, per root type, of the records that the rules did not see, since reading held them;
    `not_encoded` of those that were not encoded, since they were held already.
    """

    extract: Extract = field(repr=False)
    findings: pl.DataFrame = field(repr=False)
    rule_set: str
    not_validated: Mapping[str, pl.Series] = field(repr=False)
    not_encoded: Mapping[str, pl.Series] = field(default_factory=dict, repr=False)

    @property
    def rejection(self) -> ExtractRejected | None:
        """Why nothing of the extract may be sent; None when it may."""
        rejecting = with_consequence(self.findings, Consequence.REJECT_MESSAGE)
        if rejecting.is_empty():
            return None
        counts = rejecting.group_by("rule").len().sort("len", "rule", descending=[True, False])
        named = [f"{rule} ({count})" for rule, count in counts.head(_SHOWN).iter_rows()]
        more = ["…"] if counts.height > _SHOWN else []
        return ExtractRejected(count=rejecting.height, rules=", ".join(named + more))

    def hold_unsendable(self, encoded: EncodedRecords) -> ValidatedExtract:
        """The same after encoding, with the records held that no message can carry.

        Only what is new or changed is encoded: the registry has accepted the rest. So a held record is encoded in every
        run that finds nothing else wrong with it.
        """
        applied = hold_unsendable(self.extract, encoded.too_large, encoded.violations)
        return replace(
            self,
            extract=applied.extract,
            findings=pl.concat([self.findings, _hidden(applied, self.extract)]),
            not_encoded=self.extract.held,
        )

    def diff(self, before: pl.DataFrame) -> FindingDiff:
        """What the run makes of the findings that were open before it.

        A finding of a check that did not see its record in this run is neither seen again nor closed.
        """
        of_rules = before.filter(~pl.col("rule").is_in(list(FINDING_KINDS)))
        of_encoding = before.filter(pl.col("rule").is_in(list(ENCODING_CODES)))
        unchecked = ((of_rules, self.not_validated), (of_encoding, self.not_encoded))
        silent = pl.concat(of_records(findings, _records(ids), "semi") for findings, ids in unchecked)
        checked = before.join(silent, on="number", how="anti", maintain_order="left")
        return replace(diff_findings(checked, as_stored(self.findings)), not_validated=silent)


def validate_extract(
    extract: Extract, environment: Environment, versions: Sequence[MessageVersion]
) -> ValidatedExtract:
    """Apply every rule in force on the extraction day, and carry out what follows."""
    rule_set = rule_set_on(extract.extracted_on)
    production = environment == "production"
    # The extract is the whole picture: the rules also see what reading held, only it is not sent.
    scope = ValidationScope(extract.unit, extract.extracted_on, production, other_records=extract.held_records)
    found = validate_records(extract.records, rule_set.rules, scope)
    applied = apply_findings(extract, found, versions)
    # A missing number is found by a rule as well, and reported once.
    read = extract.findings.filter(pl.col("rule") != NO_IDENTITY.code)
    findings = pl.concat([read, without_numbers(found, extract.records), _hidden(applied, extract)])
    return ValidatedExtract(applied.extract, findings, rule_set.version, extract.held)


def _hidden(applied: FindingsApplied, extract: Extract) -> pl.DataFrame:
    return without_numbers(applied.added, extract.records)


def _records(ids: Mapping[str, pl.Series]) -> pl.DataFrame:
    """Ids per root type as one frame of `open_findings.RECORD`."""
    none = pl.DataFrame(schema=dict.fromkeys(RECORD, pl.String()))
    return pl.concat([none, *(pl.select(record_type=pl.lit(name), local_id=some) for name, some in ids.items())])
