"""The ways to break the schema of the annual message. Where it is broken the registry reads nothing at all."""

from __future__ import annotations

from collections.abc import Mapping

from ktt.core.text import Text
from ktt.messages.iplos_3_7.field_schema import VIOLATION_KINDS
from ktt.rules.rule import Consequence
from ktt.rules.schema_rules.rule import SchemaRule

_ORDER = Text(
    nb="Skriv elementene i samme rekkefølge som i tabellen: personfeltene, så PERSONOPPL, FUNKSJON, TJENESTE, DIAGNOSE og DOGNTILBUD.",
    en="Write the elements in the order of the table: the person's fields, then PERSONOPPL, FUNKSJON, TJENESTE, DIAGNOSE and DOGNTILBUD.",
)
_SOURCE = "IPLOS 3.7 XSD; a message that does not follow it is not read"
_STAY = '<DOGNTILBUD dgPeID="1" dgDgID="1">{}</DOGNTILBUD>'
_DIAGNOSIS = (
    '<DIAGNOSE diPeID="1" diDiID="1"><diKodeVersjon>ICPC-2</diKodeVersjon><diDiagKode>P70</diDiagKode>'
    "<diFraDato>20250101</diFraDato>{}</DIAGNOSE>"
)
_SAID: dict[str, tuple[Text, Text, str, str]] = {
    "unknown": (
        Text(nb="Et element står der det ikke hører hjemme i meldingen.", en="An element stands where the message has none such."),
        Text(nb="Fjern elementet, eller rett navnet. Store og små bokstaver teller.", en="Remove the element or correct its name. Case counts."),
        _STAY.format("<dgFraDato>20250101</dgFraDato>"),
        _STAY.format("<dgFradato>20250101</dgFradato>"),
    ),
    "order": (
        Text(nb="Et element står for sent i rekkefølgen.", en="An element stands too late in the order."),
        _ORDER,
        _STAY.format("<dgFraDato>20250101</dgFraDato><dgTilDato>20250102</dgTilDato>"),
        _STAY.format("<dgTilDato>20250102</dgTilDato><dgFraDato>20250101</dgFraDato>"),
    ),
    "repeated": (
        Text(nb="Et element står flere ganger der det bare kan stå én gang.", en="An element stands again where it may stand once."),
        Text(nb="Skriv feltet én gang.", en="Write the field once."),
        _STAY.format("<dgFraDato>20250101</dgFraDato>"),
        _STAY.format("<dgFraDato>20250101</dgFraDato><dgFraDato>20250101</dgFraDato>"),
    ),
    "missing": (
        Text(nb="Et felt som skjemaet krever, mangler.", en="A field that the schema demands is missing."),
        Text(nb="La uttrekket alltid skrive feltet. En åpen slutt er 99991231.", en="Make the export always write the field. An open end is 99991231."),
        _DIAGNOSIS.format("<diTilDato>99991231</diTilDato>"),
        _DIAGNOSIS.format(""),
    ),
    "too_few": (
        Text(nb="Et element som må stå i meldingen, mangler eller står for få ganger.", en="An element that must stand in the message is missing, or stands too few times."),
        Text(nb="En melding har ett INNHINFO med minst to iiKontakt, og minst én PERSON.", en="A message has one INNHINFO with at least two iiKontakt, and at least one PERSON."),
        "",
        "",
    ),
    "attribute": (
        Text(nb="Elementet har et attributt som ikke finnes i skjemaet.", en="An attribute is none of those that the element has."),
        Text(nb="Fjern attributtet, eller rett navnet.", en="Remove the attribute or correct its name."),
        _STAY.format(""),
        '<DOGNTILBUD dgPeID="1" dgDgID="1" nr="1"/>',
    ),
    "text": (
        Text(nb="Det står tekst der det bare kan stå elementer.", en="Text stands where only elements can."),
        Text(nb="Fjern teksten. Linjeskift og mellomrom er tillatt.", en="Remove the text. Line breaks and spaces are allowed."),
        _STAY.format("<dgFraDato>20250101</dgFraDato>"),
        _STAY.format("<dgFraDato>20250101</dgFraDato>;"),
    ),
    "value": (
        Text(nb="Verdien er av en type skjemaet ikke godtar.", en="The value is of a type that the schema does not take."),
        Text(
            nb="Datoer skrives ÅÅÅÅMMDD, desimaltall med punktum, tall bare med siffer. Et felt uten verdi skrives ikke.",
            en="Dates are written YYYYMMDD, decimals with a point, numbers with digits only. A field without value is not written.",
        ),
        _STAY.format("<dgFraDato>20250101</dgFraDato>"),
        _STAY.format("<dgFraDato>2025-01-01</dgFraDato>"),
    ),
    "fixed": (
        Text(nb="Et felt med fast verdi har en annen verdi.", en="A field with a fixed value has another."),
        Text(nb="iiInnhType er alltid P.", en="iiInnhType is always P."),
        "",
        "",
    ),
    "withdrawn": (
        Text(nb="Feltet er trukket tilbake og skal ikke skrives (peFnr, peDiagReserv).", en="The field is withdrawn and must not be written (peFnr, peDiagReserv)."),
        Text(
            nb="Fjern feltet. Fødselsnummer skal bare stå i identmeldingen.",
            en="Remove the field. National numbers stand in the identity message only.",
        ),
        "",
        "<peFnr>x</peFnr>",
    ),
}  # fmt: skip

_MARK = SchemaRule(
    f"IPLOS-SKJEMA-{len(VIOLATION_KINDS):02}",
    Text(nb="Filen begynner med et BOM-merke.", en="The file begins with a byte order mark."),
    Text(
        nb="Merket er tillatt i XML, men ikke alle mottakere godtar det. Skriv UTF-8 uten BOM.",
        en="The mark is allowed in XML, but not every receiver expects it. Write UTF-8 without it.",
    ),
    "",
    "",
    consequence=Consequence.NOTE,
    source="XML 1.0 § 4.3.3; ours",
)

SCHEMA_RULES: Mapping[str, SchemaRule] = {
    kind: _MARK if kind == "marked" else SchemaRule(f"IPLOS-SKJEMA-{number:02}", *_SAID[kind], source=_SOURCE)
    for number, kind in enumerate(VIOLATION_KINDS, 1)
}
"""Kind of fault → its rule. Ids follow `field_schema.VIOLATION_KINDS` and are never reused."""
