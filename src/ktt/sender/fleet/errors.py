"""What can be wrong with a fleet, and with one unit of it."""

from __future__ import annotations

from ktt.core.errors import EXIT_NETWORK, EXIT_QUEUE, EXIT_USAGE, KttError
from ktt.core.text import Text


class UnitTwice(KttError):
    """Two entries for one unit."""

    code, exit_code = "KTT-FLT-01", EXIT_USAGE
    what = Text(
        nb="Enhet {unit} står to ganger i «{path}»: som nummer {first} og nummer {second}.",
        en="Unit {unit} stands twice in “{path}”: as number {first} and number {second}.",
    )
    remedy = Text(nb="Fjern den ene oppføringen. Ingenting er kjørt.", en="Remove one of the entries. Nothing was run.")


class StoreShared(KttError):
    """Two units with one store."""

    code, exit_code = "KTT-FLT-02", EXIT_USAGE
    what = Text(
        nb="Enhetene {first} og {second} i «{path}» har samme lager.",
        en="The units {first} and {second} in “{path}” have the same store.",
    )
    remedy = Text(
        nb='Gi hver enhet sitt eget, for eksempel url = "sqlite:///lager/{{unit}}/outbox.sqlite". Ingenting er kjørt.',
        en='Give each unit its own, such as url = "sqlite:///stores/{{unit}}/outbox.sqlite". Nothing was run.',
    )


class UnitNotInFleet(KttError):
    """A unit is named that the file does not have."""

    code, exit_code = "KTT-FLT-03", EXIT_USAGE
    what = Text(nb="Enhet «{unit}» står ikke i «{path}».", en="Unit “{unit}” is not in “{path}”.")
    remedy = Text(
        nb="Skriv den som i «ktt fleet status», organisasjonsnummer og kommunenummer: 312000008-1114.{hint_nb}",
        en="Write it as in `ktt fleet status`, organisation and municipality: 312000008-1114.{hint_en}",
    )


class FleetBusy(KttError):
    """Another run of the fleet goes on."""

    code, exit_code = "KTT-FLT-04", EXIT_QUEUE
    what = Text(nb="En annen kjøring av «{path}» er i gang.", en="Another run of “{path}” is under way.")
    remedy = Text(
        nb="Vent til den er ferdig. Låsen åpnes av seg selv når den andre prosessen avsluttes.",
        en="Wait until it is done. The lock ends by itself when the other process ends.",
    )


class GivenUp(KttError):
    """A unit's run did not end in time."""

    code, exit_code = "KTT-FLT-05", EXIT_NETWORK
    what = Text(
        nb="Kjøringen av enhet {unit} var ikke ferdig etter {span}, og ble forlatt. De andre enhetene er ikke berørt.",
        en="The run of unit {unit} was not done after {span}, and was abandoned. The other units are not affected.",
    )
    remedy = Text(
        nb="Se hvorfor EPJ eller mottaket ikke svarer for denne enheten: «ktt doctor --config {config}».",
        en="See why record system or receiver does not answer for this unit: `ktt doctor --config {config}`.",
    )


class UnitFailed(KttError):
    """A fault in the run of one unit that nobody foresaw."""

    code, exit_code = "KTT-FLT-06", 1
    what = Text(
        nb="Noe uventet ({kind}) stanset kjøringen av enhet {unit}. De andre enhetene er ikke berørt.",
        en="Something unforeseen ({kind}) stopped the run of unit {unit}. The other units are not affected.",
    )
    remedy = Text(
        nb="Kjør «ktt daily --config {config}», og meld feilen med koden.",
        en="Run `ktt daily --config {config}`, and report the fault with its code.",
    )


class NoUnits(KttError):
    """A fleet without units."""

    code, exit_code = "KTT-FLT-07", EXIT_USAGE
    what = Text(nb="«{path}» inneholder ingen enheter.", en="There are no units in “{path}”.")
    remedy = Text(nb="Skriv en [[unit]] for hver enhet.", en="Write one [[unit]] for each unit.")
