"""All documents of one validation: their findings grouped by who must act, and totals that reconcile."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

from ktt.core.text import Language, Text
from ktt.domain.records import ALL_TYPES
from ktt.messages.packs.field_names import field_names
from ktt.rules.annual.catalogue import RULE_SET
from ktt.rules.findings import FINDING_SCHEMA
from ktt.rules.rule import Cause, Consequence
from ktt.validate.document import Document, Totals, ValidationRequest
from ktt.validate.report.words import About, about

_CAUSES = {cause.value: place for place, cause in enumerate(Cause)}
_TYPES = {name: place for place, name in enumerate(ALL_TYPES)}


@dataclass(frozen=True, slots=True)
class Group:
    """All findings of one rule. `findings` has the columns that `Report.findings` has."""

    about: About
    cause: Cause
    consequence: Consequence
    findings: pl.DataFrame = field(repr=False)

    @property
    def count(self) -> int:
        """How many there are."""
        return self.findings.height


@dataclass(frozen=True)
class Report:
    """What `ktt validate` answers."""

    documents: tuple[Document, ...]
    request: ValidationRequest

    @property
    def totals(self) -> Totals:
        """The totals of all documents."""
        return sum((document.totals for document in self.documents), Totals())

    @property
    def rule_set(self) -> str:
        """Which rules were applied: the rule set of the day, that of the annual message, or both."""
        kinds = {document.kind for document in self.documents}
        daily = [self.request.rule_set] if kinds != {"annual"} else []
        return ", ".join([*daily, *([RULE_SET] if "annual" in kinds else [])])

    @property
    def exit_code(self) -> int:
        """The worst of the documents'."""
        return max((document.exit_code for document in self.documents), default=0)

    @cached_property
    def findings(self) -> pl.DataFrame:
        """Every finding, with the document it is in and the fields as messages call them, in the order they are shown."""
        named = [document.findings.with_columns(document=pl.lit(document.name)) for document in self.documents]
        empty = pl.DataFrame(schema={**FINDING_SCHEMA, "document": pl.String()})
        cause = pl.col("cause").replace_strict(_CAUSES, return_dtype=pl.UInt8)
        kind = pl.col("record_type").replace_strict(_TYPES, default=len(_TYPES), return_dtype=pl.UInt8)
        every = pl.concat([empty, *named]).sort(cause, "consequence", "rule", kind, maintain_order=True)
        return _with_message_fields(every, self.request)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The findings by rule: who must act, the worst consequence, then the id."""
        grouped = self.findings.group_by("cause", "consequence", "rule", maintain_order=True)
        return tuple(_group(key, rows) for key, rows in grouped)

    def of(self, cause: Cause) -> tuple[Group, ...]:
        """What one of the three must do."""
        return tuple(group for group in self.groups if group.cause is cause)


def _with_message_fields(findings: pl.DataFrame, request: ValidationRequest) -> pl.DataFrame:
    """With `message_fields`: the names in messages of each finding's fields, in the same order; none for what none carries."""
    names = field_names(request.register.versions)
    alike = ("record_type", pl.col("fields").list.join(",").alias("joined"))
    kinds = findings.select(*alike, "fields").unique(["record_type", "joined"])
    called = [
        [name for column in fields or () for name in names.of(record_type, column)]
        for record_type, _, fields in kinds.iter_rows()
    ]
    kinds = kinds.select("record_type", "joined", message_fields=pl.Series(called, dtype=pl.List(pl.String())))
    joined = findings.with_columns(alike[1]).join(
        kinds, on=["record_type", "joined"], how="left", nulls_equal=True, maintain_order="left"
    )
    return joined.drop("joined")


def _group(key: tuple[Any, ...], findings: pl.DataFrame) -> Group:
    cause, consequence, rule = key
    return Group(about()[rule], Cause(cause), Consequence(consequence), findings)


_OUTCOMES: tuple[tuple[str, Text], ...] = (
    ("unjudged", Text(nb="i meldinger som ikke følger skjemaet", en="in messages that break their schema")),
    ("held", Text(nb="holdt tilbake ved lesingen", en="held back when read")),
    ("excluded", Text(nb="utenfor rapporteringen", en="outside the report")),
    ("rejected", Text(nb="avvist med meldingen", en="rejected with the message")),
    ("dropped", Text(nb="ikke tatt med", en="left out")),
    ("kept", Text(nb="tatt imot", en="accepted")),
)
_OTHER: tuple[tuple[str, Text], ...] = (
    ("faultless", Text(nb="poster uten avvik", en="records without findings")),
    ("cleared", Text(nb="felter som tømmes", en="fields cleared")),
    ("noted", Text(nb="avvik som bare noteres", en="findings only noted")),
    ("along", Text(nb="som følger av andre eller av skjemaet", en="that follow from others or from the schema")),
    ("deletions", Text(nb="slettinger", en="deletions")),
)


def accounts(totals: Totals) -> Text:
    """The totals in words: what becomes of every record that was read, and what else there is to say."""
    return Text(nb=_account(totals, "nb"), en=_account(totals, "en"))


def _account(totals: Totals, language: Language) -> str:
    read = Text(nb="Poster lest", en="Records read").in_(language)
    findings = Text(nb="Avvik", en="Findings").in_(language)
    outcomes, other = _counts(totals, _OUTCOMES, language), _counts(totals, _OTHER, language)
    return f"{read}: {totals.read}{outcomes}. {findings}: {totals.findings}{other}."


def _counts(totals: Totals, counted: tuple[tuple[str, Text], ...], language: Language) -> str:
    shown = [f"{says.in_(language)} {count}" for name, says in counted if (count := getattr(totals, name))]
    return f" ({', '.join(shown)})" if shown else ""
