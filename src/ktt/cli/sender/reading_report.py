"""What a reading says of the record system's tables: rows that do not count, and dates that are written in several forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ktt.cli.show import language
from ktt.core.text import Text
from ktt.sender.extract.rows.reading import Reading

_TABLE = Text(
    nb="Tabellen «{name}»: {read:rad|rader} lest, {kept} teller. Utelatt: {reasons}.",
    en="The table “{name}”: {read:row|rows} read, {kept} count. Left out: {reasons}.",
)
_FORMS = Text(nb="«{name}» er skrevet på flere måter: {forms}.", en="“{name}” is written in several ways: {forms}.")
_REASONS = {
    "latest": Text(nb="eldre versjoner", en="older versions"),
    "among": Text(nb="ingen versjon etter «{of}»", en="no version by “{of}”"),
    "where": Text(nb="teller ikke etter «{of}»", en="do not count by “{of}”"),
}


def reading_words(reading: Reading) -> Iterator[Text]:
    """A sentence for each table with rows that do not count, and for each field with several forms."""
    for name, rows in reading.tables.items():
        if rows.left_out:
            yield _TABLE.format(name=name, read=rows.read, kept=rows.kept, reasons=_reasons(rows.left_out))
    for name, fits in reading.forms.items():
        yield _FORMS.format(name=name, forms=", ".join(f"«{form}» {count}" for form, count in fits.items()))


def _reasons(left_out: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {_reason(reason)}" for reason, count in left_out.items())


def _reason(reason: str) -> str:
    kind, _, of = reason.partition(" ")
    return _REASONS[kind].format(of=of).in_(language())
