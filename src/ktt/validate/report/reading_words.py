"""What a reading says of the record system's tables: rows that do not count, and dates that are written in several forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ktt.core.text import Language, Text
from ktt.sender.extract.rows.reading import Reading

_TABLE = Text(
    nb="Tabellen «{name}»: {read:rad|rader} lest, {kept} teller. Utelatt: {reasons}.",
    en="The table “{name}”: {read:row|rows} read, {kept} count. Left out: {reasons}.",
)
_FORMS = Text(nb="«{name}» er skrevet på flere måter: {forms}.", en="“{name}” is written in several ways: {forms}.")
_PLACE = Text(nb="«{name}» hopper over: {reasons}.", en="“{name}” skips: {reasons}.")
_SEVERAL = 2
_REASONS = {
    "latest": Text(nb="{n:eldre versjon|eldre versjoner}", en="{n:older version|older versions}"),
    "among": Text(nb="{n} er ingen versjon etter «{of}»", en="{n} no version by “{of}”"),
    "distinct": Text(nb="{n:rad|rader} som er lik en annen", en="{n:row|rows} that are alike another"),
    "periods": Text(nb="{n:rad|rader} satt sammen med en annen", en="{n:row|rows} put together with another"),
    "columns": Text(nb="{n:celle|celler} uten verdi", en="{n:cell|cells} without a value"),
    "skip": Text(nb="{n:rad|rader} etter «{of}»", en="{n:row|rows} by “{of}”"),
    "with": Text(nb="{n:rad|rader} uten noen i «{of}» som teller", en="{n:row|rows} with none in “{of}” that counts"),
    "without": Text(nb="{n:rad|rader} som står i «{of}»", en="{n:row|rows} that are in “{of}”"),
    "where": Text(nb="{n:rad|rader} etter «{of}»", en="{n:row|rows} by “{of}”"),
}


def reading_words(reading: Reading, language: Language) -> Iterator[str]:
    """A sentence for each table with rows that do not count, each place with rows that are skipped, each field that is written in several forms."""
    said: list[Text] = []
    for name, rows in reading.tables.items():
        if rows.left_out:
            reasons = _reasons(rows.left_out, language)
            said.append(_TABLE.format(name=name, read=rows.read, kept=rows.kept, reasons=reasons))
    for name, skipped in reading.skipped.items():
        said.append(_PLACE.format(name=name, reasons=_reasons(skipped, language)))
    for name, fits in reading.forms.items():
        if sum(1 for count in fits.values() if count) < _SEVERAL:
            continue
        said.append(_FORMS.format(name=name, forms=", ".join(f"«{form}» {count}" for form, count in fits.items())))
    return (one.in_(language) for one in said)


def _reasons(left_out: Mapping[str, int], language: Language) -> str:
    return ", ".join(_reason(reason, count, language) for reason, count in left_out.items())


def _reason(reason: str, count: int, language: Language) -> str:
    kind, _, of = reason.partition(" ")
    return _REASONS[kind].format(n=count, of=of).in_(language)
