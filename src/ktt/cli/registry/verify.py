"""`ktt registry verify`: whether what the registry holds hangs together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ktt.cli.receiver.options import CONFIG, ConfigFile
from ktt.cli.registry.options import Folder, place_of
from ktt.cli.registry.words import record_word
from ktt.cli.rows import Column, CsvFlag, Form, ParquetFile, answer
from ktt.cli.show import JsonFlag, language, progress, told
from ktt.core.errors import EXIT_NOT_MET
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.registry.verification import Verification

_HELP = told(
    nb="""Kontroller at det registeret inneholder, henger sammen: hver versjon av hver post, journalen og personnøklene.

    Til enhver tid er nøyaktig én versjon av en post kjent, de er nummerert uten hull, hver viser til en innlest melding,
    innholdet stemmer med fingeravtrykket, hver person som har nummer, har det, og journalen teller riktig. Ingenting
    endres. Utgangskode: 0 alt henger sammen · 4 noe gjør det ikke.""",
    en="""Verify that what the registry holds hangs together: every version of every record, the journal and the keys.

    At any instant exactly one version of a record is known, they are numbered without holes, each refers to an ingested
    message, content is what its fingerprint was made of, every person who has a number has it, and the journal counts
    right. Nothing is changed. Exit code: 0 it holds · 4 something does not.""",
)
_Messages = Annotated[
    bool,
    typer.Option(
        "--messages",
        help=told(
            nb="Les også meldingene i innboksen på nytt, og sammenlign hver versjon. Tar så lang tid som innlesingen.",
            en="Also read the messages in the inbox anew and compare every version. Takes as long as the ingest did.",
        ),
    ),
]
_COLUMNS = (
    Column("check", Text(nb="Kontroll", en="Check")),
    Column("meaning", Text(nb="Hva som er galt", en="What is wrong"), in_table=False),
    Column("record_type", Text(nb="Opplysningstype", en="Record type")),
    Column("unit", Text(nb="Enhet", en="Unit")),
    Column("local_id", Text(nb="Lokal id", en="Local id")),
    Column("version", Text(nb="Versjon", en="Version"), "count"),
    Column("position", Text(nb="Melding nr.", en="Message no."), "count"),
)
_HOLDS = Text(
    nb="✓ {versions:versjon|versjoner} og {messages:melding|meldinger} henger sammen.",
    en="✓ {versions:version|versions} and {messages:message|messages} hang together.",
)
_ANEW = Text(
    nb="✓ {units:enhets|enheters} meldinger er lest på nytt og gir det samme.",
    en="✓ The messages of {units:unit|units} were read anew and make the same.",
)
_AUDIT = Text(
    nb="✓ Loggen over innsyn er fullstendig: {entries:innførsel|innførsler}, den siste {hash}.",
    en="✓ The log of looks is whole: {entries:entry|entries}, the last {hash}.",
)
_NOT_KEPT = Text(
    nb="– {units:enhet er|enheter er} ikke lest på nytt: ikke alle meldingene er der eller kan leses.",
    en="– {units:unit was|units were} not read anew: not every message is there or can be read.",
)
_FAILS = Text(nb="✗ {check}: {count:sted|steder}. {meaning}", en="✗ {check}: {count:place|places}. {meaning}")
_REMEDY = Text(
    nb="Ta vare på databasen slik den er, og meld feilen med navnet på kontrollen. Meldingene i innboksen er urørt: "
    "registeret kan lages på nytt av dem.",
    en="Keep the database as it is, and report the fault with the name of the check. The messages in the inbox are "
    "untouched: the registry can be made anew from them.",
)


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("verify", help=_HELP)(verify)


def verify(
    config: ConfigFile = CONFIG,
    folder: Folder = None,
    *,
    messages: _Messages = False,
    json: JsonFlag = False,
    csv: CsvFlag = False,
    parquet: ParquetFile = None,
) -> None:
    """Every invariant, asked of every version; the first places of each that fails."""
    form = Form("ktt registry verify", json, csv, parquet)
    place = place_of(config, folder)
    from ktt.registry.verification import MEANINGS
    from ktt.wiring.receiver import verification_at

    says = Text(nb="Prøver registeret", en="Verifying the registry")
    with verification_at(place, read_anew=messages) as run, progress(says) as step:
        found = run(step)
    names = [column.name for column in _COLUMNS if column.name != "meaning"]
    rows = [{name: getattr(one, name) for name in names} | {"meaning": MEANINGS[one.check]} for one in found.places]
    data = {
        "holds": found.holds,
        "versions": found.versions,
        "messages": found.messages,
        "recomputed_units": found.recomputed,
        "units_not_kept": found.not_kept,
        "counts": dict(found.counts),
        "audit": {"entries": found.audit.number, "hash": found.audit.hash},
        "places": rows,
    }
    spoken = [row | {"record_type": record_word(row["record_type"])} for row in rows]
    answer(_COLUMNS, spoken, form, data=data, render=lambda drawn: _shown(found, drawn))
    if not found.holds:
        raise typer.Exit(EXIT_NOT_MET)


def _shown(found: Verification, places: RenderableType) -> RenderableType:
    from rich.console import Group

    from ktt.registry.verification import MEANINGS

    spoken = language()
    lines = [
        _FAILS.format(check=check, count=count, meaning=MEANINGS[check]).in_(spoken)
        for check, count in found.counts.items()
    ]
    if found.holds:
        lines.append(_HOLDS.format(versions=sum(found.versions.values()), messages=found.messages).in_(spoken))
    if found.audit.number and "audit" not in found.counts:
        lines.append(_AUDIT.format(entries=found.audit.number, hash=found.audit.hash[:16]).in_(spoken))
    if found.recomputed and "recomputed" not in found.counts:
        lines.append(_ANEW.format(units=found.recomputed).in_(spoken))
    if found.not_kept:
        lines.append(_NOT_KEPT.format(units=found.not_kept).in_(spoken))
    return "\n".join(lines) if found.holds else Group(*lines, places, _REMEDY.in_(spoken))
