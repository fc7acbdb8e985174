"""Why a unit does not report, and why a change of units is not made."""

from __future__ import annotations

from ktt.core.errors import EXIT_ACCESS, EXIT_NETWORK, EXIT_NOT_MET, EXIT_QUEUE, EXIT_STORE, EXIT_USAGE, KttError
from ktt.core.text import Text


class UnitRetired(KttError):
    """A run of a unit that does not report any more."""

    code, exit_code = "KTT-UNI-01", EXIT_QUEUE
    what = Text(
        nb="Enhet {unit} er avviklet fra {day} av {by} ({reason}). Etterfølger: {successors}.",
        en="Unit {unit} was retired from {day} by {by} ({reason}). Successor: {successors}.",
    )
    remedy = Text(
        nb="Slå av kjøringen av den gamle enheten, og kjør etterfølgeren med dens egen innstillingsfil. Ingenting er sendt.",
        en="Turn off the run of the old unit, and run the successor with its own settings file. Nothing was sent.",
    )


class UnitLeaves(KttError):
    """A run of a unit that is being withdrawn."""

    code, exit_code = "KTT-UNI-02", EXIT_QUEUE
    what = Text(
        nb="Enhet {unit} er i ferd med å trekkes tilbake fra registeret (begynt {day} av {by}: {reason}).",
        en="Unit {unit} is being withdrawn from the registry (begun {day} by {by}: {reason}).",
    )
    remedy = Text(
        nb="Kjør «ktt unit {kind}» med de samme filene igjen, så fortsetter den der den stanset. Ingenting er sendt.",
        en="Run `ktt unit {kind}` with the same files again; it goes on where it stopped. Nothing was sent.",
    )


class PredecessorsNotWithdrawn(KttError):
    """A run of a unit whose predecessor is still in the registry."""

    code, exit_code = "KTT-UNI-03", EXIT_QUEUE
    what = Text(
        nb="Enhet {unit} kan ikke sende ennå: registeret har fortsatt opplysninger fra {predecessors}, som den kommer etter.",
        en="Unit {unit} cannot report yet: the registry still holds records of {predecessors}, which it comes after.",
    )
    remedy = Text(
        nb="Kjør «ktt unit {kind}» med de samme filene til den er ferdig. Ellers ville de samme personene blitt talt to ganger.",
        en="Run `ktt unit {kind}` with the same files until it is done. Else the same persons would be counted twice.",
    )


class UnitsWrong(KttError):
    """The units that were named cannot take part in such a change."""

    code, exit_code = "KTT-UNI-04", EXIT_USAGE
    what = Text(nb="Enhetene passer ikke sammen: {why}.", en="The units do not fit together: {why}.")
    remedy = Text(
        nb="Kontroller hvilke filer som er oppgitt i «--from» og «--config», og enheten i hver av dem. Ingenting er endret.",
        en="See which files `--from` and `--config` name, and the unit in each of them. Nothing was changed.",
    )


class PlaceUnknown(KttError):
    """A municipality, a district or an organisation that does not exist."""

    code, exit_code = "KTT-UNI-05", EXIT_USAGE
    what = Text(nb="Enhet {unit}: {why}.", en="Unit {unit}: {why}.")
    remedy = Text(
        nb="Rett nummeret i innstillingsfilen til enheten. Er nummeret nyere enn {year}, trengs en nyere versjon av programmet.",
        en="Correct the number in the unit's settings file. If it is newer than {year}, a newer version of the program is needed.",
    )


class UnitNotFree(KttError):
    """A unit that has left already, or is not free to take part in another change."""

    code, exit_code = "KTT-UNI-06", EXIT_QUEUE
    what = Text(
        nb="Enhet {unit} er med i en annen endring ({kind}, begynt {day} av {by}): {state}.",
        en="Unit {unit} takes part in another change ({kind}, begun {day} by {by}): {state}.",
    )
    remedy = Text(
        nb="Gjør den andre endringen ferdig først; «ktt unit list» viser den. En ferdig endring gjøres om med en ny: fra "
        "enheten som kom etter, til den som skal rapportere.",
        en="Finish the other change first; `ktt unit list` shows it. One that is finished is undone by a new one: from the "
        "unit that came after to the one that is to report.",
    )


class NotAllWithdrawn(KttError):
    """Every deletion was accepted, and there are records left that no message type can delete."""

    code, exit_code = "KTT-UNI-07", EXIT_STORE
    what = Text(
        nb="Enhet {unit} er ikke trukket helt tilbake: {left} kan ikke slettes med meldingspakken som er i bruk.",
        en="Unit {unit} is not wholly withdrawn: {left} cannot be deleted by the message pack in use.",
    )
    remedy = Text(
        nb="Sett «packs» i innstillingsfilen til pakken som opplysningene ble sendt med, og kjør kommandoen igjen.",
        en="Set `packs` in the settings file to the pack that the records were sent by, and run the command again.",
    )


class AccessGone(KttError):
    """The old unit is not let in any more, so its records cannot be withdrawn by messages."""

    code, exit_code = "KTT-UNI-08", EXIT_ACCESS
    what = Text(
        nb="Mottaket avviser enhet {unit}, og {left:opplysning|opplysninger} fra den står fortsatt i registeret. {why}",
        en="Unit {unit} is not let in by the receiver, and {left:record|records} of it are still in the registry. {why}",
    )
    remedy = Text(
        nb="Få tilgangen åpnet til dette er sendt, og kjør igjen. Er organisasjonen slettet, må FHI slette opplysningene; når de "
        "har bekreftet det, kjør igjen med «--deleted-by-registry» og hvem som bekreftet det. Etterfølgeren venter imens.",
        en="Have the access opened until this is sent, and run again. If the organisation is dissolved, FHI must delete the "
        "records; when they have confirmed it, run again with `--deleted-by-registry` and who confirmed it. The successor "
        "waits until then.",
    )


class ReturnNotPossible(KttError):
    """A unit that others deleted in the registry: its store still believes that the registry has it all."""

    code, exit_code = "KTT-UNI-09", EXIT_STORE
    what = Text(
        nb="Enhet {unit} kan ikke komme tilbake med denne databasen: registeret slettet opplysningene selv, og databasen vet ikke hva.",
        en="Unit {unit} cannot come back with this store: the registry itself deleted the records, and the store does not know which.",
    )
    remedy = Text(
        nb="Gi enheten en ny, tom database i innstillingsfilen («store»), og kjør kommandoen igjen.",
        en="Give the unit a new, empty store in its settings file (`store`), and run the command again.",
    )


class RegistryNotChecked(KttError):
    """Everything was deleted by messages, and the registry could not be asked whether anything is left."""

    code, exit_code = "KTT-UNI-10", EXIT_NETWORK
    what = Text(
        nb="ktt fikk ikke vite om noe fra enhet {unit} står igjen i registeret: {why}.",
        en="The registry could not be asked whether anything of unit {unit} is left: {why}.",
    )
    remedy = Text(
        nb="Kjør kommandoen igjen om litt; den fortsetter der den var. Etterfølgeren venter imens.",
        en="Run the command again in a while; it goes on where it was. The successor waits until then.",
    )


class RegistryHoldsMore(KttError):
    """The registry still holds records of the unit after all it told of were deleted."""

    code, exit_code = "KTT-UNI-11", EXIT_NOT_MET
    what = Text(
        nb="Registeret har fortsatt opplysninger fra enhet {unit} etter at alt er slettet: {left}.",
        en="The registry still holds records of unit {unit} after everything was deleted: {left}.",
    )
    remedy = Text(
        nb="Sender noen andre for den samme enheten? Stans dem, og kjør kommandoen igjen. Står de der fortsatt, ta kontakt med mottakeren.",
        en="Does somebody else report for the same unit? Stop them, and run the command again. If they remain, contact the receiver.",
    )
