"""What can be wrong with a receiver before it answers any request. Its answers are in `http.refusal`."""

from __future__ import annotations

from ktt.core.errors import EXIT_STORE, EXIT_USAGE, KttError
from ktt.core.text import Text


class ForbiddenTestMode(KttError):
    """`test_mode` tells envelope faults apart, which would be a padding oracle at a real registry (transport § 14.2)."""

    code, exit_code = "KTT-REC-01", EXIT_USAGE
    what = Text(
        nb="«test_mode» kan ikke være på i miljøet «{environment}».",
        en="`test_mode` cannot be on in the environment “{environment}”.",
    )
    remedy = Text(
        nb="Slå av «test_mode». Den er bare for «sandbox» og «et».",
        en="Turn `test_mode` off. It is for `sandbox` and `et` only.",
    )


class PlainAddress(KttError):
    """An address outside this machine without TLS."""

    code, exit_code = "KTT-REC-02", EXIT_USAGE
    what = Text(
        nb="Adressen «{address}» er uten TLS og peker ut av maskinen.",
        en="The address “{address}” has no TLS and leads out of this machine.",
    )
    remedy = Text(nb="Bruk https.", en="Use https.")


class ReceiverKeyUnreadable(KttError):
    """A file in the key folder is not one of our keys."""

    code, exit_code = "KTT-REC-03", EXIT_STORE
    what = Text(
        nb="Filen «{path}» i nøkkelmappen er ikke en mottaksnøkkel ({reason}).",
        en="The file “{path}” in the key folder is not a key of the receiver ({reason}).",
    )
    remedy = Text(
        nb="Legg tilbake filen fra sikkerhetskopi, eller flytt den ut av mappen.",
        en="Put the file back from backup, or move it out of the folder.",
    )


class IssuerUnavailable(KttError):
    """HelseID's keys could not be fetched, and none have been fetched before."""

    code, exit_code = "KTT-REC-04", EXIT_STORE
    what = Text(nb="Nøklene til «{issuer}» kan ikke hentes.", en="The keys of “{issuer}” cannot be fetched.")
    remedy = Text(
        nb="Kontroller at adressen stemmer og at brannmuren slipper trafikken ut. Mottaket svarer 503 imens.",
        en="Check the address and that the firewall lets the traffic out. The receiver answers 503 meanwhile.",
    )


class ForbiddenOpenCheck(KttError):
    """`open_check` needs no authentication, and would invite health data of real persons."""

    code, exit_code = "KTT-REC-21", EXIT_USAGE
    what = Text(
        nb="«open_check» kan ikke være på i miljøet «{environment}».",
        en="`open_check` cannot be on in the environment “{environment}”.",
    )
    remedy = Text(
        nb="Slå av «open_check». «POST /validate» gjør det samme for den som er autentisert.",
        en="Turn `open_check` off. `POST /validate` does the same for those who are authenticated.",
    )


class FollowerAlreadyRuns(KttError):
    """Two followers at the same time would validate the same messages twice."""

    code, exit_code = "KTT-REC-22", EXIT_STORE
    what = Text(
        nb="En annen prosess kontrollerer allerede de mottatte meldingene.",
        en="Another process already validates the accepted messages.",
    )
    remedy = Text(
        nb="La den gå. Én er nok; «/metrics» viser hvor langt den er kommet.",
        en="Let it go on. One is enough; `/metrics` shows how far it has come.",
    )
