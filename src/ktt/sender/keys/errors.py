"""What can be wrong when a client key is made, imported or exchanged."""

from __future__ import annotations

from ktt.core.errors import EXIT_ACCESS, EXIT_NETWORK, EXIT_USAGE, KttError
from ktt.core.text import Text


class KeyThere(KttError):
    """There is a client key already, and a key is never written over."""

    code, exit_code = "KTT-KEY-01", EXIT_USAGE
    what = Text(nb="Nøkkelfilen «{path}» finnes fra før.", en="The key file “{path}” is there already.")
    remedy = Text(
        nb="«ktt key rotate» bytter nøkkel uten opphold i sendingen. Ingenting er skrevet.",
        en="`ktt key rotate` exchanges the key without a break in sending. Nothing was written.",
    )


class StoreUnreadable(KttError):
    """A PKCS#12 file that is not there, is none, or does not open with the password."""

    code, exit_code = "KTT-KEY-02", EXIT_ACCESS
    what = Text(
        nb="Sertifikatfilen «{path}» kan ikke brukes: {reason}.",
        en="The certificate file “{path}” cannot be used: {reason}.",
    )
    remedy = Text(
        nb="Oppgi en PKCS#12-fil (.p12 eller .pfx) med privat nøkkel, og passordet som hører til.",
        en="Name a PKCS#12 file (.p12 or .pfx) with a private key, and the password that belongs to it.",
    )


class PasswordUnreadable(KttError):
    """The file with the password cannot be read."""

    code, exit_code = "KTT-KEY-03", EXIT_USAGE
    what = Text(
        nb="Passordfilen «{path}» kan ikke leses: {reason}.", en="The password file “{path}” cannot be read: {reason}."
    )
    remedy = Text(
        nb="Oppgi en fil som inneholder passordet alene, eller utelat «--password-file» og skriv passordet når dere blir spurt.",
        en="Name a file that holds the password alone, or leave `--password-file` out and type it when asked.",
    )


class HelseIdSilent(KttError):
    """Whether HelseID accepts a key cannot be known, since there was no answer that says so."""

    code, exit_code = "KTT-KEY-04", EXIT_NETWORK
    what = Text(
        nb="Det er ikke kjent om HelseID godtar den nye nøkkelen: {reason}.",
        en="Whether HelseID accepts the new key is not known: {reason}.",
    )
    remedy = Text(
        nb="Nøkkelen dere har, er i bruk som før. «ktt doctor» viser hva som er galt; kjør «ktt key rotate» på nytt etterpå.",
        en="The key you have is in use as before. `ktt doctor` shows what is in the way; then run `ktt key rotate` again.",
    )


class NoKeyYet(KttError):
    """There is no key to exchange."""

    code, exit_code = "KTT-KEY-05", EXIT_USAGE
    what = Text(nb="«{path}» inneholder ingen nøkkel som kan byttes.", en="There is no key in “{path}” to exchange.")
    remedy = Text(nb="Lag den første med «ktt key new».", en="Make the first with `ktt key new`.")
