"""`ktt pack diff A B`: what changed from one pack to another, and what each change means for one who sends."""

from __future__ import annotations

import json as json_text
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.show import JsonFlag, emit, language, note, table, told
from ktt.core.os_faults import os_reason
from ktt.core.text import Text

if TYPE_CHECKING:  # reading packs takes a moment to import; `--help` does not need it
    from rich.console import RenderableType

    from ktt.messages.packs.diff.changes import Change

_HELP = told(
    nb="Vis hva som er forskjellig fra pakke A til pakke B: meldinger og versjoner, felter, typer, koder, grenser, plikter, "
    "kobling og eksempler. Hver endring har én setning om hva den betyr for den som sender, "
    "og om meldinger som var riktige før, kan bli avvist («bryter»). Ingenting endres.",
    en="Show what is different from pack A to pack B: messages and versions, members, types, codes, limits, obligations, "
    "mapping and examples. Each change has one sentence on what it means for one who sends, "
    "and whether messages that were right before may be refused (“breaks”). Nothing is changed.",
)
Old = Annotated[
    str,
    typer.Argument(
        metavar="A", help=told(nb="Den gamle pakken: en mappe eller et navn.", en="The old pack: a folder or a name.")
    ),
]
New = Annotated[
    str,
    typer.Argument(
        metavar="B", help=told(nb="Den nye pakken: en mappe eller et navn.", en="The new pack: a folder or a name.")
    ),
]
Html = Annotated[
    Path | None, typer.Option("--html", help=told(nb="Skriv også en nettside hit.", en="Also write a web page here."))
]
_NONE = Text(nb="Ingen forskjell.", en="No difference.")
_SUM = Text(
    nb="{all:endring|endringer}, av dem {breaking} som kan føre til at meldinger avvises.",
    en="{all:change|changes}, {breaking} of which may have messages refused.",
)
_BREAKS = Text(nb="bryter", en="breaks")
_TITLE = Text(nb="Fra {old} til {new}", en="From {old} to {new}")
_TEMPLATES = Path(__file__).parent / "templates"


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("diff", help=_HELP)(diff)


def diff(a: Old, b: New, *, html: Html = None, json: JsonFlag = False) -> None:
    """Show every change, and write the page when one is asked for."""
    from ktt.messages.packs.diff.packs import compare_packs
    from ktt.messages.register import named_pack

    old, new = named_pack(a), named_pack(b)
    found = compare_packs(old, new)
    if html is not None:
        _write_page(found, _TITLE.format(old=old.name, new=new.name), html)
    data = {
        "old": old.name,
        "new": new.name,
        "breaking": sum(one.is_breaking for one in found),
        "changes": [one.as_data() for one in found],
    }
    emit(data, json=json, render=lambda: _shown(found))


def _shown(found: Sequence[Change]) -> RenderableType:
    from rich.console import Group

    if not found:
        return _NONE.in_(language())
    heads = [
        Text(nb="Melding", en="Message"),
        Text(nb="Sted", en="Place"),
        Text(nb="Endring", en="Change"),
        Text(nb="Før", en="Before"),
        Text(nb="Nå", en="Now"),
        Text(nb="Bryter", en="Breaks"),
        Text(nb="Hva det betyr", en="What it means"),
    ]
    spoken = language()
    rows = [
        (
            one.message,
            one.place,
            what_changed(one).in_(spoken),
            short(one.old),
            short(one.new),
            _BREAKS.in_(spoken) if one.is_breaking else "",
            one.consequence.in_(spoken),
        )
        for one in found
    ]
    return Group(table(heads, rows), _sum(found).in_(spoken))


def what_changed(change: Change) -> Text:
    """What it is and what happened to it."""
    from ktt.messages.packs.diff.changes import KINDS, SUBJECTS

    subject, kind = SUBJECTS[change.subject], KINDS[change.kind]
    return Text(nb=f"{subject.nb} {kind.nb}", en=f"{subject.en} {kind.en}")


def short(value: Any) -> str:
    """A value as one line."""
    if value is None:
        return "–"
    text = value if isinstance(value, str) else json_text.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"  # noqa: PLR2004


def _sum(found: Sequence[Change]) -> Text:
    return _SUM.format(all=len(found), breaking=sum(one.is_breaking for one in found))


def _write_page(found: Sequence[Change], title: Text, html: Path) -> None:
    from itertools import groupby

    from ktt.core.html.environment import render
    from ktt.testing.conformance.errors import PageUnwritable

    groups = [(name, list(inner)) for name, inner in groupby(found, key=lambda one: one.message)]
    page = render(
        _TEMPLATES,
        "diff.html.jinja",
        title=title,
        sum=_sum(found),
        none=_NONE,
        groups=groups,
        what=what_changed,
        short=short,
    )
    try:
        html.write_bytes(page)
    except OSError as fault:
        raise PageUnwritable(file=html, reason=os_reason(fault)) from fault
    note(Text(nb=f"Siden er skrevet til {html}.", en=f"The page is written to {html}."))
