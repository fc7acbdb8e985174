"""Why a store may not be used as it is: it belongs to another set-up, or it is not what was used last."""

from __future__ import annotations

from ktt.core.errors import EXIT_ACCESS, EXIT_APART, EXIT_NETWORK, EXIT_STORE, EXIT_USAGE, KttError
from ktt.core.text import Text

_MEND = Text(
    nb="Kjør «ktt reconcile --mend»: den spør registeret hva det har, og retter lageret etter det. Har dere selv lagt det rette lageret på plass, kjør «ktt store bind --reason TEKST». Ingenting er lest eller sendt.",
    en="Run `ktt reconcile --mend`: it asks the registry what it has, and puts the store right by that. If you have put the right store in place yourselves, run `ktt store bind --reason TEXT`. Nothing was read or sent.",
)


class BoundElsewhere(KttError):
    """The settings name another registry, unit, client or machine than the store was used with."""

    code, exit_code = "KTT-BND-01", EXIT_APART
    what = Text(
        nb="Lageret hører til et annet oppsett enn innstillingene: {differences}.",
        en="The store belongs to another set-up than the settings: {differences}.",
    )
    remedy = Text(
        nb="Er innstillingene feil, så rett dem. Er de riktige, kjør «ktt store bind --reason TEKST». Ingenting er lest eller sendt.",
        en="If the settings are wrong, correct them. If they are right, run `ktt store bind --reason TEXT`. Nothing was read or sent.",
    )


class StoreOlder(KttError):
    """The store does not have the receipt that its witness saw last."""

    code, exit_code = "KTT-BND-02", EXIT_APART
    what = Text(
        nb="Lageret til enhet {unit} er lagt tilbake fra en kopi: det har kvitteringer til og med melding {has}, men sist det var i bruk, var melding {seen} godtatt.",
        en="The store of unit {unit} was put back from a copy: its receipts end with message {has}, but when it was last used, message {seen} was accepted.",
    )
    remedy = _MEND


class StoreLost(KttError):
    """The store knows nothing of the unit, and a witness says that messages were accepted."""

    code, exit_code = "KTT-BND-03", EXIT_APART
    what = Text(
        nb="Lageret til enhet {unit} er borte eller byttet ut: det er tomt, men vitnefilen «{path}» sier at meldinger til og med {seen} er godtatt.",
        en="The store of unit {unit} is lost or was replaced: it is empty, but the witness file “{path}” says that messages up to {seen} were accepted.",
    )
    remedy = Text(
        nb="Legg lageret på plass igjen. Er det tapt, kjør «ktt reconcile --mend»: den spør registeret hva det har. Skal dere begynne på nytt, kjør «ktt store bind --start-anew --reason TEKST». Ingenting er lest eller sendt.",
        en="Put the store back in its place. If it is lost, run `ktt reconcile --mend`: it asks the registry what it has. To start from nothing, run `ktt store bind --start-anew --reason TEXT`. Nothing was read or sent.",
    )


class WitnessGone(KttError):
    """The store has receipts, and the file that tells whether it is the newest is not beside it."""

    code, exit_code = "KTT-BND-04", EXIT_APART
    what = Text(
        nb="Vitnefilen «{path}» er borte, så ingen kan se om lageret er det siste eller en gammel kopi.",
        en="The witness file “{path}” is gone, so nobody can tell whether the store is the newest or an old copy.",
    )
    remedy = _MEND


class StoreMoved(KttError):
    """The witness was written for a store at another place."""

    code, exit_code = "KTT-BND-05", EXIT_APART
    what = Text(
        nb="Lageret er flyttet eller kopiert: det var sist i bruk som «{place}», og er nå «{now}».",
        en="The store was moved or copied: it was last used as “{place}”, and is now “{now}”.",
    )
    remedy = Text(
        nb="To lagre for samme enhet ødelegger for hverandre. Bruk det som er i bruk. Er det flyttet hit og det gamle er borte, kjør «ktt store bind --reason TEKST». Ingenting er lest eller sendt.",
        en="Two stores of one unit spoil each other's work. Use the one that is in use. If it was moved here and the old one is gone, run `ktt store bind --reason TEXT`. Nothing was read or sent.",
    )


class StoreForeign(KttError):
    """Store and witness both have receipts, but not the same ones."""

    code, exit_code = "KTT-BND-06", EXIT_APART
    what = Text(
        nb="Lageret til enhet {unit} er et annet enn det som sist var i bruk her: kvitteringene stemmer ikke med vitnefilen «{path}».",
        en="The store of unit {unit} is another than the one last used here: its receipts do not agree with the witness file “{path}”.",
    )
    remedy = _MEND


class WitnessUnusable(KttError):
    """The witness file cannot be read or written."""

    code, exit_code = "KTT-BND-07", EXIT_STORE
    what = Text(
        nb="Vitnefilen «{path}» kan ikke brukes: {reason}.", en="The witness file “{path}” cannot be used: {reason}."
    )
    remedy = Text(
        nb="Gi brukeren som kjører ktt, filen alene (chmod 600), og plass på disken. Er filen ødelagt, så slett den og kjør «ktt store bind --reason TEKST».",
        en="Let the user that runs ktt alone have the file (chmod 600), and room on the disk. If the file is damaged, delete it and run `ktt store bind --reason TEXT`.",
    )


class StartAnewNeeded(KttError):
    """The store was used with another environment or unit, of which nothing may follow along."""

    code, exit_code = "KTT-BND-08", EXIT_USAGE
    what = Text(
        nb="Lageret kan ikke bindes på nytt med innholdet det har: {differences}.",
        en="The store cannot be bound anew with what is in it: {differences}.",
    )
    remedy = Text(
        nb="Kjør «ktt store bind --start-anew --reason TEKST»: det som er i lageret, legges bort, og «ktt load» sender alt på nytt. Eller oppgi et eget lager i «store.url».",
        en="Run `ktt store bind --start-anew --reason TEXT`: what is in the store is put away, and `ktt load` sends everything anew. Or name a store of its own in `store.url`.",
    )


class SameRegistryNotProved(KttError):
    """Nobody but the person can say that the registry is the same as before."""

    code, exit_code = "KTT-BND-09", EXIT_USAGE
    what = Text(
        nb="Ingenting viser at registeret har det som er sendt fra lageret: mottaket har ikke oppslag, eller ingenting er kvittert ennå.",
        en="It cannot be shown that the registry has what was sent from the store: the receiver has no lookups, or nothing is receipted yet.",
    )
    remedy = Text(
        nb="Er dere sikre på at registeret er det samme og lageret det siste, kjør på nytt med «--same-registry». Ellers «--start-anew», som legger lageret bort; da må alt lastes på nytt.",
        en="If you are sure that the registry is the same and the store the newest, run again with `--same-registry`. Otherwise `--start-anew`, which puts the store away; everything must then be loaded anew.",
    )


class NotPutAway(KttError):
    """A store that holds more than this unit, or is no file, is not moved."""

    code, exit_code = "KTT-BND-10", EXIT_USAGE
    what = Text(
        nb="Lageret kan ikke legges bort: det er ikke en SQLite-fil, eller det inneholder flere enheter.",
        en="The store is not put away: it is no SQLite file, or it holds several units.",
    )
    remedy = Text(
        nb="Oppgi et nytt, tomt lager i «store.url», og kjør «ktt store bind --start-anew --reason TEKST» på nytt. Det gamle blir liggende.",
        en="Name a new, empty store in `store.url`, and run `ktt store bind --start-anew --reason TEXT` again. The old one stays where it is.",
    )


class LastReceiptUnknown(KttError):
    """The receiver does not know the message that was accepted last."""

    code, exit_code = "KTT-BND-11", EXIT_APART
    what = Text(
        nb="Mottaket kjenner ikke det siste som ble godtatt fra enhet {unit} (kvittering {receipt}): registeret er tømt eller et annet, eller tilgangen er borte.",
        en="The receiver does not know what was accepted last from unit {unit} (receipt {receipt}): the registry was emptied or is another, or access is gone.",
    )
    remedy = Text(
        nb="Spør mottaket hva som har skjedd. Er registeret tømt, kjør «ktt reconcile --mend», som sender det som mangler. Ingenting nytt er sendt.",
        en="Ask the receiver what has happened. If the registry was emptied, run `ktt reconcile --mend`, which sends what is missing. Nothing new was sent.",
    )


class AnotherSender(KttError):
    """The registry received something of the unit later than our last message."""

    code, exit_code = "KTT-BND-12", EXIT_APART
    what = Text(
        nb="Mottaket har fått noe fra enhet {unit} etter det siste dette lageret sendte (sist mottatt {when}): et annet lager sender for samme enhet, eller dette er en gammel kopi.",
        en="The receiver got something from unit {unit} after the last that this store sent (last received {when}): another store sends for the same unit, or this one is an old copy.",
    )
    remedy = Text(
        nb="Finn det andre lageret, og stans det. Kjør så «ktt reconcile --mend» med det lageret som skal brukes videre. Ingenting nytt er sendt.",
        en="Find the other store, and stop it. Then run `ktt reconcile --mend` with the store that is to be used from now on. Nothing new was sent.",
    )


class ReceiverSilent(KttError):
    """There was nothing to send, and the receiver or HelseID gave no answer to a harmless question."""

    code, exit_code = "KTT-BND-13", EXIT_NETWORK
    what = Text(
        nb="Mottaket eller HelseID svarte ikke da enhet {unit} spurte ({answer}). Ingenting viser at registeret kan nås.",
        en="The receiver or HelseID gave no answer when unit {unit} asked ({answer}). Nothing shows that the registry can be reached.",
    )
    remedy = Text(
        nb="Kontroller at nettet og adressene i innstillingene stemmer, og kjør igjen senere. Ingenting er tapt.",
        en="Check the network and the addresses in the settings, and run again later. Nothing is lost.",
    )


class ReceiverRefuses(KttError):
    """There was nothing to send, and the receiver or HelseID does not let this client in."""

    code, exit_code = "KTT-BND-14", EXIT_ACCESS
    what = Text(
        nb="Mottaket eller HelseID avviste enhet {unit} ({answer}). Neste melding ville også blitt avvist.",
        en="The receiver or HelseID did not let unit {unit} in ({answer}). The next message would be refused.",
    )
    remedy = Text(
        nb="Kontroller at klienten i HelseID er aktiv og har riktig nøkkel, scope og organisasjonsnummer, og at klokka går riktig. Kjør så på nytt.",
        en="Check that the client in HelseID is active with the right key, scope and organisation number, and that the clock is right. Then run again.",
    )
