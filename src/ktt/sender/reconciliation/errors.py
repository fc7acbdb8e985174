"""Why the record system and the registry cannot be compared, or brought together."""

from __future__ import annotations

from ktt.core.errors import EXIT_NETWORK, EXIT_NOT_MET, EXIT_QUEUE, KttError
from ktt.core.text import Text


class InventoryNotOffered(KttError):
    """The receiver does not tell what its registry holds of the unit."""

    code, exit_code = "KTT-RCN-01", EXIT_NOT_MET
    what = Text(
        nb="Mottaket sier ikke hva registeret har av enhet {unit}, så ingenting er rettet.",
        en="The receiver does not tell what the registry holds of unit {unit}, so nothing was mended.",
    )
    remedy = Text(
        nb="Er køen ny, gammel eller byttet, send alt på nytt («ktt resend --all»), og avtal med mottakeren om noe der er "
        "overtallig.",
        en="When the store is new, old or another's, send all again (`ktt resend --all`), and settle with the receiver "
        "whether it has anything surplus.",
    )


class InventoryNotAnswered(KttError):
    """The receiver has been asked for the inventory, and no answer came that can be used."""

    code, exit_code = "KTT-RCN-02", EXIT_NETWORK
    what = Text(
        nb="Mottaket svarte ikke på hva registeret har av enhet {unit} ({reason}).",
        en="The receiver did not answer what the registry holds of unit {unit} ({reason}).",
    )
    remedy = Text(nb="Prøv igjen. Ingenting er endret.", en="Try again. Nothing was changed.")


class RegistryBehind(KttError):
    """The registry has not ingested all that was accepted, and that was not done while we waited."""

    code, exit_code = "KTT-RCN-03", EXIT_NETWORK
    what = Text(
        nb="Registeret har ikke lest inn {pending:godtatt melding|godtatte meldinger} fra enhet {unit} ennå.",
        en="The registry has not ingested {pending:accepted message|accepted messages} of unit {unit} yet.",
    )
    remedy = Text(nb="Prøv igjen om litt. Ingenting er endret.", en="Try again in a while. Nothing was changed.")


class RegistryHolds(KttError):
    """The registry could not read a message of the unit, and holds it and those behind it."""

    code, exit_code = "KTT-RCN-04", EXIT_QUEUE
    what = Text(
        nb="Registeret holder {pending:godtatt melding|godtatte meldinger} fra enhet {unit} tilbake.",
        en="The registry holds back {pending:accepted message|accepted messages} of unit {unit}.",
    )
    remedy = Text(
        nb="Ta kontakt med mottakeren: noen der må slippe enheten fri («ktt registry held»). Avstem etterpå.",
        en="Contact the receiver: somebody there must release the unit (`ktt registry held`). Reconcile afterwards.",
    )


class InventoryMoved(KttError):
    """The unit's inventory changed while it was read, again and again: another sender is at work."""

    code, exit_code = "KTT-RCN-05", EXIT_NOT_MET
    what = Text(
        nb="Registerets beholdning av enhet {unit} endret seg mens den ble lest.",
        en="The registry's inventory of unit {unit} changed while it was read.",
    )
    remedy = Text(
        nb="Finn ut om en annen avsender sender for enheten. Prøv så igjen.",
        en="Find out whether another sender sends for the unit. Then try again.",
    )
