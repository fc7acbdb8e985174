"""`ktt registry delete-person`: first a plan with counts and a word, then the deletion with that word."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.errors import CommandMisused
from ktt.cli.receiver.options import CONFIG, ConfigFile, current_user
from ktt.cli.registry.options import Folder, place_of, where_of
from ktt.cli.registry.persons.whom import LocalId, NumberFlag, UnitWord, Why, whom_from
from ktt.cli.registry.words import record_word
from ktt.cli.show import JsonFlag, emit, language, progress, table, told
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.registry.persons.deletion import DeletionPlan

_COMMAND = "ktt registry delete-person"
_HELP = told(
    nb="""Slett en person fra registeret og fra meldingene mottaket har, så ingenting fører til personen.

    Først --plan: den teller hva som slettes, og viser et ord. Så samme kommando med --confirm ORD. Er noe endret siden
    planen ble vist, slettes ingenting. Nummeret, alle versjoner (gjeldende og tidligere), personens del av lagrede
    meldinger, avvikene og veien fra loggen til personen blir borte, og databasen skrives om, så ingenting ligger igjen i
    filene. Loggen viser at en person er slettet, av hvem og hvorfor, men ikke hvem.

    Enhetene som har personen, må slutte å rapportere den først; det de sender etterpå, er en ny opplysning. PostgreSQLs
    skrivelogg og sikkerhetskopier har personen til de utløper.""",
    en="""Delete a person from the registry and from the messages that the receiver has, so that nothing leads to them.

    First --plan: it counts what is deleted and shows a word. Then the same command with --confirm WORD. When something has
    changed since the plan was shown, nothing is deleted. The number, all versions (current and earlier), the person's part
    of stored messages, the findings and the road from the log to the person are gone, and the database is written anew,
    so that nothing is left in its files. The log tells that a person was deleted, by whom and why, but not who.

    The units that have the person must cease to report them first; what they send afterwards is a new report. The
    write-ahead log of PostgreSQL and backups have the person until they expire.""",
)
_Plan = Annotated[
    bool,
    typer.Option(
        "--plan",
        help=told(nb="Vis hva som blir slettet, og ordet som bekrefter det.", en="Show what would go, and the word."),
    ),
]
_Confirm = Annotated[
    str | None,
    typer.Option(
        "--confirm",
        metavar=told(nb="ORD", en="WORD"),
        help=told(nb="Ordet planen viste: slett nå.", en="The word that the plan showed: delete now."),
    ),
]
_DestroyUnopened = Annotated[
    bool,
    typer.Option(
        "--destroy-unopened",
        help=told(
            nb="Ødelegg også meldinger som ingen nøkkel åpner, uansett hvem de gjelder. Enheten må slippes fri hvis den venter, og sende innholdet på nytt.",
            en="Destroy messages too that open under no key, whoever they are about. The unit must be released if it waits, and send the content again.",
        ),
    ),
]
_ONE_OF = Text(nb="velg --plan, eller --confirm med ordet fra planen.", en="choose --plan, or --confirm with its word.")
_COUNTS = {
    "identities": Text(nb="Numre", en="Numbers"),
    "messages": Text(nb="Meldinger med noe om personen", en="Messages with something about the person"),
    "destroyed": Text(nb="Av dem slettes hele innholdet i", en="Of them, those whose whole content goes"),
    "findings": Text(nb="Avvik", en="Findings"),
    "unopened": Text(nb="Meldinger som ingen nøkkel åpner", en="Messages that open under no key"),
}
_UNOPENED = Text(
    nb="Ingen kan se om {count:meldingen|meldingene} som ingen nøkkel åpner, gjelder personen. Legg tilbake nøkkelen den er "
    "forseglet med, eller ødelegg innholdet med --destroy-unopened. Ellers blir det liggende til «ktt mottak discard» tar det, og den "
    "som finner nøkkelen, kan lese det.",
    en="Nobody can see whether the {count:message that opens|messages that open} under no key concerns the person. Put the key "
    "back that sealed it, or destroy the content with --destroy-unopened. Otherwise it stays until `ktt mottak discard` takes "
    "it, and whoever finds the key can read it.",
)
_VERSIONS = Text(nb="Versjoner: {name}", en="Versions: {name}")
_KNOWN_AS = Text(nb="Kjent i {unit} som", en="Known in {unit} as")
_WORD = Text(nb="Slett med: --confirm {word}", en="Delete with: --confirm {word}")
_DONE = Text(
    nb="✓ Personen er slettet. Ingenting i databasens filer fører til personen.",
    en="✓ The person is deleted. Nothing in the database's files leads to them.",
)
_LEFT = Text(
    nb="✓ Personen er slettet. Andre brukte databasen, så loggen ved siden av den kan ha noe til den er tømt: stopp tjenesten, "
    "og start den igjen.",
    en="✓ The person is deleted. Others were using the database, so the log beside it may have something until it is emptied: "
    "stop the service, and start it again.",
)
_RELEASE = Text(
    nb="{units} venter i registeret på en melding som nå er ødelagt. Slipp fri, og be om innholdet på nytt: "
    "ktt registry release {units}{where} --reason …",
    en="{units} waits in the registry for a message that is destroyed now. Release it, and ask for the content again: "
    "ktt registry release {units}{where} --reason …",
)
_BACKUPS = Text(
    nb="Sikkerhetskopier, og PostgreSQLs skrivelogg, har personen til de utløper. Legges en eldre kopi tilbake, må slettingen "
    "gjøres om igjen.",
    en="Backups, and the write-ahead log of PostgreSQL, have the person until they expire. When an older one is put back, "
    "the deletion must be done again.",
)


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("delete-person", help=_HELP)(delete_person)


def delete_person(
    unit: UnitWord = None,
    local_id: LocalId = None,
    *,
    reason: Why,
    plan: _Plan = False,
    confirm: _Confirm = None,
    destroy_unopened: _DestroyUnopened = False,
    number: NumberFlag = False,
    config: ConfigFile = CONFIG,
    folder: Folder = None,
    json: JsonFlag = False,
) -> None:
    """Two steps, so that nobody is deleted by a slip."""
    if plan == (confirm is not None):
        raise CommandMisused(reason=_ONE_OF, command=_COMMAND)
    whom = whom_from(unit, local_id, _COMMAND, number=number)
    place = place_of(config, folder)
    from ktt.wiring.persons import person_deletion_at

    says = Text(nb="Leser meldinger", en="Reading messages")
    with person_deletion_at(place) as deletion, progress(says) as step:
        if confirm is None:
            planned = deletion.plan(whom, current_user(), reason, step)
            emit(_data(planned), json=json, render=lambda: _planned(planned))
            return
        done = deletion.run(whom, current_user(), reason, confirm, step, unopened=destroy_unopened)
    sealed = 0 if destroy_unopened else done.plan.unopened
    advice = [_UNOPENED.format(count=sealed)] if sealed else []
    if done.waiting:
        advice.append(_RELEASE.format(units=" ".join(done.waiting), where=where_of(config, folder)))
    told_of = [_LEFT if done.left else _DONE, *advice, _BACKUPS]
    emit(
        _data(done.plan) | {"left": list(done.left), "unopened_left": sealed, "waiting": list(done.waiting)},
        json=json,
        render=lambda: "\n".join(text.in_(language()) for text in told_of),
    )


def _data(plan: DeletionPlan) -> dict[str, Any]:
    known_as = [{"unit": one.unit.key, "local_id": one.local_id} for one in plan.known_as]
    return asdict(plan) | {"known_as": known_as}


def _planned(plan: DeletionPlan) -> RenderableType:
    from rich.console import Group

    spoken = language()
    rows: list[tuple[str, object]] = [
        (_KNOWN_AS.format(unit=one.unit.key).in_(spoken), one.local_id) for one in plan.known_as
    ]
    versions = {name: count for name, count in plan.versions.items() if count}
    rows += [(_VERSIONS.format(name=record_word(name)).in_(spoken), count) for name, count in versions.items()]
    rows += [(says.in_(spoken), getattr(plan, name)) for name, says in _COUNTS.items()]
    heads = (Text(nb="Hva", en="What"), Text(nb="Antall", en="Count"))
    sealed = [_UNOPENED.format(count=plan.unopened).in_(spoken)] if plan.unopened else []
    return Group(table(heads, rows), *sealed, _WORD.format(word=plan.word).in_(spoken))
