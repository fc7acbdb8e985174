"""What can be wrong with how a command was given, and the fault nobody foresaw."""

from __future__ import annotations

from ktt.core.errors import EXIT_USAGE, KttError
from ktt.core.text import Text


class CommandMisused(KttError):
    """An option, argument or command that does not exist or has a value that cannot be used."""

    code, exit_code = "KTT-CLI-01", EXIT_USAGE
    what = Text(
        nb="Kommandoen kan ikke kjøres slik den er skrevet: {reason}",
        en="The command cannot be run as it is written: {reason}",
    )
    remedy = Text(nb="Se «{command} --help».", en="See `{command} --help`.")


class Unforeseen(KttError):
    """A fault of the program. It has the root's code, KTT-000, and shows no value: a value may be about a person."""

    what = Text(nb="Noe uventet gikk galt ({kind}).", en="Something unforeseen went wrong ({kind}).")
    remedy = Text(
        nb="Kjør kommandoen igjen med KTT_DEBUG=1 for å se hvor i programmet det skjedde, og meld feilen.",
        en="Run the command again with KTT_DEBUG=1 to see where in the program it happened, and report the fault.",
    )


class NoSuchMessageType(KttError):
    """The message type that was asked for is not in the pack."""

    code, exit_code = "KTT-CLI-02", EXIT_USAGE
    what = Text(nb="Meldingstypen «{message_type}» finnes ikke.", en="There is no message type “{message_type}”.")
    remedy = Text(nb="Velg en av disse: {known}.", en="Choose one of these: {known}.")


class NoSuchExample(KttError):
    """The example that was asked for does not belong to the message type."""

    code, exit_code = "KTT-CLI-03", EXIT_USAGE
    what = Text(
        nb="Meldingstypen «{message_type}» har ikke noe eksempel «{example}».",
        en="The message type “{message_type}” has no example “{example}”.",
    )
    remedy = Text(nb="Velg et av disse: {known}.", en="Choose one of these: {known}.")


class PageUnwritable(KttError):
    """The file that a page is to be written to cannot be written."""

    code, exit_code = "KTT-CLI-04", EXIT_USAGE
    what = Text(nb="«{file}» kan ikke skrives: {reason}.", en="“{file}” cannot be written: {reason}.")
    remedy = Text(nb="Velg en annen fil, eller gi skrivetilgang.", en="Choose another file, or allow it to be written.")
