"""The ways to break the schema of a daily message, by keyword of JSON Schema, and the faults of local ids that no rule finds."""

from __future__ import annotations

from collections.abc import Mapping

from ktt.core.text import Text
from ktt.messages.local_ids import NATIONAL_NUMBER, NOT_READABLE, STANDS_TWICE, UNIT_TWICE
from ktt.rules.schema_rules.rule import SchemaRule

_SOURCE = "messages § 2; the schema of the message's pack"

_SENTENCES: dict[str, Text] = {
    "required": Text(nb="Et påkrevd felt mangler.", en="A required field is missing."),
    "additionalProperties": Text(
        nb="Objektet har et felt som meldingen ikke har.", en="The object has a field that the message does not have."
    ),
    "type": Text(nb="Verdien er av feil type.", en="The value is of the wrong type."),
    "enum": Text(nb="Verdien er ikke en av kodene i listen.", en="The value is not one of the codes in the list."),
    "const": Text(nb="Verdien er ikke den som må stå her.", en="The value is not the one that must stand here."),
    "minimum": Text(nb="Tallet er for lite.", en="The number is too small."),
    "maximum": Text(nb="Tallet er for stort.", en="The number is too large."),
    "multipleOf": Text(nb="Tallet har for mange desimaler.", en="The number has too many decimals."),
    "minLength": Text(nb="Teksten er for kort.", en="The text is too short."),
    "maxLength": Text(nb="Teksten er for lang.", en="The text is too long."),
    "pattern": Text(nb="Teksten har feil form.", en="The text has the wrong form."),
    "format": Text(nb="Teksten er ikke en dato eller et tidspunkt.", en="The text is not a day or an instant."),
    "minItems": Text(nb="Listen er for kort.", en="The list is too short."),
    "maxItems": Text(nb="Listen er for lang.", en="The list is too long."),
    NATIONAL_NUMBER: Text(
        nb="En lokal ID ser ut til å inneholde et fødselsnummer.", en="A local id seems to hold a national number."
    ),
    STANDS_TWICE: Text(
        nb="Samme ID står flere ganger i meldingen, poster og slettinger sett under ett.",
        en="The same id stands more than once in the message, records and deletions taken together.",
    ),
    UNIT_TWICE: Text(
        nb="Samme rapporterende enhet står flere ganger i meldingen.",
        en="The same reporting unit stands more than once in the message.",
    ),
    NOT_READABLE: Text(
        nb="En lokal ID begynner eller slutter med blank, eller har tegn som ikke synes.",
        en="A local id begins or ends with a blank, or has characters that cannot be seen.",
    ),
}
_OTHER = Text(
    nb="Opplysningene passer ikke sammen, eller verdien har tegn som ikke er tillatt.",
    en="The facts do not fit together, or the value has characters that are not allowed.",
)
_REMEDY = Text(
    nb="La uttrekket skrive feltet slik skjemaet krever. «ktt messages show TYPE» viser skjemaet.",
    en="Make the export write the field as the schema demands. `ktt messages show TYPE` shows the schema.",
)


_REMEDIES: dict[str, Text] = {
    NATIONAL_NUMBER: Text(
        nb="La uttrekket bruke systemets egen nøkkel. En ID skal aldri bygge på fødselsnummer.",
        en="Make the export use the system's own key. An id must never be built on a national number.",
    ),
    STANDS_TWICE: Text(
        nb="La uttrekket skrive hver ID én gang: enten posten slik den er nå, eller at den er slettet.",
        en="Make the export write each id once: either the record as it is now, or that it is deleted.",
    ),
    UNIT_TWICE: Text(
        nb="La uttrekket samle alt om en enhet på ett sted i meldingen.",
        en="Make the export gather all that is about a unit in one place of the message.",
    ),
    NOT_READABLE: Text(
        nb="La uttrekket skrive ID-en med synlige tegn alene, uten blank først og sist.",
        en="Make the export write the id in visible characters alone, without a blank at either end.",
    ),
}


_PIECES: Mapping[str, tuple[str, str]] = {
    "required": ('{"tjenesteId": "T-1", "startDato": "2026-03-05"}', '{"tjenesteId": "T-1"}'),
    "additionalProperties": ('{"vedtakDato": "2026-03-05"}', '{"vedtaksdato": "2026-03-05"}'),
    "type": ('{"timerUke": 2.5}', '{"timerUke": "2,5"}'),
    "enum": ('{"tjenesteType": 15}', '{"tjenesteType": 99}'),
    "minimum": ('{"timerUke": 0.01}', '{"timerUke": -1}'),
    "maximum": ('{"timerUke": 168}', '{"timerUke": 16800}'),
    "multipleOf": ('{"timerUke": 2.25}', '{"timerUke": 2.333}'),
    "minLength": ('{"tjenesteId": "T-1"}', '{"tjenesteId": ""}'),
    "maxLength": ('{"kode": "P70"}', '{"kode": "P70 demens, se journalen"}'),
    "pattern": ('{"kommuneNr": "0301"}', '{"kommuneNr": "301"}'),
    "format": ('{"startDato": "2026-03-05"}', '{"startDato": "05.03.2026"}'),
    "minItems": ("[{…}]", "[]"),
    NATIONAL_NUMBER: ('{"tjenesteId": "T-1"}', ""),
    STANDS_TWICE: ('[{"tjenesteId": "T-1"}, {"tjenesteId": "T-2"}]', '[{"tjenesteId": "T-1"}, {"tjenesteId": "T-1"}]'),
    NOT_READABLE: ('{"tjenesteId": "T-1"}', '{"tjenesteId": "T-1 "}'),
}
"""What keeps and what breaks it, in the fields of the built-in pack."""

_OTHER_ID = "KTT-SKJEMA-99"
_BY_KEYWORD: Mapping[str, SchemaRule] = {
    keyword: SchemaRule(
        f"KTT-SKJEMA-{number:02}", says, _REMEDIES.get(keyword, _REMEDY), *_PIECES.get(keyword, ("", "")), _SOURCE
    )
    for number, (keyword, says) in enumerate(_SENTENCES.items(), 1)
}
_LAST = SchemaRule(_OTHER_ID, _OTHER, _REMEDY, "", "", _SOURCE)
MESSAGE_SCHEMA_RULES: Mapping[str, SchemaRule] = {rule.id: rule for rule in (*_BY_KEYWORD.values(), _LAST)}
"""Every way to break a schema, by id. New keywords come after the old ones; an id is never reused."""


def rule_of(keyword: str) -> SchemaRule:
    """What a keyword of the schema demands, or a fault of a local id; the last of all for those without a sentence."""
    return _BY_KEYWORD.get(keyword, _LAST)
