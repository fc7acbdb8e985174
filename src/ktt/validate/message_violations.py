"""The places where a message breaks its schema, or where its local ids are wrong, as findings.

Each keyword of the schema has an id and a sentence, and so has each fault of a local id that no rule finds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from ktt.core.text import Text
from ktt.messages.local_ids import NATIONAL_NUMBER, NOT_READABLE, STANDS_TWICE, UNIT_TWICE
from ktt.messages.version import SchemaViolation
from ktt.rules.findings import complete
from ktt.rules.rule import Cause, Consequence


@dataclass(frozen=True, slots=True)
class KeywordRule:
    """What one keyword of the schema demands, with an id that is never reused."""

    id: str
    says: Text
    remedy: Text


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
    nb="Opplysningene passer ikke sammen, eller verdien har tegn som ikke er lov.",
    en="The facts do not fit together, or the value has characters that are not allowed.",
)
_REMEDY = Text(
    nb="La uttrekket skrive feltet slik skjemaet krever. «ktt messages show» viser skjemaet.",
    en="Make the export write the field as the schema demands. `ktt messages show` shows the schema.",
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

_BY_KEYWORD = {
    keyword: KeywordRule(f"KTT-SKJEMA-{number:02}", says, _REMEDIES.get(keyword, _REMEDY))
    for number, (keyword, says) in enumerate(_SENTENCES.items(), 1)
}
_LAST = KeywordRule("KTT-SKJEMA-99", _OTHER, _REMEDY)
SCHEMA_RULES: dict[str, KeywordRule] = {rule.id: rule for rule in (*_BY_KEYWORD.values(), _LAST)}
"""Every way to break a schema, by id. New keywords come after the old ones."""


def as_findings(violations: Sequence[SchemaViolation]) -> pl.DataFrame:
    """Findings on the message as a whole; `detail` is what the schema demands at the place."""
    found = pl.DataFrame(
        {
            "rule": [_BY_KEYWORD.get(one.keyword, _LAST).id for one in violations],
            "pointer": [one.pointer for one in violations],
            "detail": [one.limit or None for one in violations],
        }
    ).with_columns(
        record_type=pl.lit("message"),
        consequence=pl.lit(Consequence.REJECT_MESSAGE.value),
        cause=pl.lit(Cause.EXTRACTION.value),
    )
    return complete(found)
