"""What can be wrong with the client's key, or with an address in the settings."""

from __future__ import annotations

from ktt.core.errors import EXIT_ACCESS, EXIT_USAGE, KttError
from ktt.core.text import Text


class ClientKeyUnreadable(KttError):
    """The file with the client's private key is missing or cannot be read."""

    code, exit_code = "KTT-NET-01", EXIT_ACCESS
    what = Text(
        nb="Nøkkelfilen «{path}» for HelseID-klienten kan ikke leses: {reason}.",
        en="The key file “{path}” of the HelseID client cannot be read: {reason}.",
    )
    remedy = Text(
        nb="Kontroller at «helseid.key_file» i innstillingene peker på riktig fil, og at brukeren som kjører ktt, eier den.",
        en="Check that `helseid.key_file` in the settings names the right file, and that the user who runs ktt owns it.",
    )


class ClientKeyUnfit(KttError):
    """The file does not hold a private JWK that can sign for a HelseID client."""

    code, exit_code = "KTT-NET-02", EXIT_ACCESS
    what = Text(
        nb="Nøkkelfilen «{path}» inneholder ingen brukbar privat nøkkel ({reason}).",
        en="The key file “{path}” holds no usable private key ({reason}).",
    )
    remedy = Text(
        nb="Filen skal inneholde én privat JWK som JSON: RSA med minst 2048 biter, eller P-256, P-384 eller P-521. Hent den, eller lag en ny, i HelseID Selvbetjening.",
        en="The file must hold one private JWK as JSON: RSA of at least 2048 bits, or P-256, P-384 or P-521. Fetch it, or make a new one, in HelseID Selvbetjening.",
    )


class AddressUnfit(KttError):
    """An address in the settings is not one that patient data may be sent to."""

    code, exit_code = "KTT-NET-03", EXIT_USAGE
    what = Text(
        nb="Adressen «{address}» i innstillingen «{setting}» kan ikke brukes.",
        en="The address “{address}” in the setting “{setting}” cannot be used.",
    )
    remedy = Text(
        nb="Bruk en adresse som begynner med https://, uten brukernavn, spørsmålstegn eller #. Bare på egen maskin (localhost) er http tillatt.",
        en="Use an address that begins with https://, without user name, question mark or #. Plain http is allowed on this machine (localhost) only.",
    )


class ProxyUnfit(KttError):
    """The proxy that is named is not one that can be used."""

    code, exit_code = "KTT-NET-04", EXIT_USAGE
    what = Text(
        nb="Mellomtjeneren (proxy) i «{setting}» kan ikke brukes: {address}.",
        en="The proxy in `{setting}` cannot be used: {address}.",
    )
    remedy = Text(
        nb="Skriv den som «http://mellomtjener.example:8080», med «bruker:passord@» foran verten hvis den krever pålogging.",
        en="Write it as `http://proxy.example:8080`, with `user:password@` before the host if it wants that.",
    )
