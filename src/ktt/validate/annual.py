"""One annual message, IPLOS 3.7, from its bytes to a document: read and validated batch by batch, whatever its size."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from ktt.messages.iplos_3_7.layout import HEAD, layout
from ktt.messages.iplos_3_7.reader import read
from ktt.rules.annual.validation_run import AnnualValidation, Counts
from ktt.validate.document import Document, Totals, ValidationRequest

_NUMBER = r"^[0-9]{4}$"
_NO_DISTRICT = "00"


def annual_document(name: str, blocks: Iterable[bytes], request: ValidationRequest) -> Document:
    """The message with its findings and totals; a `KTT-XML` error when it cannot be read to its end."""
    validation = AnnualValidation(request.annual, values=request.values)
    found, unit = [], ""
    for batch in read(name, blocks):
        unit = unit or _unit(batch.elements[HEAD].frame)
        found.append(validation.validate(batch))
    findings = pl.concat(found)
    return Document(
        name,
        "annual",
        " · ".join([f"IPLOS {layout().version}", *([str(year.year)] if (year := validation.report_year) else [])]),
        (unit,) if unit else (),
        _totals(validation.counts, findings),
        findings.with_columns(unit=pl.lit(unit or None, pl.String)),
    )


def _unit(head: pl.DataFrame) -> str:
    """The municipality, and the district where one reports; empty when the head has no such numbers."""
    named = head.head(1).filter(
        pl.col("iiKomnr").str.contains(_NUMBER) & pl.col("iiBydelsnr").str.contains("^[0-9]{2}$")
    )
    if named.is_empty():
        return ""
    municipality, district = named["iiKomnr"][0], named["iiBydelsnr"][0]
    return municipality if district == _NO_DISTRICT else f"{municipality}-{district}"


def _totals(counts: Counts, findings: pl.DataFrame) -> Totals:
    """The totals. A message that breaks its schema is rejected as a whole; its findings are counted all the same."""
    outcome = {"rejected": counts.read} if counts.rejected else {"dropped": counts.dropped, "kept": counts.kept}
    return Totals(
        read=counts.read,
        faultless=counts.faultless,
        cleared=0 if counts.rejected else counts.cleared,
        noted=counts.noted,
        findings=findings.height,
        **outcome,
    )
