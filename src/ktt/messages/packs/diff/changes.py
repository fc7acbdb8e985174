"""One change, and in one sentence what it means for a vendor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from ktt.core.text import Text

Kind = Literal["added", "removed", "changed"]
Subject = Literal[
    "pack", "message", "version", "member", "type", "codes", "limit", "obligation", "condition", "mapping", "example"
]

KINDS: dict[Kind, Text] = {
    "added": Text(nb="ny", en="added"),
    "removed": Text(nb="borte", en="removed"),
    "changed": Text(nb="endret", en="changed"),
}
SUBJECTS: dict[Subject, Text] = {
    "pack": Text(nb="pakke", en="pack"),
    "message": Text(nb="melding", en="message"),
    "version": Text(nb="versjon", en="version"),
    "member": Text(nb="felt", en="member"),
    "type": Text(nb="type", en="type"),
    "codes": Text(nb="koder", en="codes"),
    "limit": Text(nb="grense", en="limit"),
    "obligation": Text(nb="plikt", en="obligation"),
    "condition": Text(nb="vilkår", en="condition"),
    "mapping": Text(nb="kobling", en="mapping"),
    "example": Text(nb="eksempel", en="example"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """What is different at a place of a message. `is_breaking`: messages that were right before may be refused."""

    kind: Kind
    subject: Subject
    message: str
    place: str
    old: Any
    new: Any
    is_breaking: bool = field(kw_only=True)
    consequence: Text = field(kw_only=True)

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "kind": self.kind,
            "subject": self.subject,
            "message_type": self.message,
            "place": self.place,
            "old": self.old,
            "new": self.new,
            "breaking": self.is_breaking,
            "consequence": self.consequence.both(),
        }


MESSAGE_ADDED = Text(
    nb="Ny meldingstype; dere kan sende den når dere har opplysningene.",
    en="A new message type; you can send it when you have what it asks for.",
)
MESSAGE_REMOVED = Text(
    nb="Meldingstypen tas ikke imot lenger; slutt å sende den.",
    en="The message type is not taken any more; stop sending it.",
)
ORDER_CHANGED = Text(
    nb="Meldingstypene sendes i en annen rekkefølge; send dem i den nye.",
    en="The message types travel in another order; send them in the new one.",
)
VERSION_CHANGED = Text(
    nb="Send meldingen under det nye versjonsnummeret.", en="Send the message under the new version number."
)
REQUIRED_ADDED = Text(
    nb="Nytt påkrevd felt: meldinger uten det avvises.",
    en="A new member that must be there: messages without it are refused.",
)
OPTIONAL_ADDED = Text(
    nb="Nytt valgfritt felt; ingenting må gjøres.", en="A new member that may be there; nothing has to be done."
)
MEMBER_REMOVED = Text(
    nb="Feltet er ikke i skjemaet lenger: meldinger som har det, avvises.",
    en="The member is not in the schema any more: messages that have it are refused.",
)
MEMBER_UNKNOWN = Text(
    nb="Feltet er ikke i skjemaet lenger; det kan sendes, men blir ikke lest.",
    en="The member is not in the schema any more; it may be sent, but is not read.",
)
TYPE_NARROWER = Text(
    nb="Verdien må skrives på en annen måte: meldinger med den gamle typen avvises.",
    en="The value has to be written in another way: messages with the old type are refused.",
)
TYPE_WIDER = Text(nb="Flere typer tas imot; ingenting må gjøres.", en="More types are taken; nothing has to be done.")
CODES_FEWER = Text(
    nb="Koder er tatt bort: meldinger med dem avvises. Bruk koder som finnes.",
    en="Codes are gone: messages with them are refused, so translate them to one that exists.",
)
CODES_MORE = Text(
    nb="Flere koder kan brukes; vurder om noen av dem passer bedre for det dere sender.",
    en="More codes may be used; see whether one of them fits better for what you send.",
)
CODES_FIRST = Text(
    nb="Bare kodene i listen tas imot nå: andre verdier avvises.",
    en="Only the codes of the list are taken now: other values are refused.",
)
CODES_FREE = Text(
    nb="Listen med koder er borte; alle verdier av typen tas imot.",
    en="The list of codes is gone; every value of the type is taken.",
)
LIMIT_TIGHTER = Text(
    nb="Grensen er strammere: verdier utenfor den avvises.", en="The limit is tighter: values beyond it are refused."
)
LIMIT_LOOSER = Text(nb="Grensen er videre; ingenting må gjøres.", en="The limit is wider; nothing has to be done.")
FORM_CHANGED = Text(
    nb="Verdien må ha en annen form: prøv meldingene deres mot det nye skjemaet.",
    en="The value must have another form: try your messages against the new schema.",
)
NOW_REQUIRED = Text(
    nb="Feltet er nå påkrevd: meldinger uten det avvises.",
    en="The member must be there now: messages without it are refused.",
)
NOW_OPTIONAL = Text(
    nb="Feltet kan utelates nå; ingenting må gjøres.", en="The member may be left out now; nothing has to be done."
)
NOW_CLOSED = Text(
    nb="Objektet har bare de nevnte feltene nå: meldinger med andre avvises.",
    en="The object has only the named members now: messages with others are refused.",
)
NOW_OPEN = Text(
    nb="Objektet kan ha andre felter enn de nevnte; ingenting må gjøres.",
    en="The object may have other members than those named; nothing has to be done.",
)
CONDITION_CHANGED = Text(
    nb="Et vilkår mellom felter er endret: prøv meldingene deres mot det nye skjemaet.",
    en="A condition between members has changed: try your messages against the new schema.",
)
MAPPING_CHANGED = Text(
    nb="Kolonnen skrives på en annen måte; programmet gjør det selv, men kontroller uttrekket.",
    en="The column is written in another way; the program does it by itself, but look at the extract.",
)
MAPPING_ADDED = Text(
    nb="Kolonnen tas med i meldingen nå; kontroller at uttrekket har den.",
    en="The column is carried in the message now; see that the extract has it.",
)
MAPPING_REMOVED = Text(
    nb="Kolonnen tas ikke med fra dette feltet lenger.", en="The column is not carried by this member any more."
)
EXAMPLE = Text(
    nb="Eksemplene er endret; kjør dem i testene deres.", en="The examples are others; run them in your tests."
)
PUBLISHER = Text(nb="Pakken har et annet navn eller en annen utgiver.", en="The pack has another name or publisher.")
DAYS = Text(
    nb="Perioden pakken gjelder, er endret: bytt pakke på riktig dag.",
    en="The days on which the pack counts are others: change packs on the right day.",
)
LAST_DAY = Text(
    nb="Mottaket tar ikke imot pakken etter denne dagen: bytt før den.",
    en="The receiver does not take the pack after this day: change before it.",
)
