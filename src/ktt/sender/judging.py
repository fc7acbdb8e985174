"""Judging before sending: the catalogue over the whole extract, and what follows from what it finds (ADR 0009).

What is found by reading the record system and what is found by the rules are findings alike: they are written down
together, and a record that either of them keeps back is held: present, never absent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from ktt.config import Environment
from ktt.delta.oversize import oversize
from ktt.delta.split import DEFAULT_LIMITS, Limits
from ktt.domain.records import RECIPIENT, ROOTS, Records
from ktt.domain.schema import RecordType
from ktt.domain.unit import ReportingUnit
from ktt.messages.version import MessageVersion
from ktt.sender.errors import ExtractRejected
from ktt.sources.extract import Extract
from ktt.sources.findings import KINDS, LEFT_EMPTY, NO_IDENTITY, TOO_LARGE, Findings, as_judged
from ktt.sources.holding import cascade, held_ids, without
from ktt.validation.catalogue import rule_set_on
from ktt.validation.consequences import apply
from ktt.validation.engine import Setting, judge
from ktt.validation.findings import FINDING_SCHEMA, without_numbers
from ktt.validation.rule import Consequence
from ktt.validation.standing import RECORD, Standing, of_records, stand

_SHOWN = 5
"""Rules that a rejection names: the report has them all."""

_ROOT_NAMES = [root.name for root in (RECIPIENT, *ROOTS)]


@dataclass(frozen=True, slots=True)
class Judged:
    """An extract as it is to be sent, and everything found on the way.

    `found` has the columns of `findings.FINDING_SCHEMA`; a source finding's local code stands as its `part_id`.
    `unasked` are the records that the rules were not asked about, since reading them failed.
    """

    extract: Extract = field(repr=False)
    found: pl.DataFrame = field(repr=False)
    rule_set: str
    unasked: Mapping[str, pl.Series] = field(repr=False)

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

    def stand(self, before: pl.DataFrame) -> Standing:
        """What the run says of the findings that were open before it.

        A rule that was not asked about a record says nothing of it: its finding is neither seen again nor closed.
        """
        rules = before.filter(~pl.col("rule").is_in(list(KINDS)))
        silent = of_records(rules, _named(self.unasked), "semi")
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

    A record that is larger than a message may be is kept back as well.
    """
    rule_set = rule_set_on(extract.extracted_on)
    production = environment == "production"
    # The extract is the whole picture: what is kept back from it is there too, only not to be sent.
    setting = Setting(unit, extract.extracted_on, production, known=extract.kept_back)
    broken = judge(extract.records, rule_set.rules, setting)
    dropped = broken.filter(pl.col("consequence") == Consequence.DROP_RECORD.value)
    left = _left(extract.records, broken)
    own = Findings()
    for kind, of_type in (
        (LEFT_EMPTY, _emptied(left, dropped, versions)),
        (TOO_LARGE, oversize(left, versions, unit, limits)),
    ):
        for root, ids in of_type:
            own.add(kind, root.name, ids, None)
    holding = Findings([_as_holding(dropped), own.frame()])
    cascade(extract.records, holding)
    read = extract.findings.filter(pl.col("code") != NO_IDENTITY.code)  # which a rule finds as well: told once
    along = pl.concat(holding.parts[1:])
    found = [_common(read), without_numbers(broken, extract.records), _common(along)]
    kept = _keep_back(extract, left, held_ids(holding.frame()))
    return Judged(kept, pl.concat(found), rule_set.version, extract.held)


def _keep_back(extract: Extract, left: Records, held: Mapping[str, pl.Series]) -> Extract:
    """The extract with these records held, beside those that reading kept back."""
    together = {name: pl.concat([ids, held[name]]).unique() for name, ids in extract.held.items()}
    return replace(extract, records=without(left, held), held=together)


def _left(records: Records, broken: pl.DataFrame) -> Records:
    """The records after what the rules drop and clear."""
    acting = broken.filter(pl.col("consequence").is_in([Consequence.DROP_RECORD.value, Consequence.CLEAR_FIELD.value]))
    return records if acting.is_empty() else {**records, **apply(records, acting, *ROOTS).records}


def _emptied(
    left: Records, dropped: pl.DataFrame, versions: Sequence[MessageVersion]
) -> Iterator[tuple[RecordType, pl.Series]]:
    """Records that lost all rows of a part that their message cannot be without."""
    for version in versions:
        for place in version.table.body.fields:
            if place.part is not None and place.required:
                root, part = version.record_type, place.part.record_type
                lost = dropped.filter(pl.col("record_type") == part.name)["local_id"]
                here = left[root.name][root.key].filter(left[root.name][root.key].is_in(lost.implode()))
                yield root, here.filter(~here.is_in(left[part.name][root.key].implode()))


def _as_holding(dropped: pl.DataFrame) -> pl.DataFrame:
    """The dropped persons and records as source findings that hold; a dropped part does not hold its record."""
    rooted = dropped.filter(pl.col("record_type").is_in(_ROOT_NAMES))
    return rooted.select(
        record_type="record_type",
        local_id="local_id",
        field=pl.lit(None, pl.String),
        code="rule",
        cause="cause",
        held=pl.lit(value=True),
        detail=pl.lit(None, pl.String),
    )


def _common(findings: pl.DataFrame) -> pl.DataFrame:
    """Source findings in the columns of a rule's findings."""
    plain = as_judged(findings).rename({"detail": "part_id"})
    return plain.with_columns(row=pl.lit(None, FINDING_SCHEMA["row"])).select(*FINDING_SCHEMA)


def _named(ids: Mapping[str, pl.Series]) -> pl.DataFrame:
    """Ids per root type as one frame of `standing.RECORD`."""
    none = pl.DataFrame(schema=dict.fromkeys(RECORD, pl.String()))
    return pl.concat([none, *(pl.select(record_type=pl.lit(name), local_id=some) for name, some in ids.items())])
