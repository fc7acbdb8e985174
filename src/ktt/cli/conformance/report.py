"""The output of both suites: tables, JSON, and one page of HTML."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.show import emit, language, note, table, told
from ktt.core.os_faults import os_reason
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.testing.conformance.case import Case, Result

Only = Annotated[
    str | None, typer.Option("--only", help=told(nb="Bare disse, som N3,F12.", en="Only these, as N3,F12."))
]
Listed = Annotated[
    bool, typer.Option("--list", help=told(nb="Vis prøvene uten å kjøre.", en="Show the cases, run none."))
]
Html = Annotated[
    Path | None,
    typer.Option(
        "--html",
        help=told(
            nb="Skriv også en nettside hit, med hver forespørsel. Personnumre er skjult.",
            en="Also write a web page here, with every request. Persons' numbers are hidden.",
        ),
    ),
]
Every = Annotated[
    bool, typer.Option("--all", help=told(nb="Vis også prøvene som holdt.", en="Show the cases that passed too."))
]
_CASE, _WHAT = Text(nb="Prøve", en="Case"), Text(nb="Hva", en="What")
_GROUP, _ALL = Text(nb="Gruppe", en="Group"), Text(nb="I alt", en="In all")


def list_cases(cases: Sequence[Case], *, json: bool) -> None:
    """Print the cases without running them."""
    data = [_case_data(case) for case in cases]
    columns = (_CASE, _WHAT, Text(nb="Krav", en="Level"), Text(nb="Kilde", en="Source"))
    rows = [(one.name, one.purpose.in_(language()), one.level.value.in_(language()), one.source) for one in cases]
    emit(data, json=json, render=lambda: table(columns, rows))


def report(results: Sequence[Result], *, end: str, whom: str, html: Path | None, json: bool, every: bool) -> None:
    """Print the results, and write the page when one is asked for."""
    if html is not None:
        _write_page(results, end, whom, html)
    emit([_data(result) for result in results], json=json, render=lambda: _tables(results, every=every))


def conclude(results: Sequence[Result], *, strict: bool = False) -> None:
    """Raise NotConformant when a case did not hold, and NothingToTest when the sender ran and sent nothing."""
    from ktt.testing.conformance.case import Verdict, failures
    from ktt.testing.conformance.errors import NotConformant, NothingToTest

    failed = failures(results, strict=strict)
    checked = [one for one in results if one.verdict is not Verdict.SKIPPED]
    why_silent = [one.reasons[0] for one in results if one.runs and one.reasons]
    if not checked and why_silent:
        raise NothingToTest(reason=why_silent[0].in_(language()).rstrip("."))
    if failed:
        raise NotConformant(failed=len(failed), run=len(checked))


def _write_page(results: Sequence[Result], end: str, whom: str, html: Path) -> None:
    from ktt.core.clock import SystemClock
    from ktt.testing.conformance.errors import PageUnwritable
    from ktt.testing.conformance.report.page import About, as_page

    try:
        html.write_bytes(as_page(results, About(end, whom, SystemClock().now())))
    except OSError as fault:
        raise PageUnwritable(file=html, reason=os_reason(fault)) from fault
    note(Text(nb=f"Rapporten er skrevet til {html}.", en=f"The report is written to {html}."))


def _case_data(case: Case) -> dict[str, Any]:
    return {
        "name": case.name,
        "group": case.group,
        "purpose": case.purpose,
        "level": case.level.name.lower(),
        "source": case.source,
        "steps": list(case.describe_steps()),
        "expects": list(case.describe_expectations()),
    }


def _data(result: Result) -> dict[str, Any]:
    return {
        **_case_data(result.case),
        "verdict": result.verdict.value,
        "reasons": list(result.reasons),
        "seconds": round(result.seconds, 3),
        "requests_of": result.shared,
        "requests": list(result.requests),
        "runs": list(result.runs),
    }


def _tables(results: Sequence[Result], *, every: bool) -> RenderableType:
    from rich.console import Group

    from ktt.testing.conformance.case import Verdict

    hidden = set() if every else {Verdict.PASSED}
    parts = [_groups(results)]
    rows = [result for result in results if result.verdict not in hidden]
    if rows:
        parts.append(_cases(rows))
    return Group(*parts)


def _groups(results: Sequence[Result]) -> Any:
    from ktt.testing.conformance.case import Verdict, counts
    from ktt.testing.conformance.report.page import MARKS, WORDS

    titles = list(dict.fromkeys(result.case.group for result in results))
    columns: list[Text | str] = [_GROUP, *(f"{MARKS[one]} {WORDS[one].in_(language())}" for one in Verdict)]
    rows = [
        (title.in_(language()), *_numbers(counts(one for one in results if one.case.group == title)))
        for title in titles
    ]
    return table(columns, [*rows, (_ALL.in_(language()), *_numbers(counts(results)))])


def _numbers(found: dict[str, int]) -> list[int | None]:
    return [number or None for number in found.values()]


def _cases(results: Sequence[Result]) -> Any:
    from ktt.testing.conformance.report.page import MARKS

    columns = (_CASE, "", _WHAT, Text(nb="Hvorfor", en="Why"))
    rows = [
        (
            one.case.name,
            MARKS[one.verdict],
            one.case.purpose.in_(language()),
            " ".join(reason.in_(language()) for reason in one.reasons),
        )
        for one in results
    ]
    return table(columns, rows)
