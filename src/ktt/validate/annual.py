"""One annual message, IPLOS 3.7, from its bytes to a document: read and judged batch by batch, so that size is no matter."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from ktt.messages.iplos_3_7.layout import HEAD, layout
from ktt.messages.iplos_3_7.reader import read
from ktt.rules.annual.validation_run import Counts, Judge
from ktt.validate.document import Document, Question, Totals

_NUMBER = r"^[0-9]{4}$"
_NO_DISTRICT = "00"


def review_annual(name: str, blocks: Iterable[bytes], question: Question) -> Document:
    """Everything there is to say about the message; a `KTT-XML` fault when it cannot be read to its end."""
    judge = Judge(question.annual, values=question.values)
    found, unit = [], ""
    for batch in read(name, blocks):
        unit = unit or _unit(batch.sheets[HEAD].frame)
        found.append(judge.judge(batch))
    findings = pl.concat(found)
    return Document(
        name,
        "annual",
        f"IPLOS {layout().version} · {judge.season.year}" if judge.season else f"IPLOS {layout().version}",
        (unit,) if unit else (),
        _totals(judge.counts, findings),
        findings.with_columns(unit=pl.lit(unit or None, pl.String)),
    )


def _unit(head: pl.DataFrame) -> str:
    """The municipality, and the district where one reports; empty when the head does not say it rightly."""
    said = head.head(1).filter(
        pl.col("iiKomnr").str.contains(_NUMBER) & pl.col("iiBydelsnr").str.contains("^[0-9]{2}$")
    )
    if said.is_empty():
        return ""
    municipality, district = said["iiKomnr"][0], said["iiBydelsnr"][0]
    return municipality if district == _NO_DISTRICT else f"{municipality}-{district}"


def _totals(counts: Counts, findings: pl.DataFrame) -> Totals:
    """What a schema fault rejects is rejected as a whole, and still told about in full."""
    fate = {"rejected": counts.read} if counts.rejected else {"dropped": counts.dropped, "kept": counts.kept}
    return Totals(
        read=counts.read,
        faultless=counts.faultless,
        cleared=0 if counts.rejected else counts.cleared,
        noted=counts.noted,
        findings=findings.height,
        **fate,
    )
