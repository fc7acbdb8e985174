"""The sentences of the rules that are made from the table, by the kind of fault."""

from __future__ import annotations

from ktt.core.text import Text
from ktt.messages.iplos_3_7.layout import XmlField


def named(field: XmlField) -> Text:
    """A field by its name in words and its name in the format: `«dato søknad» (tjSoknadDato)`."""
    return Text(nb=f"«{field.nb}» ({field.name})", en=f"“{field.en}” ({field.name})")


def form_says(field: XmlField) -> Text:
    """That the value has the wrong form."""
    name = named(field)
    if field.type == "date":
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


def form_remedy(field: XmlField) -> Text:
    """How the value is to be written."""
    return _FORMS.get(field.type) or _FORMS[field.form or ""]


def missing_says(field: XmlField) -> Text:
    """That the value is missing."""
    name = named(field)
    if field.required_for:
        return Text(
            nb=f"{name.nb} mangler, og tjenestetypen krever det.",
            en=f"{name.en} is missing, and the service type asks for it.",
        )
    return Text(nb=f"{name.nb} er uten verdi.", en=f"{name.en} has no value.")


def missing_remedy(field: XmlField) -> Text:
    """Where the value is to be filled in."""
    if field.required_for:
        return Text(
            nb=f"Registrer «{field.nb}» på tjenesten i EPJ.", en=f"Register “{field.en}” on the service in the EPJ."
        )
    return Text(nb="La uttrekket fylle ut feltet.", en="Make the export fill the field in.")


def code_says(field: XmlField) -> Text:
    """That the code is not in its list."""
    name = named(field)
    lists = " / ".join((*field.lists, *(v for k, v in field.lists_by.items() if k != "field")))
    named_lists = Text(nb=f" ({lists})", en=f" ({lists})") if lists else Text(nb="", en="")
    return Text(
        nb=f"{name.nb} har en verdi som ikke står i kodeverket{named_lists.nb}.",
        en=f"{name.en} has a value that is not in the code list{named_lists.en}.",
    )


def code_remedy(codes: list[str]) -> Text:
    """Which codes the list has."""
    shown = ", ".join(codes)
    if not shown:
        return Text(
            nb="Skriv koden slik kodeverket har den: ICPC-2 som P70, ICD-10 som G35 eller G35.1.",
            en="Write the code as its system has it: ICPC-2 as P70, ICD-10 as G35 or G35.1.",
        )
    return Text(nb=f"Rett kodekoblingen. Det kan stå {shown}.", en=f"Correct the code mapping. It may be {shown}.")


def range_says(field: XmlField) -> Text:
    """That the value is outside its range."""
    name = named(field)
    if field.type == "decimal":
        return Text(
            nb=f"{name.nb} er under {field.first} eller over {field.last} timer.",
            en=f"{name.en} is under {field.first} or over {field.last} hours.",
        )
    if field.first == field.last:
        day = (
            Text(nb="1. januar", en="1 January")
            if field.first == "year_start"
            else Text(nb="31. desember", en="31 December")
        )
        return Text(
            nb=f"{name.nb} er ikke {day.nb} i rapporteringsåret.", en=f"{name.en} is not {day.en} of the report year."
        )
    return Text(
        nb=f"{name.nb} ligger før 2005 eller etter rapporteringsåret.",
        en=f"{name.en} lies before 2005 or after the report year.",
    )


def range_remedy(field: XmlField) -> Text:
    """How a value outside its range is corrected."""
    if field.type == "decimal":
        return Text(nb="Rett vedtakstimene i EPJ.", en="Correct the decided hours in the EPJ.")
    if field.first == field.last:
        return Text(
            nb="Lag uttrekket for hele året, fra 1. januar til 31. desember.",
            en="Make the export for the whole year, from 1 January to 31 December.",
        )
    return Text(
        nb="Rett datoen i EPJ. Det som er etter året, hører til neste års melding.",
        en="Correct the date in the EPJ. What comes after the year belongs in the next year's message.",
    )
