"""The kinds of findings that reading a record system and encoding its records can give."""

from __future__ import annotations

from dataclasses import dataclass

from ktt.core.text import Text
from ktt.rules.kinds import Cause, Consequence


@dataclass(frozen=True, slots=True)
class FindingKind:
    """One kind of finding: its stable code, who must act, and what becomes of the record (held, when nothing is said).

    The detail of a finding `of_place` is where: in the message, and what its schema asks for there, or in the record
    system's tables; else it is a local code. One that `follows` has its cause in another finding and closes with it: nobody needs to act on it.
    """

    code: str
    says: Text
    remedy: Text
    cause: Cause
    consequence: Consequence = Consequence.DROP_RECORD
    of_place: bool = False
    follows: bool = False


_ADD_CODE = Text(nb="Legg koden til i kodefilen.", en="Add the code to the code file.")
_CORRECT_RECORD = Text(nb="Rett opplysningen i EPJ.", en="Correct the record in the record system.")
_CORRECT_EXPORT = Text(nb="Be leverandøren rette uttrekket.", en="Ask the vendor to correct the export.")

UNMAPPED_CODE = FindingKind(
    "KTT-SRC-F01",
    Text(
        nb="Den lokale koden er ikke koblet til noen Volven-kode på opplysningens dato.",
        en="The local code has no official code on the record's date.",
    ),
    _ADD_CODE,
    Cause.CODE_MAPPING,
)
UNREADABLE = FindingKind(
    "KTT-SRC-F02",
    Text(nb="Verdien kan ikke leses.", en="The value cannot be read."),
    _CORRECT_RECORD,
    Cause.REGISTRATION,
)
MISSING = FindingKind(
    "KTT-SRC-F03",
    Text(nb="Feltet må ha en verdi.", en="The field must have a value."),
    _CORRECT_RECORD,
    Cause.REGISTRATION,
)
NUMBER_MALFORMED = FindingKind(
    "KTT-SRC-F04",
    Text(
        nb="Fødselsnummer, D-nummer eller DUF-nummer har feil lengde eller kontrollsiffer.",
        en="The national number, D-number or DUF-number has a wrong length or check digit.",
    ),
    _CORRECT_RECORD,
    Cause.REGISTRATION,
)
REAL_PERSON = FindingKind(
    "KTT-SRC-F05",
    Text(nb="Ekte personnummer utenfor produksjon.", en="A real person's number outside production."),
    Text(nb="Bruk bare syntetiske personer her.", en="Use synthetic persons only here."),
    Cause.EXTRACTION,
    Consequence.REJECT_MESSAGE,
)
TEST_PERSON = FindingKind(
    "KTT-SRC-F06",
    Text(nb="Testperson i produksjon.", en="A test person in production."),
    Text(nb="Ta testpersonen ut av uttrekket.", en="Take the test person out of the export."),
    Cause.EXTRACTION,
)
DUPLICATE = FindingKind(
    "KTT-SRC-F07",
    Text(nb="Den samme nøkkelen finnes flere ganger.", en="The same key occurs more than once."),
    _CORRECT_EXPORT,
    Cause.EXTRACTION,
)
ORPHAN = FindingKind(
    "KTT-SRC-F08",
    Text(
        nb="Raden hører til en opplysning som ikke er i uttrekket.",
        en="The row belongs to a record that is not in the extract.",
    ),
    _CORRECT_EXPORT,
    Cause.EXTRACTION,
)
NO_RECIPIENT = FindingKind(
    "KTT-SRC-F09",
    Text(
        nb="Personen opplysningen gjelder, er ikke i uttrekket.",
        en="The person the record is about is not in the extract.",
    ),
    _CORRECT_EXPORT,
    Cause.EXTRACTION,
)
NUMBER_IN_ID = FindingKind(
    "KTT-SRC-F10",
    Text(
        nb="En lokal ID inneholder et fødselsnummer eller D-nummer.",
        en="A local id holds a national number or D-number.",
    ),
    Text(nb="Velg en annen kolonne som ID i koblingsfilen.", en="Choose another column as id in the mapping."),
    Cause.EXTRACTION,
)
PERSON_HELD = FindingKind(
    "KTT-SRC-F11",
    Text(
        nb="Holdt tilbake fordi personens opplysninger har feil.",
        en="Held back because the person's own facts are faulty.",
    ),
    Text(nb="Rett personens opplysninger først.", en="Correct the person's facts first."),
    Cause.REGISTRATION,
    follows=True,
)
DECISION_HELD = FindingKind(
    "KTT-SRC-F12",
    Text(nb="Holdt tilbake fordi vedtaket har feil.", en="Held back because the decision is faulty."),
    Text(nb="Rett vedtaket først.", en="Correct the decision first."),
    Cause.REGISTRATION,
    follows=True,
)
AMBIGUOUS_IN_AUTUMN = FindingKind(
    "KTT-SRC-F13",
    Text(
        nb="Tidspunktet faller i timen som går to ganger om høsten; den første er brukt.",
        en="The time falls in the hour that happens twice in autumn; the first is used.",
    ),
    Text(nb="Ingenting må gjøres.", en="Nothing needs doing."),
    Cause.EXTRACTION,
    Consequence.NOTE,
)
OTHER_IDENTITY = FindingKind(
    "KTT-SRC-F14",
    Text(
        nb="Personen har bare en annen type nummer, som ikke sendes.",
        en="The person has only another kind of number, which is not sent.",
    ),
    Text(
        nb="Registrer fødselsnummer, D-nummer eller DUF-nummer når det finnes.",
        en="Register a national number, D-number or DUF-number when there is one.",
    ),
    Cause.REGISTRATION,
    Consequence.NOTE,
)
NO_IDENTITY = FindingKind(
    "KTT-SRC-F15",
    Text(nb="Personen har ikke noe nummer.", en="The person has no number."),
    Text(
        nb="Registrer fødselsnummer, D-nummer eller DUF-nummer når det finnes.",
        en="Register a national number, D-number or DUF-number when there is one.",
    ),
    Cause.REGISTRATION,
    Consequence.NOTE,
)

LEFT_EMPTY = FindingKind(
    "KTT-SRC-F16",
    Text(
        nb="Holdt tilbake fordi alle linjene eller skårene i opplysningen har feil.",
        en="Held back because every line or score of the record is faulty.",
    ),
    Text(nb="Rett linjene eller skårene først.", en="Correct the lines or scores first."),
    Cause.REGISTRATION,
    follows=True,
)

TOO_LARGE = FindingKind(
    "KTT-SRC-F17",
    Text(
        nb="Opplysningen alene er større enn en melding kan være.",
        en="The record alone is larger than a message may be.",
    ),
    Text(
        nb="Kontroller opplysningen i EPJ: den har trolig fått med noe som ikke hører til.",
        en="Look at the record in the record system: it probably holds something that does not belong there.",
    ),
    Cause.REGISTRATION,
)

OUT_OF_BOUNDS = FindingKind(
    "KTT-SRC-F18",
    Text(
        nb="Tallet er mindre eller større enn registeret tar imot.",
        en="The number is below or above what the registry accepts.",
    ),
    Text(nb="Rett tallet i EPJ.", en="Correct the number in the record system."),
    Cause.REGISTRATION,
    of_place=True,
)

SCHEMA_VIOLATION = FindingKind(
    "KTT-SRC-F19",
    Text(
        nb="Opplysningen er skrevet på en måte som ikke følger meldingens skjema.",
        en="The record is written in a way that does not fit the message's schema.",
    ),
    Text(
        nb="Be leverandøren la uttrekket skrive feltet slik skjemaet krever. «ktt messages show TYPE» viser skjemaet.",
        en="Ask the vendor to make the export write the field as the schema demands. `ktt messages show TYPE` shows it.",
    ),
    Cause.EXTRACTION,
    of_place=True,
)

NUMBER_ALTERED = FindingKind(
    "KTT-SRC-F20",
    Text(
        nb="Fødselsnummeret står sammen med annen tekst, eller er avkortet av et regneark.",
        en="The national number stands among other text, or has been shortened by a spreadsheet.",
    ),
    Text(
        nb="Be leverandøren la uttrekket skrive nummeret alene, som tekst.",
        en="Ask the vendor to make the export write the number alone, as text.",
    ),
    Cause.EXTRACTION,
)

BAD_CHARACTERS = FindingKind(
    "KTT-SRC-F21",
    Text(
        nb="Teksten inneholder tegn som ikke kan leses.",
        en="The text holds characters that cannot be read.",
    ),
    Text(
        nb="Skriv verdien på nytt i EPJ. Gjelder det mange, be leverandøren se på databasens tegnsett.",
        en="Write the value anew in the record system. If there are many, ask the vendor to look at the database's character set.",
    ),
    Cause.EXTRACTION,
    of_place=True,
)

SKIPPED_IN_SPRING = FindingKind(
    "KTT-SRC-F22",
    Text(
        nb="Tidspunktet faller i timen som går tapt om våren; timen etter er brukt.",
        en="The time falls in the hour that is skipped in spring; the hour after it is used.",
    ),
    Text(nb="Ingenting må gjøres.", en="Nothing needs doing."),
    Cause.EXTRACTION,
    Consequence.NOTE,
)

NO_LATEST_VERSION = FindingKind(
    "KTT-SRC-F23",
    Text(
        nb="ktt kan ikke avgjøre hvilken rad i loggen som er den siste: flere er like sene, eller en kan ikke leses.",
        en="Which row of the log is the last cannot be told: several are equally late, or one cannot be read.",
    ),
    Text(
        nb="Be leverandøren rette loggen, eller velg en annen kolonne under «latest» i koblingsfilen.",
        en="Ask the vendor to correct the log, or choose another column under `latest` in the mapping.",
    ),
    Cause.EXTRACTION,
)

NOT_OF_FORM = FindingKind(
    "KTT-SRC-F24",
    Text(
        nb="Verdien har ikke så mange tegn eller siffer som koblingsfilen sier.",
        en="The value has not as many signs or digits as the mapping says.",
    ),
    Text(
        nb="Rett opplysningen i EPJ, eller «pad» eller «width» i koblingsfilen.",
        en="Correct the record in the record system, or `pad` or `width` in the mapping.",
    ),
    Cause.EXTRACTION,
    of_place=True,
)

PERIODS_UNCLEAR = FindingKind(
    "KTT-SRC-F25",
    Text(
        nb="Radene kan ikke settes sammen til én periode: de overlapper, flere starter samme dag, eller en dag kan ikke leses.",
        en="The rows cannot be put together to one period: they overlap, several start on the same day, or a day cannot be read.",
    ),
    Text(
        nb="Rett periodene i EPJ, eller «periods» i koblingsfilen.",
        en="Correct the periods in the record system, or `periods` in the mapping.",
    ),
    Cause.REGISTRATION,
)

FINDING_KINDS: dict[str, FindingKind] = {
    kind.code: kind
    for kind in (
        UNMAPPED_CODE, UNREADABLE, MISSING, NUMBER_MALFORMED, REAL_PERSON, TEST_PERSON, DUPLICATE, ORPHAN, NO_RECIPIENT,
        NUMBER_IN_ID, PERSON_HELD, DECISION_HELD, AMBIGUOUS_IN_AUTUMN, OTHER_IDENTITY, NO_IDENTITY,
        LEFT_EMPTY, TOO_LARGE, OUT_OF_BOUNDS, SCHEMA_VIOLATION, NUMBER_ALTERED,
        BAD_CHARACTERS, SKIPPED_IN_SPRING, NO_LATEST_VERSION, NOT_OF_FORM, PERIODS_UNCLEAR,
    )
}  # fmt: skip
"""Every kind of finding by its code. Codes are never reused."""

FOLLOWING = frozenset(kind.code for kind in FINDING_KINDS.values() if kind.follows)
"""Codes of the findings that close when another is corrected."""

ENCODING_CODES = frozenset(kind.code for kind in (TOO_LARGE, OUT_OF_BOUNDS, SCHEMA_VIOLATION))
"""Codes of the findings that encoding gives; a record that is held for another reason is not encoded."""
