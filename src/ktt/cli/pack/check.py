"""`ktt pack check DIR`: prove a message pack, line by line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ktt.cli.show import JsonFlag, emit, language, progress, told
from ktt.core.errors import EXIT_HELD_BACK
from ktt.core.text import Text

if TYPE_CHECKING:  # the synthetic municipality takes half a second to import; `--help` does not need it
    from ktt.testing.packs.check.lines import Line, PackReport

_HELP = told(
    nb="Bevis at en meldingspakke kan brukes: skjema, kobling, eksempler, en hel kommune fram og tilbake, sletting og fart. "
    "Hver linje er ✓ (i orden), ✗ (ikke i orden, med hva dere gjør), ! (virker, men bør vurderes) eller – (til opplysning). "
    "En pakke uten mapping.toml kan også prøves: da kontrolleres skjema, eksempler og fart. "
    "Alle data er syntetiske, og ingenting sendes eller lagres. Utgangskode: 0 når alt er i orden, 3 når noe ikke er det.",
    en="Prove that a message pack holds: schema, mapping, examples, a whole municipality there and back, deletion and speed. "
    "Each line is ✓ (holds), ✗ (does not hold, with what to do), ! (works, but look at it) or – (to know). "
    "A pack without mapping.toml can be tried too: then schema, examples and speed are looked at. "
    "All data are synthetic, and nothing is sent or stored. Exit code: 0 when all holds, 3 when something does not.",
)
PackDir = Annotated[
    Path,
    typer.Argument(
        metavar=told(nb="MAPPE", en="DIR"),
        help=told(
            nb="Pakkens mappe, med pack.toml og schema, eller bare skjemafilene; eller «ktt_v1», som følger med.",
            en="The pack's folder, with pack.toml and schema, or with nothing but the schema files; or `ktt_v1`, which comes along.",
        ),
    ),
]
_HOLDS = Text(nb="Pakken {pack} er i orden.", en="The pack {pack} holds.")
_FAILS = Text(
    nb="Pakken {pack} er ikke i orden: {count:feil|feil} over.",
    en="The pack {pack} does not hold: {count:fault|faults} above.",
)


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("check", help=_HELP)(check)


def check(folder: PackDir, *, json: JsonFlag = False) -> None:
    """Show every line, and end with 3 when one of them fails."""
    from ktt.messages.register import folder_of
    from ktt.testing.packs.check.proof import check_pack

    with progress(Text(nb="Prøver pakken", en="Trying the pack")) as step:
        report = check_pack(folder_of(folder), lambda words: step(0, None, words.in_(language())))
    emit(report.as_data(), json=json, render=lambda: _shown(report))
    if not report.holds:
        raise typer.Exit(EXIT_HELD_BACK)


def _shown(report: PackReport) -> str:
    failures = sum(line.verdict == "failed" for line in report.lines)
    end = _HOLDS.format(pack=report.pack) if report.holds else _FAILS.format(pack=report.pack, count=failures)
    return "\n".join([*map(_line, report.lines), "", end.in_(language())])


def _line(line: Line) -> str:
    from ktt.testing.packs.check.lines import MARKS

    spoken = language()
    told_of = f"{line.message}: " if line.message else ""
    words = f"{MARKS[line.verdict]} {told_of}{line.says.in_(spoken)}"
    unseen = [place for place in line.places if place and place not in words]
    if unseen:
        words += f"\n    [{', '.join(unseen)}]"
    return words if line.remedy is None else f"{words}\n    {line.remedy.in_(spoken)}"
