"""`ktt conformance`: play a sender against a receiver, case by case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.show import JsonFlag, emit, language, progress, table, told
from ktt.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.conformance.case import Result

app = typer.Typer(add_completion=False, no_args_is_help=True)

Config = Annotated[
    Path,
    typer.Option(
        "--config",
        help=told(
            nb="Filen som «ktt sandbox up --config-out» skriver.",
            en="The file that `ktt sandbox up --config-out` writes.",
        ),
    ),
]
Only = Annotated[
    str | None, typer.Option("--only", help=told(nb="Bare disse, som N3,F12.", en="Only these, as N3,F12."))
]
Listed = Annotated[
    bool, typer.Option("--list", help=told(nb="Vis prøvene uten å kjøre.", en="Show the cases, run none."))
]
Url = Annotated[str | None, typer.Option("--url", help=told(nb="Et annet mottak.", en="Another receiver."))]

_MARKS = {"passed": "✓", "failed": "✗", "skipped": "–"}


@app.callback()
def _group() -> None:
    """One sub-command for each end."""


@app.command("receiver")
def receiver(
    config: Config = Path("client.json"),
    url: Url = None,
    only: Only = None,
    *,
    list_: Listed = False,
    json: JsonFlag = False,
) -> None:
    """Play a sender against a receiver; the exit code is 0 only if every case that was played held."""
    from ktt.conformance.case import chosen, failures
    from ktt.conformance.cases import RECEIVER_CASES
    from ktt.conformance.errors import NotConformant

    cases = chosen(RECEIVER_CASES, only)
    if list_:
        emit([_described(case) for case in cases], json=json, render=lambda: _list(cases))
        return
    results = _play(config, url, cases)
    emit([_data(result) for result in results], json=json, render=lambda: _table(results))
    failed, played = failures(results), [one for one in results if one.verdict.value != "skipped"]
    if failed:
        raise NotConformant(failed=len(failed), run=len(played))


def _play(config: Path, url: str | None, cases: list[Any]) -> list[Result]:
    from ktt.conformance.run import play
    from ktt.conformance.target import read_target

    done = 0
    with progress(Text(nb="Prøver", en="Playing"), total=len(cases)) as steps:

        def told_of(result: Result) -> None:
            nonlocal done
            done += 1
            steps(done, text=result.case.name)

        return play(read_target(config, {"url": url}), cases, told=told_of)


def _described(case: Any) -> dict[str, Any]:
    return {"name": case.name, "group": case.group, "purpose": case.purpose, "source": case.source}


def _data(result: Result) -> dict[str, Any]:
    played = {"verdict": result.verdict.value, "reasons": list(result.reasons), "seconds": round(result.seconds, 3)}
    return _described(result.case) | played | {"requests": list(result.requests)}


def _list(cases: list[Any]) -> RenderableType:
    heads = (Text(nb="Prøve", en="Case"), Text(nb="Hva", en="What"), Text(nb="Kilde", en="Source"))
    return table(heads, [(case.name, case.purpose.in_(language()), case.source) for case in cases])


def _table(results: list[Result]) -> RenderableType:
    counts = {mark: sum(_MARKS[one.verdict.value] == mark for one in results) for mark in _MARKS.values()}
    heads = (Text(nb="Prøve", en="Case"), "", Text(nb="Hva", en="What"), Text(nb="Hvorfor", en="Why"))
    rows = [
        (
            one.case.name,
            _MARKS[one.verdict.value],
            one.case.purpose.in_(language()),
            " ".join(reason.in_(language()) for reason in one.reasons),
        )
        for one in results
    ]
    return table(heads, rows, title=" · ".join(f"{mark} {count}" for mark, count in counts.items()))
