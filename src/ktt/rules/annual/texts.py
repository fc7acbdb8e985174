"""The sentences of the rules that are made from the table, by the kind of fault."""

from __future__ import annotations

from ktt.core.text import Text
from ktt.messages.iplos_3_7.layout import XmlField


def named(one: XmlField) -> Text:
    """A field as people and programs know it: `«dato søknad» (tjSoknadDato)`."""
    return Text(nb=f"«{one.nb}» ({one.name})", en=f"“{one.en}” ({one.name})")


def form_says(one: XmlField) -> Text:
    """What is wrong with the form."""
    name = named(one)
    if one.type == "date":
        return Text(nb=f"Datoen i {name.nb} finnes ikke.", en=f"The day in {name.en} does not exist.")
    return Text(nb=f"Verdien i {name.nb} har feil form.", en=f"The value of {name.en} has the wrong form.")


_FORMS: dict[str, Text] = {
    "date": Text(
        nb="Skriv ÅÅÅÅMMDD, en dag i årene 1900–2099, eller 99991231 når slutten er åpen.",
        en="Write YYYYMMDD, a day in the years 1900–2099, or 99991231 when the end is open.",
    ),
    "month": Text(nb="Skriv år og måned, ÅÅÅÅMM.", en="Write year and month, YYYYMM."),
    "decimal": Text(
        nb="Skriv ett til tre siffer, punktum og to desimaler, som 3.50.",
        en="Write one to three digits, a point and two decimals, as 3.50.",
    ),
    r"\d{1,10}": Text(nb="Skriv bare siffer, høyst ti.", en="Write digits only, at most ten."),
    r"\d+": Text(nb="Skriv bare siffer.", en="Write digits only."),
    r"\d{4}": Text(
        nb="Skriv fire siffer, med ledende null, som 0301.", en="Write four digits with the leading zero, as 0301."
    ),
    r"\d{2}": Text(
        nb="Skriv to siffer; 00 når det ikke er noen bydel.", en="Write two digits; 00 when there is no district."
    ),
    r"\d{1}": Text(nb="Skriv ett siffer.", en="Write one digit."),
    r"\d{1,2}": Text(
        nb="Skriv ett eller to siffer, uten ledende null.", en="Write one or two digits, no leading zero."
    ),
    r"\d{9}0?": Text(
        nb="Skriv ni siffer, eller de ni og en null når det er en overordnet enhet.",
        en="Write nine digits, or the nine and a zero for a parent unit.",
    ),
}


def form_remedy(one: XmlField) -> Text:
    """How it is written rightly."""
    return _FORMS.get(one.type) or _FORMS[one.form or ""]


def missing_says(one: XmlField) -> Text:
    """That it is not there."""
    name = named(one)
    if one.required_for:
        return Text(
            nb=f"{name.nb} mangler, og tjenestetypen krever det.",
            en=f"{name.en} is missing, and the service type asks for it.",
        )
    return Text(nb=f"{name.nb} er uten verdi.", en=f"{name.en} has no value.")


def missing_remedy(one: XmlField) -> Text:
    """Who fills it in."""
    if one.required_for:
        return Text(
            nb=f"Registrer «{one.nb}» på tjenesten i EPJ.", en=f"Register “{one.en}” on the service in the EPJ."
        )
    return Text(nb="La uttrekket fylle ut feltet.", en="Make the export fill the field in.")


def code_says(one: XmlField) -> Text:
    """That the code is none."""
    name = named(one)
    lists = " / ".join((*one.lists, *(v for k, v in one.lists_by.items() if k != "field")))
    told = Text(nb=f" ({lists})", en=f" ({lists})") if lists else Text(nb="", en="")
    return Text(
        nb=f"{name.nb} har en verdi som ikke står i kodeverket{told.nb}.",
        en=f"{name.en} has a value that is not in the code list{told.en}.",
    )


def code_remedy(codes: list[str]) -> Text:
    """Which codes there are."""
    shown = ", ".join(codes)
    if not shown:
        return Text(
            nb="Skriv koden slik kodeverket har den: ICPC-2 som P70, ICD-10 som G35 eller G35.1.",
            en="Write the code as its system has it: ICPC-2 as P70, ICD-10 as G35 or G35.1.",
        )
    return Text(nb=f"Rett kodekoblingen. Det kan stå {shown}.", en=f"Correct the code mapping. It may be {shown}.")


def range_says(one: XmlField) -> Text:
    """That it lies outside."""
    name = named(one)
    if one.type == "decimal":
        return Text(
            nb=f"{name.nb} er under {one.first} eller over {one.last} timer.",
            en=f"{name.en} is under {one.first} or over {one.last} hours.",
        )
    if one.first == one.last:
        day = (
            Text(nb="1. januar", en="1 January")
            if one.first == "year_start"
            else Text(nb="31. desember", en="31 December")
        )
        return Text(
            nb=f"{name.nb} er ikke {day.nb} i rapporteringsåret.", en=f"{name.en} is not {day.en} of the report year."
        )
    return Text(
        nb=f"{name.nb} ligger før 2005 eller etter rapporteringsåret.",
        en=f"{name.en} lies before 2005 or after the report year.",
    )


def range_remedy(one: XmlField) -> Text:
    """What to do about it."""
    if one.type == "decimal":
        return Text(nb="Rett vedtakstimene i EPJ.", en="Correct the decided hours in the EPJ.")
    if one.first == one.last:
        return Text(
            nb="Lag uttrekket for hele året, fra 1. januar til 31. desember.",
            en="Make the export for the whole year, from 1 January to 31 December.",
        )
    return Text(
        nb="Rett datoen i EPJ. Det som er etter året, hører til neste års melding.",
        en="Correct the date in the EPJ. What comes after the year belongs in the next year's message.",
    )
