"""What is wrong with single records: counted, shown by local id, never with a value.

A finding that holds keeps its record back: the record is not sent, and it is still *present*, so that it is never
taken for deleted. The one value that may be shown is a local code that has no mapping; a code is not a person.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from ktt.core.text import Text
from ktt.rules.rule import Cause, Consequence

FINDINGS = {
    "record_type": pl.String(),
    "local_id": pl.String(),  # the root record's own id, empty when the record has none
    "field": pl.String(),
    "code": pl.String(),
    "cause": pl.String(),
    "held": pl.Boolean(),
    "detail": pl.String(),  # a local code without mapping, or the schema's place and limit; else empty
}
"""The schema of a frame of findings."""

HIDDEN = "•••"
_PERSONAL = r"\d{6}"  # six digits in a row may be a birthday: not shown, whatever the mapping says they are


@dataclass(frozen=True, slots=True)
class FindingKind:
    """One kind of finding: its stable code, who must act, and whether it keeps the record back.

    One that `rejects` says that the whole extract is not what it should be: nothing of it is sent. The detail of one
    that has a `place` is where in the message, and what the schema asks for there; else it is a local code. One that
    `follows` has its cause in another finding, and goes with it: nobody needs to act on it.
    """

    code: str
    says: Text
    remedy: Text
    cause: Cause
    holds: bool = True
    rejects: bool = False
    place: bool = False
    follows: bool = False


_KOBLING = Text(nb="Legg koden til i kodefilen.", en="Add the code to the code file.")
_EPJ = Text(nb="Rett opplysningen i EPJ.", en="Correct the record in the record system.")
_UTTREKK = Text(nb="Be leverandøren rette uttrekket.", en="Ask the vendor to correct the export.")

UNMAPPED_CODE = FindingKind(
    "KTT-SRC-F01",
    Text(
        nb="Den lokale koden er ikke koblet til noen Volven-kode på opplysningens dato.",
        en="The local code has no official code on the record's date.",
    ),
    _KOBLING,
    Cause.CODE_MAPPING,
)
UNREADABLE = FindingKind(
    "KTT-SRC-F02", Text(nb="Verdien kan ikke leses.", en="The value cannot be read."), _EPJ, Cause.REGISTRATION
)
MISSING = FindingKind(
    "KTT-SRC-F03", Text(nb="Feltet må ha en verdi.", en="The field must have a value."), _EPJ, Cause.REGISTRATION
)
NUMBER_MALFORMED = FindingKind(
    "KTT-SRC-F04",
    Text(
        nb="Fødselsnummer, D-nummer eller DUF-nummer har feil lengde eller kontrollsiffer.",
        en="The national number, D-number or DUF-number has a wrong length or check digit.",
    ),
    _EPJ,
    Cause.REGISTRATION,
)
REAL_PERSON = FindingKind(
    "KTT-SRC-F05",
    Text(nb="Ekte personnummer utenfor produksjon.", en="A real person's number outside production."),
    Text(nb="Bruk bare syntetiske personer her.", en="Use synthetic persons only here."),
    Cause.EXTRACTION,
    rejects=True,
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
    _UTTREKK,
    Cause.EXTRACTION,
)
ORPHAN = FindingKind(
    "KTT-SRC-F08",
    Text(
        nb="Raden hører til en opplysning som ikke er i uttrekket.",
        en="The row belongs to a record that is not in the extract.",
    ),
    _UTTREKK,
    Cause.EXTRACTION,
)
NO_RECIPIENT = FindingKind(
    "KTT-SRC-F09",
    Text(
        nb="Personen opplysningen gjelder, er ikke i uttrekket.",
        en="The person the record is about is not in the extract.",
    ),
    _UTTREKK,
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
TWICE_IN_AUTUMN = FindingKind(
    "KTT-SRC-F13",
    Text(
        nb="Tidspunktet faller i timen som går to ganger om høsten; den første er brukt.",
        en="The time falls in the hour that happens twice in autumn; the first is used.",
    ),
    Text(nb="Ingenting må gjøres.", en="Nothing needs doing."),
    Cause.EXTRACTION,
    holds=False,
)
OTHER_IDENTITY = FindingKind(
    "KTT-SRC-F14",
    Text(
        nb="Personen har bare et annet slags nummer, som ikke sendes.",
        en="The person has only another kind of number, which is not sent.",
    ),
    Text(
        nb="Registrer fødselsnummer, D-nummer eller DUF-nummer når det finnes.",
        en="Register a national number, D-number or DUF-number when there is one.",
    ),
    Cause.REGISTRATION,
    holds=False,
)
NO_IDENTITY = FindingKind(
    "KTT-SRC-F15",
    Text(nb="Personen har ikke noe nummer.", en="The person has no number."),
    Text(
        nb="Registrer fødselsnummer, D-nummer eller DUF-nummer når det finnes.",
        en="Register a national number, D-number or DUF-number when there is one.",
    ),
    Cause.REGISTRATION,
    holds=False,
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
        nb="Se på opplysningen i EPJ: den har trolig fått med noe som ikke hører til.",
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
    place=True,
)

MISFIT = FindingKind(
    "KTT-SRC-F19",
    Text(
        nb="Opplysningen er skrevet slik at den ikke passer i meldingens skjema.",
        en="The record is written in a way that does not fit the message's schema.",
    ),
    Text(
        nb="Be leverandøren la uttrekket skrive feltet slik skjemaet krever. «ktt messages show» viser skjemaet.",
        en="Ask the vendor to make the export write the field as the schema demands. `ktt messages show` shows it.",
    ),
    Cause.EXTRACTION,
    place=True,
)

KINDS: dict[str, FindingKind] = {
    kind.code: kind
    for kind in (
        UNMAPPED_CODE, UNREADABLE, MISSING, NUMBER_MALFORMED, REAL_PERSON, TEST_PERSON, DUPLICATE, ORPHAN, NO_RECIPIENT,
        NUMBER_IN_ID, PERSON_HELD, DECISION_HELD, TWICE_IN_AUTUMN, OTHER_IDENTITY, NO_IDENTITY,
        LEFT_EMPTY, TOO_LARGE, OUT_OF_BOUNDS, MISFIT,
    )
}  # fmt: skip
"""Every kind of finding by its code. Codes are never reused."""

FOLLOWING = frozenset(kind.code for kind in KINDS.values() if kind.follows)
"""Codes of the findings that go when another is corrected."""


@dataclass(slots=True)
class Findings:
    """Collects findings during one extract."""

    parts: list[pl.DataFrame] = field(default_factory=list, repr=False)

    def add(
        self, kind: FindingKind, record_type: str, ids: pl.Series, column: str | None, detail: pl.Series | None = None
    ) -> None:
        """One finding for each id, with its detail; a local code that could be about a person is hidden."""
        if ids.is_empty():
            return
        details = pl.Series(values=[None] * len(ids), dtype=pl.String) if detail is None else detail
        personal = pl.lit(not kind.place) & pl.col("detail").str.contains(_PERSONAL)
        shown = pl.when(personal).then(pl.lit(HIDDEN)).otherwise("detail")
        self.parts.append(
            pl.DataFrame({"local_id": ids, "detail": details}).select(
                record_type=pl.lit(record_type),
                local_id="local_id",
                field=pl.lit(column, pl.String),
                code=pl.lit(kind.code),
                cause=pl.lit(kind.cause.value),
                held=pl.lit(kind.holds),
                detail=shown,
            )
        )

    def frame(self) -> pl.DataFrame:
        """All of them, in one fixed order."""
        return pl.concat([pl.DataFrame(schema=FINDINGS), *self.parts]).sort(
            "record_type", "local_id", "field", "code", "detail", nulls_last=False
        )


def summary(findings: pl.DataFrame) -> pl.DataFrame:
    """Counts per code, cause, record type, field and local code, the most frequent first."""
    keys = ["code", "cause", "record_type", "field", "detail", "held"]
    return findings.group_by(keys).len("count").sort("count", *keys, descending=[True] + [False] * len(keys))


def as_judged(findings: pl.DataFrame) -> pl.DataFrame:
    """What the reading found, in the words of the rules, with `detail`: a record that is held is a record left out."""
    rejects = pl.col("code").is_in([kind.code for kind in KINDS.values() if kind.rejects])
    reject, drop, note = (
        pl.lit(one.value, pl.UInt8) for one in (Consequence.REJECT_MESSAGE, Consequence.DROP_RECORD, Consequence.NOTE)
    )
    return findings.select(
        rule="code",
        record_type="record_type",
        local_id="local_id",
        fields=pl.when(pl.col("field").is_not_null()).then(pl.concat_list("field")),
        consequence=pl.when(rejects).then(reject).when("held").then(drop).otherwise(note),
        cause="cause",
        detail="detail",
    )
