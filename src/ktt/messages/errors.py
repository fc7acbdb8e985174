"""What can go wrong between records and messages. Facts are names, counts and places, never content."""

from __future__ import annotations

from ktt.core.errors import EXIT_CONTENT, EXIT_USAGE, KttError
from ktt.core.text import Text


class MessageTypeUnknown(KttError):
    """No pack has a message of that type and version."""

    code, exit_code = "KTT-MSG-01", EXIT_USAGE
    what = Text(
        nb="Meldingstypen «{message_type}» i versjon «{version}» finnes ikke.",
        en="There is no message type “{message_type}” in version “{version}”.",
    )
    remedy = Text(nb="Bruk en av disse: {known}.", en="Use one of these: {known}.")


class PackUnknown(KttError):
    """There is no message pack of that name."""

    code, exit_code = "KTT-MSG-02", EXIT_USAGE
    what = Text(nb="Meldingspakken «{pack}» finnes ikke.", en="There is no message pack “{pack}”.")
    remedy = Text(nb="Bruk en av disse: {known}.", en="Use one of these: {known}.")


class MessageNotJson(KttError):
    """The bytes are not strict JSON. `reason` is one of `strict_json.REASONS`."""

    code, exit_code = "KTT-MSG-03", EXIT_CONTENT
    what = Text(nb="Meldingen er ikke gyldig JSON ({reason}).", en="The message is not valid JSON ({reason}).")
    remedy = Text(
        nb="Send UTF-8 uten BOM, med hvert felt én gang og vanlige tall.",
        en="Send UTF-8 without a byte order mark, each field once, and ordinary numbers.",
    )


class MessageMalformed(KttError):
    """The message is JSON, but not a message of this type and version."""

    code, exit_code = "KTT-MSG-04", EXIT_CONTENT
    what = Text(
        nb="Meldingen passer ikke til {message_type} versjon {version}: første feil er ved «{pointer}».",
        en="The message does not fit {message_type} version {version}: the first fault is at “{pointer}”.",
    )
    remedy = Text(
        nb="Kontroller meldingen mot skjemaet for å se alle feil.",
        en="Check the message against its schema to see every fault.",
    )


class RecordNotEncodable(KttError):
    """Some records hold a value that the message cannot carry as what it should be."""

    code, exit_code = "KTT-MSG-05", EXIT_CONTENT
    what = Text(
        nb="{count:post|poster} av typen {record_type} har en verdi i «{column}» som ikke kan skrives i meldingen.",
        en="{count:record|records} of type {record_type} with a value in “{column}” that the message cannot carry.",
    )
    remedy = Text(
        nb="Kjør reglene først, og hold slike poster tilbake.", en="Run the rules first and hold such records back."
    )


class MessageEmpty(KttError):
    """There is nothing to say: no deletion and no record."""

    code, exit_code = "KTT-MSG-06", EXIT_USAGE
    what = Text(nb="En melding uten poster og slettinger sendes ikke.", en="A message without records or deletions.")
    remedy = Text(nb="Ikke lag en melding for typen.", en="Build no message for the type.")


class MappingInvalid(KttError):
    """A pack's mapping cannot be carried out. `reason` is the entry that is wrong, in the words of `mapping.toml`."""

    code, exit_code = "KTT-MSG-07", EXIT_USAGE
    what = Text(
        nb="mapping.toml for {message} kan ikke brukes: «{place}» ({reason}).",
        en="mapping.toml for {message} cannot be used: “{place}” ({reason}).",
    )
    remedy = Text(
        nb="Rett stedet. Steder, kolonner og former står i docs/reference/mapping-language.md.",
        en="Correct the place. Places, columns and forms are in docs/reference/mapping-language.md.",
    )


class MappingMissing(KttError):
    """Something is asked of a pack that only its mapping can tell."""

    code, exit_code = "KTT-MSG-08", EXIT_USAGE
    what = Text(
        nb="Pakken «{pack}» har ingen mapping for {message_type} {version}: den kan motta og kontrollere meldinger, men ikke "
        "lage dem eller lese opplysningene i dem.",
        en="The pack “{pack}” has no mapping for {message_type} {version}: it can receive and check messages, but not make "
        "them or read the records in them.",
    )
    remedy = Text(
        nb="Legg mapping.toml i pakken. «ktt pack draft» lager et forslag.",
        en="Put mapping.toml into the pack. `ktt pack draft` proposes one.",
    )


class MappingNotRead(KttError):
    """The file is no mapping."""

    code, exit_code = "KTT-MSG-09", EXIT_USAGE
    what = Text(
        nb="mapping.toml i pakken «{pack}» kan ikke leses: {reason}.",
        en="mapping.toml in the pack “{pack}” cannot be read: {reason}.",
    )
    remedy = Text(
        nb="Rett filen. Formen står i docs/reference/mapping-language.md.",
        en="Correct the file. Its form is in docs/reference/mapping-language.md.",
    )


class MessageInTwoPacks(KttError):
    """Two packs have a message of the same type and version."""

    code, exit_code = "KTT-MSG-10", EXIT_USAGE
    what = Text(
        nb="{message_type} versjon {version} står i flere pakker: {packs}.",
        en="{message_type} version {version} is in several packs: {packs}.",
    )
    remedy = Text(
        nb="Oppgi bare en av dem, eller gi meldingen en annen versjon i den ene.",
        en="Name only one of them, or give the message another version in one of them.",
    )


class CursorUnknown(KttError):
    """A listing of the inventory cannot go on from there."""

    code, exit_code = "KTT-MSG-11", EXIT_USAGE
    what = Text(
        nb="Beholdningen kan ikke leses videre derfra.",
        en="The inventory cannot be read on from there.",
    )
    remedy = Text(
        nb="Begynn på nytt, uten «after». En liste kan leses videre i ett døgn, og bare for sin egen enhet.",
        en="Begin again, without `after`. A listing can be read on for a day, and only for its own unit.",
    )
