"""What `ktt source check` found, for people: what is wrong first, then what became of the rows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import TYPE_CHECKING

from ktt.cli.show import language, table
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.validate.mapping_check.check import MappingCheck
    from ktt.validate.mapping_check.faults import PlacedFault

_LINE = Text(nb="Linje {line}", en="Line {line}")
_FAULTS = Text(
    nb="{count:feil må rettes|feil må rettes} før noe kan sendes. Kjør «ktt source check» på nytt etterpå.",
    en="{count:fault|faults} to correct before anything can be sent. Run “ktt source check” again afterwards.",
)
_FILE_GOOD = Text(
    nb="✓ Koblingsfilen kan leses. Neste: prøv den på kilden med --source.",
    en="✓ The mapping can be read. Next: try it on the source with --source.",
)
_ALL_GOOD = Text(
    nb="✓ Alt som ble lest, kan sendes. Neste: «ktt source doc», så den ansvarlige kan lese og godkjenne koblingen.",
    en="✓ All that was read can be sent. Next: “ktt source doc”, so that whoever is responsible can read and approve the mapping.",
)
_TO_MEND = Text(
    nb="Koblingsfilen kan brukes, men noe av det som ble lest, holdes tilbake eller tømmes (se avvikene over). Hvert avvik: «ktt validate --source».",
    en="The mapping can be used, but some of what was read is held back or cleared (see the findings above). Each finding: “ktt validate --source”.",
)
_DOUBTFUL = Text(
    nb="Alt som ble lest, kan sendes, men {count:tegn|tegn} (merket «!») tyder på at koblingsfilen leser noe annet enn det som er ment. Se på det før «ktt source doc».",
    en="All that was read can be sent, but {count:sign|signs} (marked “!”) point to a mapping that reads something other than is meant. Look at it before “ktt source doc”.",
)
_NO_PROOF = Text(
    nb="Det er ikke bevist at uttrekket er fullstendig og tilhører enheten: ingenting vil bli slettet i registeret. Se [complete] og source.unit i koblingsfilen.",
    en="The extract is not proved whole and the unit's: nothing will be deleted in the registry. See [complete] and source.unit in the mapping.",
)
_APPROVAL = Text(nb="Koblingsfilen er {state}.", en="The mapping is {state}.")
_TABLES = (
    Text(nb="Tabell", en="Table"),
    Text(nb="Lest", en="Read"),
    Text(nb="Teller", en="Count"),
    Text(nb="Utelatt", en="Left out"),
)
_RECORDS = (
    Text(nb="Opplysningstype", en="Record type"),
    Text(nb="Antall", en="Records"),
    Text(nb="Utenfor rapporten", en="Outside the report"),
)
_CODES = (Text(nb="Felt", en="Field"), Text(nb="Lokal kode", en="Local code"), Text(nb="Ganger", en="Times"))
_SELDOM = Text(nb="{codes:sjelden kode|sjeldne koder}, skjult", en="{codes:rare code|rare codes}, hidden")
_FINDINGS = (
    Text(nb="Avvik", en="Finding"),
    Text(nb="Gjelder", en="About"),
    Text(nb="Antall", en="Count"),
    Text(nb="Hvem", en="Who"),
    Text(nb="Hva", en="What"),
)
_ABSENT = (Text(nb="Fraværende", en="Absent"), Text(nb="Hvorfor", en="Why"))
_CODES_TITLE = Text(
    nb="Lokale koder uten Volven-kode (legg dem i kodefilen)",
    en="Local codes without an official code (add them to the code file)",
)
_REASONS = {
    "no start date": Text(nb="ikke startet", en="not started"),
    "ended before 2017": Text(nb="slutt før 2017", en="ended before 2017"),
}


def shown(found: MappingCheck, at_least: int) -> RenderableType:
    """The answer, to be drawn."""
    from rich.console import Group

    from ktt.validate.report.doubt_words import doubt_words

    parts: list[RenderableType] = [*_faults(found.faults)]
    if found.extract is not None:
        parts += [*_counts(found), *_to_mend(found, at_least), _absent(found)]
        parts += [f"! {said}" for said in doubt_words(found.doubts(), language())]
    parts += [one.in_(language()) for one in _verdict(found)]
    return Group(*parts)


def _faults(faults: tuple[PlacedFault, ...]) -> Iterator[str]:
    """Each with what to do, which is said once for those in a row that are mended alike."""
    for one, after in zip_longest(faults, faults[1:]):
        where = f"{_LINE.format(line=one.line).in_(language())}: " if one.line else ""
        yield f"✗ {where}{one.fault.says().in_(language())} ({one.fault.code})"
        advice = one.fault.advises().in_(language())
        if after is None or after.fault.advises().in_(language()) != advice:
            yield f"  {advice}"


def _counts(found: MappingCheck) -> Iterator[RenderableType]:
    from ktt.validate.report.reading_words import reading_words
    from ktt.validate.report.words import record_word

    assert found.extract is not None, "rows were read"
    reading = found.extract.reading
    rows = [(name, one.read, one.kept, one.read - one.kept) for name, one in reading.tables.items()]
    yield table(_TABLES, rows)
    yield from (f"  {said}" for said in reading_words(reading, language()))
    excluded = found.extract.excluded
    yield table(
        _RECORDS,
        [
            (f"{record_word(name, language())} ({name})", count, _reasons(excluded.get(name, {})))
            for name, count in found.records().items()
        ],
    )


def _reasons(reasons: object) -> str:
    assert isinstance(reasons, dict), "counts by reason"
    return ", ".join(f"{count} {_REASONS[reason].in_(language())}" for reason, count in reasons.items())


def _to_mend(found: MappingCheck, at_least: int) -> Iterator[RenderableType]:
    from ktt.rules.kinds import Cause
    from ktt.validate.report.words import about, record_word

    codes = found.unknown_codes(at_least)
    if codes:
        rows = [
            (
                f"{one['record_type']}.{one['field']}",
                one["code"] or _SELDOM.format(codes=one["codes"]).in_(language()),
                one["rows"],
            )
            for one in codes
        ]
        yield table(_CODES, rows, title=_CODES_TITLE)
    findings = found.finding_counts()
    if findings:
        yield table(
            _FINDINGS,
            [
                (
                    one["rule"],
                    record_word(one["record_type"], language()),
                    one["records"],
                    Cause(one["cause"]).text.in_(language()),
                    about()[one["rule"]].says.in_(language()),
                )
                for one in findings
            ],
        )


def _absent(found: MappingCheck) -> RenderableType:
    return table(_ABSENT, found.absent().items())


def _verdict(found: MappingCheck) -> Iterator[Text]:
    from ktt.sender.extract.documentation.approval import approval_status

    if found.mapping is not None:
        yield _APPROVAL.format(state=approval_status(found.mapping).says)
    if found.faults:
        yield _FAULTS.format(count=len(found.faults))
        return
    if found.extract is None:
        yield _FILE_GOOD
        return
    if not found.extract.complete:
        yield _NO_PROOF
    if found.exit_code:
        yield _TO_MEND
    else:
        doubts = found.doubts()
        yield _DOUBTFUL.format(count=len(doubts)) if doubts else _ALL_GOOD
