"""What a person may do to a queue: `ktt outbox pause|resume|retry|rebuild|park|unpark`. Each is kept with who, when and why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ktt.cli.sender.options import CONFIG, ConfigFile, Reason, current_user, load_settings
from ktt.cli.show import JsonFlag, emit, language, told
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.domain.unit import ReportingUnit
    from ktt.sender.outbox.store import OutboxStore


def register(app: typer.Typer) -> None:
    """Add the commands to `ktt outbox`."""
    for act, says in _ACTS.items():
        app.command(act.__name__, help=told(nb=says.nb, en=says.en))(act)


def pause(reason: Reason, config: ConfigFile = CONFIG, *, json: JsonFlag = False) -> None:
    """Stop this unit's queue before its next message, also while a run is under way."""
    _do(config, _paused(reason), json=json, locked=False)


def resume(reason: Reason, config: ConfigFile = CONFIG, *, json: JsonFlag = False) -> None:
    """End the pause; the next run goes on."""
    _do(config, _resumed(reason), json=json, locked=False)


def retry(reason: Reason, config: ConfigFile = CONFIG, *, json: JsonFlag = False) -> None:
    """Let the rejected first message wait again, as it is."""

    def act(store: OutboxStore, unit: ReportingUnit) -> tuple[dict[str, Any], Text]:
        sequence = store.retry(unit, by=current_user(), reason=reason)
        words = Text(
            nb="Melding {sequence} venter igjen, uendret. Kjør «ktt daily» eller «ktt load», så sendes den.",
            en="Message {sequence} waits again, unchanged. Run `ktt daily` or `ktt load` to send it.",
        )
        return {"sequence": sequence}, words.format(sequence=sequence)

    _do(config, act, json=json)


def rebuild(reason: Reason, config: ConfigFile = CONFIG, *, json: JsonFlag = False) -> None:
    """Supersede everything undelivered in this unit's queue."""

    def act(store: OutboxStore, unit: ReportingUnit) -> tuple[dict[str, Any], Text]:
        taken = store.rebuild(unit, by=current_user(), reason=reason)
        words = Text(
            nb="{taken:melding|meldinger} er tatt ut av køen. Neste kjøring lager på nytt det som trengs.",
            en="{taken:message was|messages were} taken out of the queue. The next run plans anew what is needed.",
        )
        return {"superseded": taken}, words.format(taken=taken)

    _do(config, act, json=json)


def park(reason: Reason, config: ConfigFile = CONFIG, *, json: JsonFlag = False) -> None:
    """Set the rejected first message's records aside, so that the rest can go on."""

    def act(store: OutboxStore, unit: ReportingUnit) -> tuple[dict[str, Any], Text]:
        count = store.park(unit, by=current_user(), reason=reason)
        words = Text(
            nb="{count:post|poster} er satt til side. Neste kjøring lager resten av køen på nytt og sender den.",
            en="{count:record is|records are} set aside. The next run makes the rest of the queue anew and sends it.",
        )
        return {"parked": count}, words.format(count=count)

    _do(config, act, json=json)


def unpark(reason: Reason, config: ConfigFile = CONFIG, *, json: JsonFlag = False) -> None:
    """Let all that is set aside be sent again."""

    def act(store: OutboxStore, unit: ReportingUnit) -> tuple[dict[str, Any], Text]:
        count = store.unpark(unit, by=current_user(), reason=reason)
        words = Text(
            nb="{count:post|poster} er tatt fram igjen. Neste kjøring sender det som trengs av dem.",
            en="{count:record is|records are} taken back. The next run sends what is needed of them.",
        )
        return {"unparked": count}, words.format(count=count)

    _do(config, act, json=json)


_Act = Callable[["OutboxStore", "ReportingUnit"], tuple[dict[str, Any], Text]]
"""Does something to a unit's queue; what came of it as data and in words."""

_ACTS: dict[Callable[..., None], Text] = {
    pause: Text(
        nb="Stans sendingen inntil videre, også midt i en kjøring. Ingenting går tapt: køen blir stående som den er, og "
        "neste kjøring etter «ktt outbox resume» sender den.",
        en="Stop sending until further notice, also in the middle of a run. Nothing is lost: the queue stays as it is, and "
        "the next run after `ktt outbox resume` sends it.",
    ),
    resume: Text(nb="La sendingen gå videre i neste kjøring.", en="Let sending go on in the next run."),
    retry: Text(
        nb="Prøv den avviste meldingen igjen, uendret. Når feilen lå hos mottakeren eller i tilgangen, og er rettet der. "
        "Er den rettet i EPJ, trengs det ikke: neste kjøring lager meldingen på nytt selv.",
        en="Try the rejected message again, unchanged. For when the fault was at the receiver or in the access, and is "
        "mended there. What is corrected in the record system does not need it: the next run makes the message anew.",
    ),
    rebuild: Text(
        nb="Ta ut alt som ikke er levert, så neste kjøring lager det på nytt fra EPJ. Går ikke mens det er ukjent om den "
        "første meldingen kom fram.",
        en="Take out all that is not delivered, so that the next run makes it anew from the record system. Refused while "
        "it is not known whether the first message got through.",
    ),
    park: Text(
        nb="Sett postene i den avviste meldingen til side, så resten av køen kan sendes. De, og det som hører til dem, "
        "blir verken sendt eller slettet før «ktt outbox unpark», og hver kjøring sier hvor mange de er. Registeret har "
        "imens ikke det EPJ har: bruk det bare når feilen ikke kan rettes nå.",
        en="Set the records of the rejected message aside, so that the rest of the queue can be sent. They, and what belongs "
        "to them, are neither sent nor deleted before `ktt outbox unpark`, and each run says how many they are. Meanwhile "
        "the registry does not hold what the record system holds: only for when the fault cannot be mended now.",
    ),
    unpark: Text(
        nb="Ta fram igjen alt som er satt til side. Neste kjøring sender det som da er annerledes i EPJ enn i registeret.",
        en="Take back all that is set aside. The next run sends what then differs from what the registry holds.",
    ),
}


def _paused(reason: str) -> _Act:
    def act(store: OutboxStore, unit: ReportingUnit) -> tuple[dict[str, Any], Text]:
        store.pause(unit, by=current_user(), reason=reason)
        words = Text(nb="Køen til {unit} er satt på pause.", en="The queue of {unit} is paused.")
        return {"paused": True}, words.format(unit=unit.key)

    return act


def _resumed(reason: str) -> _Act:
    def act(store: OutboxStore, unit: ReportingUnit) -> tuple[dict[str, Any], Text]:
        store.resume(unit, by=current_user(), reason=reason)
        words = Text(nb="Køen til {unit} går videre.", en="The queue of {unit} goes on.")
        return {"paused": False}, words.format(unit=unit.key)

    return act


def _do(config: Path, act: _Act, *, json: bool, locked: bool = True) -> None:
    """Do one thing to the unit's queue and say what came of it. Most wait for no run: they are refused during one."""
    settings = load_settings(config)
    from contextlib import nullcontext

    from ktt.sender.outbox.dispatch import locked as lock
    from ktt.wiring.sender import outbox_from

    unit = settings.unit.reporting_unit
    with outbox_from(settings) as store, lock(store, unit) if locked else nullcontext():
        data, words = act(store, unit)
    emit({"unit": unit.key, **data}, json=json, render=lambda: words.in_(language()))
