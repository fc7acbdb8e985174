"""What can be wrong when the registry ingests what the receiver has accepted."""

from __future__ import annotations

from ktt.core.errors import EXIT_CONTENT, EXIT_QUEUE, EXIT_STORE, EXIT_USAGE, KttError
from ktt.core.text import Text


class MessageUnreadable(KttError):
    """An accepted message cannot be read: its unit waits until somebody has looked."""

    code, exit_code = "KTT-REG-01", EXIT_CONTENT
    what = Text(
        nb="Mottatt melding {position} fra enhet {unit} kan ikke leses inn i registeret ({reason}).",
        en="Accepted message {position} from unit {unit} cannot be read into the registry ({reason}).",
    )
    remedy = Text(
        nb="Meldingen er satt til side, og enhetens senere meldinger venter. Se «ktt registry held», rett årsaken, og "
        "slipp enheten fri med «ktt registry release».",
        en="The message is set aside and the unit's later messages wait. See `ktt registry held`, mend the cause, then "
        "release the unit with `ktt registry release`.",
    )


class BesideHeldUnit(KttError):
    """A message is about a unit that waits and about others, which must wait with it."""

    code, exit_code = "KTT-REG-02", EXIT_QUEUE
    what = Text(
        nb="Melding {position} gjelder flere enheter, og enhet {unit} venter.",
        en="Message {position} is about several units, and unit {unit} waits.",
    )
    remedy = Text(
        nb="Rett det den enheten venter på. «ktt registry release» slipper fri alle som venter sammen.",
        en="Mend what that unit waits for. `ktt registry release` releases all that wait together.",
    )


class DuplicateRecord(KttError):
    """A message has the same record twice, and which of them is right cannot be known."""

    code, exit_code = "KTT-REG-06", EXIT_CONTENT
    what = Text(
        nb="Melding {position} har samme post to ganger ({record_type}).",
        en="Message {position} has the same record twice ({record_type}).",
    )
    remedy = Text(
        nb="Avklar med avsenderen hvilken som gjelder. Ingenting er endret i registeret.",
        en="Settle with the sender which of them is right. Nothing was changed in the registry.",
    )


class UnitNotHeld(KttError):
    """Somebody wants to release a unit that does not wait."""

    code, exit_code = "KTT-REG-03", EXIT_USAGE
    what = Text(nb="Enhet {unit} venter ikke på noe.", en="Unit {unit} is not waiting for anything.")
    remedy = Text(
        nb="Se hvilke enheter som venter, med «ktt registry held», og skriv enheten slik den står der.",
        en="See which units wait with `ktt registry held`, and write the unit as it is written there.",
    )


class ReasonMissing(KttError):
    """A look at a person's number must say who looks and why."""

    code, exit_code = "KTT-REG-04", EXIT_USAGE
    what = Text(
        nb="Innsyn i personnumre krever både hvem som ser og hvorfor.",
        en="Looking at person numbers requires both who looks and why.",
    )
    remedy = Text(nb="Oppgi begge deler. De blir loggført.", en="State both. They are logged.")


class UnitsHeld(KttError):
    """Ingest did what it could, but some units wait behind a message that cannot be read."""

    code, exit_code = "KTT-REG-05", EXIT_QUEUE
    what = Text(
        nb="{count:enhet|enheter} venter bak en melding som ikke kan leses: {units}.",
        en="{count:unit waits|units wait} behind a message that cannot be read: {units}.",
    )
    remedy = Text(
        nb="Finn årsaken med «ktt registry held», rett den, og slipp enhetene fri med «ktt registry release».",
        en="Find the cause with `ktt registry held`, mend it, then release the units with `ktt registry release`.",
    )


class ReleaseUnexplained(KttError):
    """A release must say who releases and why, since it is kept."""

    code, exit_code = "KTT-REG-07", EXIT_USAGE
    what = Text(
        nb="Å slippe fri en enhet krever både hvem som gjør det, og hvorfor.",
        en="A unit is released only when it is stated who does so, and why.",
    )
    remedy = Text(
        nb="Skriv hvorfor, for eksempel --reason «rettet i versjon 2.3».",
        en="Write why, for example --reason “mended in version 2.3”.",
    )


class NoRegistry(KttError):
    """The receiver only collects: its settings name no registry."""

    code, exit_code = "KTT-REG-08", EXIT_USAGE
    what = Text(
        nb="Mottaket har ikke noe register: [registry] mangler i innstillingene.",
        en="The receiver has no registry: [registry] is missing in the settings.",
    )
    remedy = Text(
        nb="Oppgi innstillingsfilen til et mottak med register, med --config.",
        en="Name the settings file of a receiver with a registry, with --config.",
    )


class PersonUnknown(KttError):
    """Nobody whom the registry knows is the one who was asked about."""

    code, exit_code = "KTT-REG-09", EXIT_USAGE
    what = Text(nb="Registeret kjenner ingen slik person.", en="The registry knows no such person.")
    remedy = Text(
        nb="Se etter skrivefeil i enhet og lokal id, eller i nummeret. Forespørselen er loggført.",
        en="Look for a slip in unit and local id, or in the number. The question is logged.",
    )


class DeletionNotConfirmed(KttError):
    """The word is not that of the plan as it is now: nothing was deleted."""

    code, exit_code = "KTT-REG-20", EXIT_USAGE
    what = Text(
        nb="Ordet bekrefter ikke slettingen: det er et annet enn ordet i planen, eller noe er endret siden planen ble vist.",
        en="The word does not confirm the deletion: it is not the plan's, or something has changed since the plan was shown.",
    )
    remedy = Text(
        nb="Ingenting er slettet. Se planen på nytt med «--plan», og skriv ordet som står der.",
        en="Nothing was deleted. See the plan again with `--plan`, and write the word that it shows.",
    )


class VaultNotInUse(KttError):
    """A key file is not the one whose keys the registry uses: another one, or a rotation was not finished."""

    code, exit_code = "KTT-REG-21", EXIT_STORE
    what = Text(
        nb="Nøkkelen «{vault}» er ikke den registeret bruker.",
        en="The key “{vault}” is not the one that the registry uses.",
    )
    remedy = Text(
        nb="Ble et nøkkelbytte avbrutt, kjør «ktt registry rotate-keys» igjen. Hvis ikke, legg tilbake riktig nøkkelfil fra "
        "sikkerhetskopi. Ingenting er endret.",
        en="If an exchange of keys was interrupted, run `ktt registry rotate-keys` again. Otherwise put the right key file back "
        "from backup. Nothing was changed.",
    )


class ServiceRuns(KttError):
    """What changes keys or puts a database back needs the service to be stopped, since it holds them in memory."""

    code, exit_code = "KTT-REG-22", EXIT_USAGE
    what = Text(nb="Mottaket kjører.", en="The receiver runs.")
    remedy = Text(
        nb="Stopp tjenesten, kjør kommandoen, og start den igjen. Avsenderne merker bare et opphold.",
        en="Stop the service, run the command, and start it again. Senders notice a pause alone.",
    )


class BackupUnusable(KttError):
    """A backup cannot be put back: a file is missing or altered, or it is of another database or version."""

    code, exit_code = "KTT-REG-23", EXIT_STORE
    what = Text(
        nb="Kopien i «{folder}» kan ikke legges tilbake ({reason}).",
        en="The backup in “{folder}” cannot be put back ({reason}).",
    )
    remedy = Text(
        nb="Ingenting er endret. Bruk en fullstendig kopi av samme type database, laget med samme versjon av ktt.",
        en="Nothing was changed. Use a backup that is whole, of the same kind of database and made with the same version of ktt.",
    )


class PersonsOneAlready(KttError):
    """The two numbers are one person already."""

    code, exit_code = "KTT-REG-27", EXIT_USAGE
    what = Text(
        nb="De to numrene er allerede samme person i registeret.",
        en="The two numbers are one person in the registry already.",
    )
    remedy = Text(
        nb="Ingenting er endret. Se hvem som slo dem sammen, med «ktt registry look-ups --number»; en enhet kan også ha fortalt det.",
        en="Nothing was changed. See who merged them with `ktt registry look-ups --number`; a unit may have told it too.",
    )


class PersonsNotMerged(KttError):
    """The two numbers were not linked to each other by hand."""

    code, exit_code = "KTT-REG-28", EXIT_USAGE
    what = Text(
        nb="De to numrene er ikke slått sammen med hverandre for hånd.",
        en="The two numbers were not merged with each other by hand.",
    )
    remedy = Text(
        nb="Ingenting er endret. Skriv de samme to numrene som da de ble slått sammen. Det en enhet har fortalt, rettes av enheten.",
        en="Nothing was changed. Write the same two numbers as when they were merged. What a unit has told, the unit corrects.",
    )
