"""How a mapping reads something, as Norwegian sentences."""

from __future__ import annotations

from collections.abc import Iterator

from ktt.sender.extract.mapping.model import VALUE, FieldSource, Lookup, RecordSource, Table, Values, WideColumns
from ktt.sender.extract.mapping.proof_model import Completeness
from ktt.sender.extract.mapping.values.formats import DEFAULTS, polars_format, python_format

_SIGNS = {
    "%y": "åå",
    "%d": "dd",
    "%m": "mm",
    "%Y": "åååå",
    "%H": "tt",
    "%M": "mm",
    "%S": "ss",
    ".%f": "",
    "%z": " med sone",
}
_ISO = {polars_format(kind, written) for kind, written in DEFAULTS.items()}


_SINCE_1970 = {
    "unix_s": "sekunder siden 1970 (UTC)",
    "unix_ms": "millisekunder siden 1970 (UTC)",
    "unix_us": "mikrosekunder siden 1970 (UTC)",
}


def form(polars_notation: str) -> str:
    """A form of a day or a time as people write it: dd.mm.åååå."""
    if polars_notation in _SINCE_1970:
        return _SINCE_1970[polars_notation]
    words = python_format(polars_notation)
    for sign, word in _SIGNS.items():
        words = words.replace(sign, word)
    return words


def where_from(source: FieldSource) -> str:
    """Where a field is taken from."""
    if source.absent:
        return f"Meldes ikke: {source.absent}"
    if source.constant is not None:
        return f"Alltid «{source.constant}»{_codes(source)}."
    assert source.column is not None, "a field is one of the three"
    parts = list(_columns(source.column, source))
    if source.formats and set(source.formats) - _ISO:
        parts.append("skrevet som " + " eller ".join(map(form, source.formats)))
    if source.decimal != ".":
        parts.append("med desimalkomma" if source.decimal == "," else "skrevet som timer:minutter")
    if source.days:
        before = "før" if source.days < 0 else "etter"
        parts.append(f"{abs(source.days)} {'dag' if abs(source.days) == 1 else 'dager'} {before}")
    if source.add:
        parts.append(f"pluss {source.add}" if source.add > 0 else f"minus {-source.add}")
    parts += _factors(source)
    if source.strip:
        parts.append(f"uten tegnene «{source.strip}»")
    if source.upper:
        parts.append("med store bokstaver")
    if empty := [f"«{text}»" for text in source.empty if text.strip()]:
        parts.append(f"{', '.join(empty)} betyr ingen verdi")
    only = f" Bare i rader der {values(source.where)}; ellers er feltet tomt." if source.where else ""
    return ", ".join(parts) + _codes(source) + "." + only


def _columns(column: str, source: FieldSource) -> Iterator[str]:
    if source.chosen is not None:
        which = "Den seneste" if source.chosen == "latest" else "Den tidligste"
        yield f"{which} av «{column}»" + "".join(f" og «{one}»" for one in source.otherwise)
        return
    yield f"Teksten «{column}» med verdiene fra kolonnene satt inn" if "{" in column else f"Kolonnen «{column}»"
    yield from (f"eller «{one}» når den er tom" for one in source.otherwise)


def _factors(source: FieldSource) -> Iterator[str]:
    if source.times is not None:
        yield f"ganget med kolonnen «{source.times}»"
    if source.multiply != 1:
        yield f"ganget med {source.multiply:g}"
    if source.divide != 1:
        yield f"delt på {source.divide:g}"


def _codes(source: FieldSource) -> str:
    return f", oversatt etter {source.codes.file.name}" if source.codes is not None else ""


def values(chosen: Values) -> str:
    """Columns and the values of each that count."""
    return "; ".join(
        f"«{column}» er {' eller '.join(_value(text) for text in texts)}" for column, texts in chosen.items()
    )


def _value(text: str) -> str:
    return f"«{text}»" if text else "tom"


def of_table(table: Table) -> Iterator[str]:
    """What is read of a table, which of its rows count, and what must hold."""
    yield f"Radene skilles av {' og '.join(f'«{one}»' for one in table.key)}."
    if table.latest is not None:
        among = f", blant rader der {values(table.latest.among)}" if table.latest.among else ""
        of = " og ".join(f"«{one}»" for one in table.latest.of)
        yield f"Tabellen er en logg: for hver {of} teller bare raden med høyest «{table.latest.by}»{among}."
    for one in table.lookups:
        named = f", kalt «{one.name}»," if one.name != one.table else ""
        yield f"Til hver rad hører raden i «{one.table}»{named} der {_equal(one)}."
    if table.upper:
        yield f"Bokstavene i {' og '.join(f'«{one}»' for one in table.upper)} leses som store."
    yield from (f"«{one}» leses uten tegnene «{signs}»." for one, signs in table.strip.items())
    yield from (
        f"«{one}» har {n} siffer; nuller foran som er falt bort, settes tilbake." for one, n in table.pad.items()
    )
    if table.periods is not None:
        of = " og ".join(f"«{one}»" for one in table.periods.of)
        yield f"Rader med samme {of} som følger hverandre dag for dag, er én: den siste, med «{table.periods.starts_on.column}» fra den første."
    for one in table.without:
        yield f"Rader som har en rad i «{one.table}» der {_equal(one)}, er borte, også når de er den siste versjonen."
    for one in table.within:
        yield f"Bare rader som har en rad i «{one.table}» der {_equal(one)}, teller."
    if table.where:
        yield f"Bare rader der {values(table.where)}, teller. Andre rader meldes ikke, og slettes i registeret om de har vært meldt."
    if table.since is not None:
        yield f"Tabellen har historikk fra {table.since:%d.%m.%Y}: {table.since_reason}"
    if table.rows_min:
        yield f"Har den færre enn {table.rows_min} rader, stanser kjøringen."
    yield f"Blir mer enn {table.drop_max:.0%} borte mellom to kjøringer, spør ktt før noe slettes."


def _equal(other: Lookup) -> str:
    return " og ".join(f"«{there}» er lik «{here}» her" for there, here in other.on.items())


def of_place(place: RecordSource) -> Iterator[str]:
    """Which rows of its table are records of the type."""
    if place.wide is not None:
        yield _wide(place.wide)
    if place.distinct:
        yield "Rader som er like i alt som leses, er én opplysning."
    if place.skip:
        yield f"Rader der {values(place.skip)}, er ingen slik opplysning."


def _wide(wide: WideColumns) -> str:
    """How cells become rows."""
    first, last = (list(wide.cell(number).values()) for number in (wide.numbers[0], wide.numbers[-1]))
    skipped = f" De hoppes over der {values(wide.skip)}." if wide.skip else ""
    if VALUE in wide.skip:
        skipped = f" Celler som er {' eller '.join(map(_value, wide.skip[VALUE]))}, hoppes over."
    if wide.width is not None:
        signs = "tegn" if wide.width == 1 else f"{wide.width} tegn"
        return f"Hvert {signs} i «{first[0]}» gir én rad, {sum(map(bool, wide.numbers))} i alt. En tekst med en annen lengde holdes tilbake.{skipped}"
    if len(first) == 1:
        return f"Hver av kolonnene «{first[0]}» til «{last[0]}» gir én rad.{skipped}"
    groups = " til ".join(" og ".join(f"«{one}»" for one in group) for group in (first, last))
    return f"Hver gruppe av kolonner gir én rad: {groups}.{skipped}"


def of_proof(complete: Completeness) -> Iterator[str]:
    """What proves that an extract is whole."""
    if complete.count_file is not None:
        only = f" i radene der {values(complete.count_file.where)}" if complete.count_file.where else ""
        yield f"Filen «{complete.count_file.file}» sier{only} hvor mange rader hver tabell har, og like mange må være lest."
    if complete.count is not None:
        yield "Kilden sier selv hvor mange rader den har, og like mange må være lest."
    if complete.done_file is not None:
        counts = ", og har antall rader for hver tabell" if complete.done_file.counts else ""
        yield f"Filen «{complete.done_file.path}» skrives når dagens eksport er ferdig{counts}."
    if complete.watermark is not None:
        yield "Kilden sier når den sist ble ferdig, og det må være etter midnatt på uttaksdagen."
    if complete.pause_seconds is not None:
        yield f"Tabellene leses to ganger med {complete.pause_seconds} sekunder mellom, og må være like."
    if complete.self_count:
        yield "Radene telles av ktt i samme lesing. Det er et svakt bevis: det viser bare at lesingen ikke ble brutt."
    if not complete.ways:
        yield "Ingenting beviser at uttrekket er fullstendig. Da blir ingenting slettet i registeret, heller ikke det som er slettet i EPJ."
