"""The page of a mapping as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ktt.sender.extract.documentation.page import MappingPage


def as_markdown(page: MappingPage) -> str:
    """The whole page."""
    return "\n".join(_lines(page)) + "\n"


def _lines(page: MappingPage) -> Iterator[str]:
    yield from (
        f"# Kobling: {page.mapping.name}",
        "",
        f"Fil: `{page.mapping.file.name}`. Tidssone: {page.mapping.timezone}.",
        "",
    )
    yield from (
        f"SHA-256 av koblingsfilen og kodefilene: `{page.approval.sha256}`",
        "",
        f"Den er {page.approval.says.nb}.",
        "",
    )
    yield from ("## Bevis for at uttrekket er fullstendig", "", *(f"- {one}" for one in page.proof), "")
    yield from ("## Tabeller som leses", "")
    for table in page.tables:
        yield from (
            f"### {table.name}",
            "",
            *(f"- {one}" for one in table.says),
            f"- Kolonner: {', '.join(table.columns)}.",
            "",
        )
        if table.query:
            yield from ("```sql", table.query, "```", "")
    yield from ("## Opplysningene", "")
    for record in page.records:
        yield from (f"### {record.term}", "", record.meaning, "")
        if record.absent:
            yield from (f"Meldes ikke: {record.absent}", "")
        for place in record.places:
            yield from (f"Fra tabellen «{place.table}». {' '.join(place.says)}".rstrip(), "")
            yield from _table(("Opplysning", "Betyr", "Hentes fra"), place.fields)
    yield from ("## Kodene", "")
    for codes in page.codes:
        yield from (f"### {codes.file}", "", f"Brukes av {'; '.join(codes.fields)}.", "")
        yield from _table(("Lokal kode", "Volven-kode", "Betyr", "Gjelder"), codes.rows)
    yield from ("## Det som ikke meldes", "")
    yield from _table(("Opplysning", "Hvorfor"), page.absent)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + " --- |" * len(heads)
    yield from ("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows)
    yield ""
