"""What can stop a queue, each with what to do about it."""

from __future__ import annotations

from ktt.core.errors import EXIT_ACCESS, EXIT_NETWORK, EXIT_QUEUE, EXIT_STORE, EXIT_USAGE, KttError
from ktt.core.text import Text


class QueueBusy(KttError):
    """Another process is working on this unit's queue."""

    code, exit_code = "KTT-OUT-01", EXIT_QUEUE
    what = Text(
        nb="En annen kjøring arbeider med køen til enhet {unit}.",
        en="Another run is working on the queue of unit {unit}.",
    )
    remedy = Text(
        nb="Vent til den er ferdig. Låsen åpnes av seg selv når den andre prosessen avsluttes.",
        en="Wait until it is done. The lock ends by itself when the other process ends.",
    )


class StopAsked(KttError):
    """Somebody asked the run to end, and the message under way is done."""

    code, exit_code = "KTT-OUT-20", EXIT_NETWORK
    what = Text(
        nb="Kjøringen for enhet {unit} ble bedt om å stanse, og stanset mellom to meldinger.",
        en="The run of unit {unit} was asked to stop, and stopped between two messages.",
    )
    remedy = Text(
        nb="Kjør på nytt når det passer. Den fortsetter der den var; ingenting er tapt eller sendt to ganger.",
        en="Run it again when it suits. It goes on where it was; nothing is lost or sent twice.",
    )


class QueuePaused(KttError):
    """Someone has paused the queue."""

    code, exit_code = "KTT-OUT-02", EXIT_QUEUE
    what = Text(
        nb="Køen til enhet {unit} er satt på pause av {by}: {reason}.",
        en="The queue of unit {unit} was paused by {by}: {reason}.",
    )
    remedy = Text(
        nb="Kjør «ktt outbox resume» når sendingen skal fortsette.",
        en="Run `ktt outbox resume` when sending is to go on.",
    )


class QueueHeld(KttError):
    """The first undelivered message was rejected; nothing behind it is sent."""

    code, exit_code = "KTT-OUT-03", EXIT_QUEUE
    what = Text(
        nb="Melding {sequence} fra enhet {unit} ble avvist ({answer}), og køen står.",
        en="Message {sequence} from unit {unit} was rejected ({answer}), so its queue is held.",
    )
    remedy = Text(
        nb="Rett feilen i EPJ, og kjør på nytt: da lages køen på nytt av seg selv. Lå feilen hos mottakeren, og er rettet, "
        "så kjør «ktt outbox retry --reason …» først. Se «ktt outbox show {sequence}».",
        en="Correct the fault in the record system and run again: the queue is then made anew by itself. If the fault was "
        "the receiver's and is mended, run `ktt outbox retry --reason …` first. See `ktt outbox show {sequence}`.",
    )


class OutcomeUncertain(KttError):
    """A message was sent and it is not known whether it was stored."""

    code, exit_code = "KTT-OUT-04", EXIT_NETWORK
    what = Text(
        nb="Melding {sequence} fra enhet {unit} er sendt, men det er ikke kjent om den ble lagret ({answer}).",
        en="Message {sequence} from unit {unit} was sent, but it is not known whether it was stored ({answer}).",
    )
    remedy = Text(
        nb="Kjør igjen senere: den samme meldingen sendes på nytt, og mottaket lagrer den bare én gang. Meld fra til FHI hvis det varer.",
        en="Run again later: the same message is sent again, and the registry stores it only once. Tell FHI if it persists.",
    )


class AccessRefused(KttError):
    """The registry refused access; nothing was stored."""

    code, exit_code = "KTT-OUT-05", EXIT_ACCESS
    what = Text(
        nb="Mottaket avviste enhet {unit} ({answer}). Melding {sequence} venter.",
        en="The registry did not let unit {unit} in ({answer}). Message {sequence} waits.",
    )
    remedy = Text(
        nb="Kontroller at klienten i HelseID er aktiv og har riktig nøkkel, scope og organisasjonsnummer. Kjør så på nytt.",
        en="Check that the client in HelseID is active with the right key, scope and organisation number. Then run again.",
    )


class ReceiverNotReached(KttError):
    """The message certainly did not reach the registry's store."""

    code, exit_code = "KTT-OUT-06", EXIT_NETWORK
    what = Text(
        nb="Melding {sequence} fra enhet {unit} kom ikke fram ({answer}) og venter.",
        en="Message {sequence} from unit {unit} did not get through ({answer}) and waits.",
    )
    remedy = Text(
        nb="Kontroller at nettet og adressene stemmer, og kjør igjen senere. Ingenting er tapt.",
        en="Check the network and the addresses, and run again later. Nothing is lost.",
    )


class RebuildTooEarly(KttError):
    """The outcome of the first undelivered message is unknown, so nothing may be planned instead of it."""

    code, exit_code = "KTT-OUT-07", EXIT_QUEUE
    what = Text(
        nb="Køen til enhet {unit} kan ikke bygges på nytt: melding {sequence} er sendt uten kjent utfall.",
        en="The queue of unit {unit} cannot be rebuilt: message {sequence} was sent with no known outcome.",
    )
    remedy = Text(
        nb="Kjør «ktt daily» eller «ktt load» først, så sendes den samme meldingen igjen og utfallet blir kjent.",
        en="Run `ktt daily` or `ktt load` first: the same message is sent again and its outcome becomes known.",
    )


class MessageUnknown(KttError):
    """There is no such message in the queue."""

    code, exit_code = "KTT-OUT-08", EXIT_USAGE
    what = Text(
        nb="Enhet {unit} har ingen melding med nummer {sequence}.", en="Unit {unit} has no message number {sequence}."
    )
    remedy = Text(nb="Kjør «ktt outbox» for å se køen.", en="Run `ktt outbox` to see the queue.")


class ReceiptsAltered(KttError):
    """The chain of receipts is broken."""

    code, exit_code = "KTT-OUT-09", EXIT_STORE
    what = Text(
        nb="Kvitteringskjeden til enhet {unit} er brutt ved melding {sequence}.",
        en="The chain of receipts of unit {unit} is broken at message {sequence}.",
    )
    remedy = Text(
        nb="Noen har endret eller fjernet en kvittering i databasen. Gjenopprett fra sikkerhetskopi, og finn ut hvem.",
        en="Someone altered or removed a receipt in the database. Restore from backup, and find out who.",
    )


class NotFirstInQueue(KttError):
    """A message was about to be sent, or settled, out of its turn."""

    code, exit_code = "KTT-OUT-10", EXIT_QUEUE
    what = Text(
        nb="Melding {sequence} fra enhet {unit} står ikke først i køen og kan ikke sendes eller avsluttes nå.",
        en="Message {sequence} of unit {unit} is not the first in its queue and cannot be sent or settled now.",
    )
    remedy = Text(
        nb="Se «ktt outbox». Skjer det igjen, så meld feilen med koden.",
        en="See `ktt outbox`. If it happens again, report the fault with its code.",
    )


class PayloadGone(KttError):
    """The payload of a delivered or superseded message is not kept."""

    code, exit_code = "KTT-OUT-11", EXIT_USAGE
    what = Text(
        nb="Innholdet i melding {sequence} fra enhet {unit} er slettet. Kvitteringen har fingeravtrykket.",
        en="The content of message {sequence} from unit {unit} has been deleted. The receipt has its hash.",
    )
    remedy = Text(
        nb="Innhold beholdes bare til meldingen er levert eller erstattet.",
        en="Content is kept only until a message is delivered or superseded.",
    )


class QueueNotEmpty(KttError):
    """The initial load is only finished when nothing of it is left in the queue."""

    code, exit_code = "KTT-OUT-12", EXIT_QUEUE
    what = Text(
        nb="Initiell last for enhet {unit} er ikke ferdig: {undelivered:melding|meldinger} står i køen.",
        en="The initial load of unit {unit} is not finished: {undelivered:message is|messages are} in the queue.",
    )
    remedy = Text(nb="Kjør «ktt load» igjen.", en="Run `ktt load` again.")


class ClockWrong(KttError):
    """The registry or HelseID refused access, and this machine's clock differs from theirs; nothing was stored."""

    code, exit_code = "KTT-OUT-13", EXIT_ACCESS
    what = Text(
        nb="Enhet {unit} ble avvist ({answer}), og klokka på denne maskinen går {offset}. Melding {sequence} venter.",
        en="Unit {unit} was not let in ({answer}), and this machine's clock is {offset}. Message {sequence} waits.",
    )
    remedy = Text(
        nb="Still klokka, og la den følge en tidstjener (NTP). Kjør så på nytt. Klienten i HelseID er trolig i orden.",
        en="Put the clock right, and let it follow a time server (NTP). Then run again. The client in HelseID is probably in order.",
    )


class FirstNotRejected(KttError):
    """An act that is for a rejected first message, and there is none."""

    code, exit_code = "KTT-OUT-14", EXIT_QUEUE
    what = Text(
        nb="Ingen avvist melding står først i køen til enhet {unit}.",
        en="No rejected message is first in the queue of unit {unit}.",
    )
    remedy = Text(
        nb="Bare en avvist melding kan prøves igjen eller settes til side. Det som venter, sender neste kjøring.",
        en="Only a rejected message can be tried again or set aside. The next run sends what waits.",
    )


class QueueBehind(KttError):
    """Something has been undelivered for more than a day."""

    code, exit_code = "KTT-OUT-15", EXIT_QUEUE
    what = Text(
        nb="Enhet {unit} har ikke fått levert noe av det som er lagt i køen siden {since} ({span}). Melding {sequence} står først.",
        en="Unit {unit} has had nothing delivered of what was queued since {since} ({span}). Message {sequence} is first.",
    )
    remedy = Text(nb="Årsak: {reason} {advice}", en="This is in the way: {reason} {advice}")


class NothingParked(KttError):
    """Nothing is set aside."""

    code, exit_code = "KTT-OUT-16", EXIT_USAGE
    what = Text(nb="Ingenting er satt til side for enhet {unit}.", en="Nothing is set aside for unit {unit}.")
    remedy = Text(nb="Se «ktt outbox».", en="See `ktt outbox`.")


class NothingToResend(KttError):
    """No accepted record is what was asked for, or one that was named was never accepted."""

    code, exit_code = "KTT-OUT-17", EXIT_USAGE
    what = Text(
        nb="Mottaket har ikke godtatt alt dere ba om for enhet {unit}: bare {found:post|poster} finnes. Ingenting er endret.",
        en="Not all that was asked for has been accepted for unit {unit}: {found:record exists|records exist}. Nothing was changed.",
    )
    remedy = Text(
        nb="Kontroller lokal ID og opplysningstype. En post hører til den siste meldingen den ble sendt i, se «ktt outbox list»; "
        "det som ble sendt før denne versjonen, velges med «--id» eller «--all».",
        en="Check the local id and the record type. A record belongs to the last message that it was sent in, see "
        "`ktt outbox list`; what was sent before this version is chosen with `--id` or `--all`.",
    )


class CorrectionMustWait(KttError):
    """Something is undelivered that may be about the same records."""

    code, exit_code = "KTT-OUT-18", EXIT_QUEUE
    what = Text(
        nb="Noe i køen til enhet {unit} er ikke levert ennå, og kan gjelde de samme postene. Ingenting er endret.",
        en="Something in the queue of unit {unit} is not delivered yet, and may be about the same records. Nothing was changed.",
    )
    remedy = Text(
        nb="Kjør «ktt daily» til alt er levert, eller «ktt outbox rebuild --reason …», og be om rettelsen på nytt.",
        en="Run `ktt daily` until everything is delivered, or `ktt outbox rebuild --reason …`, and ask for the correction again.",
    )


class SourceChangeMustWait(KttError):
    """Which records stay at the registry can only be told when it is known what it has."""

    code, exit_code = "KTT-OUT-24", EXIT_QUEUE
    what = Text(
        nb="EPJ kan ikke byttes ennå: køen til enhet {unit} er ikke tom.",
        en="The change of record system must wait: the queue of unit {unit} is not empty.",
    )
    remedy = Text(
        nb="Send det som står der, med «ktt daily» mot den gamle EPJ-en, eller ta det ut med «ktt outbox rebuild».",
        en="Send what is there, by `ktt daily` with the old record system, or take it out with `ktt outbox rebuild`.",
    )
