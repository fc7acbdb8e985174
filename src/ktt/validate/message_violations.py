"""The places where a message breaks its schema, or where its local ids are wrong, as findings."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ktt.messages.version import SchemaViolation
from ktt.rules.findings import complete
from ktt.rules.rule import Cause, Consequence
from ktt.rules.schema_rules.message import rule_of


def as_findings(violations: Sequence[SchemaViolation]) -> pl.DataFrame:
    """Findings on the message as a whole; `detail` is what the schema demands at the place, alone."""
    found = pl.DataFrame(
        {
            "rule": [rule_of(one.keyword).id for one in violations],
            "pointer": [one.pointer for one in violations],
            "detail": [one.limit or None for one in violations],
            "says_nb": [one.says.nb for one in violations],
            "says_en": [one.says.en for one in violations],
        }
    ).with_columns(
        record_type=pl.lit("message"),
        consequence=pl.lit(Consequence.REJECT_MESSAGE.value),
        cause=pl.lit(Cause.EXTRACTION.value),
    )
    return complete(found)
