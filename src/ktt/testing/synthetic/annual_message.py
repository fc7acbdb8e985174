"""An annual message, IPLOS 3.7, of synthetic persons: without faults, or with a planted fault of every rule.

Persons have local numbers and invented histories, organisations are of the synthetic series, and the message has no
national numbers. It is for testing programs that read such messages.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import chain
from pathlib import Path

from ktt.core.os_faults import os_reason
from ktt.messages.iplos_3_7.layout import CONTACT, HEAD, PERSON, layout
from ktt.rules.annual.catalogue import annual_rules
from ktt.rules.annual.example_frames import EMPTY
from ktt.rules.annual.record_types import CONTEXT, SINGLE_KEY
from ktt.rules.examples import BREAKS, blocks
from ktt.rules.rule import Rule
from ktt.testing.synthetic.errors import FileUnwritable

Fields = Mapping[str, str]
OPEN = "99991231"
GONE = "\0"
"""A field that an example leaves out on purpose."""

_PROVIDERS = ("312000113", "312000229", "312000334", "312000458")
_DECIDED = ("1", "2", "7", "9", "11", "15", "17", "22")
_FREE = ("6", "25", "26", "27", "28")


@dataclass(slots=True)
class Element:
    """A record of the message: the element's name, its fields, and the elements inside it."""

    element: str
    fields: Fields
    inside: list[Element] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PlantedFault:
    """One planted fault: the rule that it breaks, and the local number of the person it was planted in."""

    rule: str
    person: str


def write_message(file: Path, *, persons: int, year: int, seed: str = "1", faults: bool = False) -> list[PlantedFault]:
    """Write a message of persons without faults, then those with a planted fault; returns the answer key.

    FileUnwritable when the file cannot be written.
    """
    bad, key = faulty() if faults else ([], [])
    try:
        with file.open("w", encoding="utf-8", newline="\n") as opened:
            opened.writelines(message(chain(people(persons, year, seed), bad), year))
    except OSError as fault:
        raise FileUnwritable(file=file, reason=os_reason(fault)) from fault
    return key


def message(persons: Iterable[Element], year: int, head: Fields | None = None) -> Iterator[str]:
    """The message in pieces of text, one for each person."""
    table = layout()
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<IPLOS xmlns="{table.namespace}" versjon="{table.version}">\n'
    yield "".join(_lines(_head(year, head or {}), 1))
    for person in persons:
        yield "".join(_lines(person, 1))
    yield "</IPLOS>\n"


def people(count: int, year: int, seed: str = "1") -> Iterator[Element]:
    """This many persons without faults; the same seed gives the same persons."""
    draw = random.Random(f"{seed}-{year}")  # noqa: S311 - made-up persons, not secrets
    for number in range(1, count + 1):
        yield _person(str(100_000 + number), year, draw)


def faulty() -> tuple[list[Element], list[PlantedFault]]:
    """For each rule on persons and the elements inside them a person who breaks it once; and the answer key."""
    found, key = [], []
    for number, rule in enumerate(_plantable(inside=True), 1):
        person = str(900_000 + number)
        planted = _planted(rule, person)
        found += planted
        key.append(PlantedFault(rule.id, planted[-1].fields["pePeID"]))
    return found, key


def faulty_heads(year: int) -> Iterator[tuple[Rule, list[str]]]:
    """For each rule on the head or a contact, a message of one person that breaks it."""
    for rule in _plantable(inside=False):
        person = next(people(1, year))
        head = _broken(rule)[-1]
        yield rule, list(message([person], year, head if rule.on.name == HEAD else _prefixed(head)))


def _plantable(*, inside: bool) -> Iterator[Rule]:
    heads = {HEAD, CONTACT}
    return (rule for rule in annual_rules() if (rule.on.name not in heads) is inside)


def _prefixed(contact: Fields) -> Fields:
    return {f"{CONTACT}.{name}": value for name, value in contact.items()}


def _head(year: int, changed: Fields) -> Element:
    fields = {
        "iiInnhType": "P", "iiKomnr": "1114", "iiBydelsnr": "00", "iiFraDato": f"{year}0101", "iiTilDato": f"{year}1231",
        "iiLagetDato": f"{year + 1}0105", "iiSysID": "EPJX", "iiSysVersjon": "1.0", "iiLopenr": "1",
    }  # fmt: skip
    if (first := changed.get("iiFraDato", "")).isdigit():
        fields["iiTilDato"] = f"{first[:4]}1231"
    contacts = []
    for number in ("1", "2"):
        mine = {
            "Type": number,
            "Navn": f"Kontakt {number}",
            "Telefon": f"0000000{number}",
            "Epost": "k@example.invalid",
        }
        if number == "1":
            mine |= {name.partition(".")[2]: value for name, value in changed.items() if name.startswith(CONTACT)}
        contacts.append(Element(CONTACT, mine))
    return Element(HEAD, fields | {name: value for name, value in changed.items() if "." not in name}, contacts)


def _person(number: str, year: int, draw: random.Random) -> Element:
    born = draw.choice(("84", "77", "13", "91", "45"))
    fields = {"pePeID": number, "peAlder": born, "peKjonn": draw.choice("MK"), "peKomnr": "1114", "peBydelsnr": "00"}
    fields |= {"peFraDato": _day(draw, year - 3), "peEndrDato": _day(draw, year)}
    inside = [_circumstances(number, year, draw)]
    inside += _scores(number, year, draw)
    inside += [_service(number, str(nth), year, draw) for nth in range(1, draw.randint(2, 4))]
    inside += [_diagnosis(number, str(nth), year, draw) for nth in range(1, draw.randint(1, 3))]
    inside += [_stay(number, year, draw)] if draw.random() < 0.3 else []  # noqa: PLR2004 - about a third
    return Element(PERSON, fields, inside)


def _day(draw: random.Random, year: int) -> str:
    return f"{year}{draw.randint(1, 12):02}{draw.randint(1, 28):02}"


def _circumstances(person: str, year: int, draw: random.Random) -> Element:
    need = draw.choice("129")
    fields = {
        "poPeID": person, "poPoID": "1", "poHusstand": draw.choice("123"), "poOmsorgBarn": draw.choice("12"),
        "poPrivHjelp": draw.choice("12345"), "poBoligTilr": draw.choice("12"), "poVurdTann": f"{year}06",
        "poVurdLege": f"{year}{draw.randint(1, 12):02}", "poIndPlan": draw.choice("1234"),
        "poHarKoordinator": draw.choice("1234"), "poArbBistBehov": need,
        **({"poArbBistMottar": draw.choice("123")} if need == "1" else {}), "poFriTranspBehov": "2",
        "poErnKartlagt": "1", "poErnKartlagtDato": _day(draw, year), "poFraDato": _day(draw, year - 1),
        "poTilDato": OPEN, "poHab": "2",
    }  # fmt: skip
    return Element("PERSONOPPL", fields)


def _scores(person: str, year: int, draw: random.Random) -> list[Element]:
    """One or two assessments of all eighteen variables."""
    days = [_day(draw, year - 1), *([_day(draw, year)] if draw.random() < 0.5 else [])]  # noqa: PLR2004 - half of them
    return [
        Element(
            "FUNKSJON",
            {
                "fnPeID": person, "fnFnID": str(nth * 18 + variable), "fnFunkType": str(variable),
                "fnFunkVerdi": draw.choice("123459"), "fnFraDato": day, "fnTilDato": days[nth + 1] if nth + 1 < len(days) else OPEN,
            },
        )
        for nth, day in enumerate(days)
        for variable in range(1, 19)
    ]  # fmt: skip


def _service(person: str, nth: str, year: int, draw: random.Random) -> Element:
    fields = {"tjPeID": person, "tjTjID": nth}
    provider = {"tjInstOrgnr": draw.choice(_PROVIDERS)}
    if draw.random() < 0.2:  # noqa: PLR2004 - a fifth need no decision
        kind = draw.choice(_FREE)
        period = {"tjFraDato": _day(draw, year - 2), "tjTilDato": OPEN}
        return Element("TJENESTE", fields | {"tjTjenType": kind, **({} if kind == "26" else provider), **period})
    decided = {
        "tjVeID": str(draw.randint(1, 999)), "tjVeNrID": "1", "tjTjenType": draw.choice(_DECIDED),
        "tjSoknadDato": _day(draw, year - 3), "tjVedtDato": _day(draw, year - 2), "tjVedtak": "2",
        "tjTimerUke": f"{draw.randint(1, 6000) / 100:.2f}", **provider,
        "tjFraDato": _day(draw, year - 1), "tjTilDato": draw.choice((OPEN, _day(draw, year))),
    }  # fmt: skip
    return Element("TJENESTE", fields | decided)


def _diagnosis(person: str, nth: str, year: int, draw: random.Random) -> Element:
    system, code = draw.choice((("ICPC-2", "P70"), ("ICD-10", "G35"), ("ICD-10", "F00.9"), ("ICPC-2", "K90")))
    fields = {"diPeID": person, "diDiID": nth, "diKodeVersjon": system, "diDiagKode": code}
    return Element("DIAGNOSE", fields | {"diFraDato": _day(draw, year - 4), "diTilDato": OPEN})


def _stay(person: str, year: int, draw: random.Random) -> Element:
    fields = {"dgPeID": person, "dgDgID": "1", "dgInstOrgnr": "312000784"}
    return Element("DOGNTILBUD", fields | {"dgFraDato": _day(draw, year), "dgTilDato": f"{year}1231"})


_LEAST: Mapping[str, Fields] = {
    "PERSONOPPL": {"poPoID": "1"},
    "FUNKSJON": {"fnFnID": "1", "fnFunkType": "1", "fnFunkVerdi": "3", "fnFraDato": "20200101", "fnTilDato": OPEN},
    "TJENESTE": {"tjTjID": "1", "tjTjenType": "25"},
    "DIAGNOSE": {
        "diDiID": "1", "diKodeVersjon": "ICPC-2", "diDiagKode": "P70", "diFraDato": "20200101", "diTilDato": OPEN,
    },
    "DOGNTILBUD": {"dgDgID": "1"},
}  # fmt: skip
"""The fewest fields of a record without faults."""


def _broken(rule: Rule) -> list[dict[str, str]]:
    """The fields of the first row that breaks the rule, with the rows before it where they are part of the fault."""
    (block,) = blocks(rule.examples, rule.on.name)
    rows = [dict(zip(block.header, row, strict=True)) for row in block.rows]
    last = next(place for place, row in enumerate(rows) if row[BREAKS] == "yes")
    several = SINGLE_KEY in rule.holds.meta.root_names()
    return [_fields(row) for row in (rows if several else rows[last : last + 1])]


def _fields(row: Fields) -> dict[str, str]:
    given = {
        name: "" if cell == EMPTY else cell for name, cell in row.items() if cell and name not in {BREAKS, *CONTEXT}
    }
    gone = {name: GONE for name, cell in row.items() if not cell and name != BREAKS}
    return given | gone


def _planted(rule: Rule, person: str) -> list[Element]:
    """A person, or two, who break the rule once and no other rule."""
    rows, element, asked = _broken(rule), rule.on.name, rule.holds.meta.root_names()
    plain = {"pePeID": person}
    if element == PERSON:
        given = [plain, plain] if SINGLE_KEY in asked else [plain | row for row in rows]
        return [Element(PERSON, _present(one)) for one in given]
    key = layout().by_name[element].key[0]
    own = {} if rule.concerns == (key,) else {key: person}
    records = [Element(element, _present(_whole(element, {key: person} | row | own))) for row in rows]
    return [Element(PERSON, plain, records)]


_FILLED = {
    "tjSoknadDato": "20240105",
    "tjVedtDato": "20240110",
    "tjVedtak": "2",
    "tjTimerUke": "3.50",
    "tjRullerende": "1",
}


def _whole(element: str, given: Fields) -> Fields:
    """The record with the fields that others require, so that it has no fault but the planted one."""
    described = layout().by_name[element]
    filled = {when: value for name, when, value in described.only_when if given.get(name, GONE) != GONE}
    filled |= {"tjVeID": "55"} if "tjVeNrID" in given else {}
    filled = {**_LEAST[element], **filled, **given}
    kind = filled.get("tjTjenType")
    asked = {one.name: _FILLED[one.name] for one in described.fields if kind in one.required_for}
    if filled.get("tjFraDato", GONE) != GONE and kind != "29":
        asked["tjInstOrgnr"] = _PROVIDERS[0]
    return {**asked, **filled}


def _present(fields: Fields) -> Fields:
    return {name: value for name, value in fields.items() if value != GONE}


def _lines(record: Element, level: int) -> Iterator[str]:
    described = layout().by_name[record.element]
    indent = "  " * level
    given = "".join(
        f' {one.name}="{escape(record.fields[one.name])}"'
        for one in described.fields
        if one.attribute and one.name in record.fields
    )
    yield f"{indent}<{record.element}{given}>\n"
    fields = [(one.at, [f"{indent}  <{one.name}>{escape(record.fields[one.name])}</{one.name}>\n"])
            for one in described.fields if not one.attribute and one.name in record.fields]  # fmt: skip
    places = {one.name: one.at for one in layout().elements}
    fields += [(places[one.element], list(_lines(one, level + 1))) for one in record.inside]
    for _, lines in sorted(fields, key=_place):
        yield from lines
    yield f"{indent}</{record.element}>\n"


def _place(fields: tuple[int, Sequence[str]]) -> int:
    return fields[0]
