"""Judging before sending: the catalogue over the whole extract, and what follows from what it finds (ADR 0009).

What is found by reading the record system and what is found by the rules are findings alike: they are written down
together, and a record that either of them keeps back is held: present, never absent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from ktt.core.settings import Environment
from ktt.domain.unit import ReportingUnit
from ktt.messages.version import MessageVersion
from ktt.rules.catalogue import rule_set_on
from ktt.rules.engine import Setting, judge
from ktt.rules.findings import FINDING_SCHEMA, without_numbers
from ktt.rules.open_findings import RECORD, Standing, of_records, stand
from ktt.rules.rule import Consequence
from ktt.sender.delta.batches import DEFAULT_LIMITS, Limits
from ktt.sender.delta.compare import Changes
from ktt.sender.delta.oversize import oversize
from ktt.sender.errors import ExtractRejected
from ktt.sender.extract.apply_findings import fates, fitting
from ktt.sender.extract.extract import Extract
from ktt.sender.extract.findings import KINDS, NO_IDENTITY, as_judged

_SHOWN = 5
"""Rules that a rejection names: the report has them all."""

_OF_SCHEMA = [kind.code for kind in KINDS.values() if kind.place]


@dataclass(frozen=True, slots=True)
class Judged:
    """An extract as it is to be sent, and everything found on the way.

    `found` has the columns of `findings.FINDING_SCHEMA`; a source finding's detail stands as its `part_id`.
    `unasked` are the records that the rules were not asked about, since reading them failed; `unfitted` those that the
    schema was not asked about, since they were kept back already.
    """

    extract: Extract = field(repr=False)
    found: pl.DataFrame = field(repr=False)
    rule_set: str
    unasked: Mapping[str, pl.Series] = field(repr=False)
    unfitted: Mapping[str, pl.Series] = field(default_factory=dict, repr=False)

    @property
    def rejected(self) -> ExtractRejected | None:
        """Why nothing of the extract may be sent; None when it may."""
        rejecting = self.found.filter(pl.col("consequence") == Consequence.REJECT_MESSAGE.value)
        if rejecting.is_empty():
            return None
        counts = rejecting.group_by("rule").len().sort("len", "rule", descending=[True, False])
        named = [f"{rule} ({count})" for rule, count in counts.head(_SHOWN).iter_rows()]
        more = ["…"] if counts.height > _SHOWN else []
        return ExtractRejected(count=rejecting.height, rules=", ".join(named + more))

    def fitting(
        self, changes: Mapping[str, Changes], versions: Sequence[MessageVersion], unit: ReportingUnit
    ) -> Judged:
        """The same, with what is new or changed and breaks its message's schema kept back as well.

        What is unchanged needs no look: the registry has taken it. So a record that was held is always looked at.
        """
        ids = {name: pl.concat([one.new, one.changed])["local_id"] for name, one in changes.items()}
        fated = fitting(self.extract, versions, unit, ids)
        found = without_numbers(_common(fated.along), self.extract.records)
        together = pl.concat([self.found, found])
        return replace(self, extract=fated.extract, found=together, unfitted=self.extract.held)

    def stand(self, before: pl.DataFrame) -> Standing:
        """What the run says of the findings that were open before it.

        A rule, or a schema, that was not asked about a record says nothing of it: its finding is neither seen nor closed.
        """
        rules = before.filter(~pl.col("rule").is_in(list(KINDS)))
        schema = before.filter(pl.col("rule").is_in(_OF_SCHEMA))
        named = ((rules, self.unasked), (schema, self.unfitted))
        silent = pl.concat(of_records(some, _named(ids), "semi") for some, ids in named)
        asked = before.join(silent, on="number", how="anti", maintain_order="left")
        return replace(stand(asked, self.found), unjudged=silent)


def judged(
    extract: Extract,
    unit: ReportingUnit,
    environment: Environment,
    versions: Sequence[MessageVersion],
    limits: Limits = DEFAULT_LIMITS,
) -> Judged:
    """Ask every rule in force on the extraction day, and carry out what follows.

    A record that is larger than a message may be is kept back as well; what breaks its schema, see `Judged.fitting`.
    """
    rule_set = rule_set_on(extract.extracted_on)
    production = environment == "production"
    # The extract is the whole picture: what is kept back from it is there too, only not to be sent.
    setting = Setting(unit, extract.extracted_on, production, known=extract.kept_back)
    broken = judge(extract.records, rule_set.rules, setting)
    fated = fates(extract, broken, versions, lambda left: oversize(left, versions, unit, limits))
    read = extract.findings.filter(pl.col("code") != NO_IDENTITY.code)  # which a rule finds as well: told once
    found = without_numbers(pl.concat([broken, _common(fated.along)]), extract.records)
    return Judged(fated.extract, pl.concat([_common(read), found]), rule_set.version, extract.held)


def _common(findings: pl.DataFrame) -> pl.DataFrame:
    """Source findings in the columns of a rule's findings."""
    plain = as_judged(findings).rename({"detail": "part_id"})
    return plain.with_columns(row=pl.lit(None, FINDING_SCHEMA["row"])).select(*FINDING_SCHEMA)


def _named(ids: Mapping[str, pl.Series]) -> pl.DataFrame:
    """Ids per root type as one frame of `standing.RECORD`."""
    none = pl.DataFrame(schema=dict.fromkeys(RECORD, pl.String()))
    return pl.concat([none, *(pl.select(record_type=pl.lit(name), local_id=some) for name, some in ids.items())])
