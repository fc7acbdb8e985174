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
    remedy = Text(nb="Lag ingen melding for typen.", en="Build no message for the type.")
