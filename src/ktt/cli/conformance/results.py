"""`ktt conformance compare`, `verify` and `requirements`: what is done with results, and with the suites as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ktt.cli.show import JsonFlag, emit, language, table, told
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.testing.conformance.case import Case

_First = Annotated[Path, typer.Argument(metavar="A", help=told(nb="Det første resultatet.", en="The first result."))]
_Second = Annotated[Path, typer.Argument(metavar="B", help=told(nb="Det andre resultatet.", en="The second result."))]
_File = Annotated[
    Path,
    typer.Argument(
        metavar=told(nb="FIL", en="FILE"),
        help=told(nb="Resultatet, med «.jws»-filen ved siden av.", en="The result, with the `.jws` file beside it."),
    ),
]
_Uncovered = Annotated[
    bool, typer.Option("--uncovered", help=told(nb="Bare dem uten prøver.", en="Only those without cases."))
]
_WORDS = {
    "failing": Text(nb="bestås ikke lenger", en="no longer hold"),
    "held": Text(nb="bestås nå", en="hold now"),
    "still_failing": Text(nb="bestås fortsatt ikke", en="still do not hold"),
    "no_longer_played": Text(nb="ble ikke kjørt nå", en="were not run now"),
    "newly_played": Text(nb="ble ikke kjørt før", en="were not run before"),
}


def compare(first: _First, second: _Second, *, json: JsonFlag = False) -> None:
    """Two results side by side; MoreFailing when a case no longer holds."""
    from ktt.testing.conformance.errors import MoreFailing
    from ktt.testing.conformance.report.compare import compare as compared
    from ktt.testing.conformance.report.document import read_document

    found = compared(read_document(first), read_document(second))
    rows = [(_WORDS[name].in_(language()), len(cases), ", ".join(cases)) for name, cases in found.as_data().items()]
    columns = ("", Text(nb="Antall", en="Number"), Text(nb="Prøver", en="Cases"))
    emit(found.as_data(), json=json, render=lambda: table(columns, rows))
    if found.failing:
        raise MoreFailing(count=len(found.failing), cases=", ".join(found.failing))


def verify(file: _File, *, json: JsonFlag = False) -> None:
    """Whether a result is as it was signed."""
    from ktt.testing.conformance.report.signature import verify_result

    read, signer = verify_result(file)
    data = {"signed_by": signer, "about": read["about"], "counts": read["counts"]}
    numbers = ", ".join(f"{name} {number}" for name, number in read["counts"].items())
    said = Text(
        nb=f"✓ Slik den ble signert, med nøkkelen {signer}.\n{read['about']['whom']}: {numbers}.",
        en=f"✓ As it was signed, with the key {signer}.\n{read['about']['whom']}: {numbers}.",
    )
    emit(data, json=json, render=lambda: said.in_(language()))


def requirements(*, uncovered: _Uncovered = False, json: JsonFlag = False) -> None:
    """Each requirement of the protocol, and its cases of both suites."""
    from ktt.testing.conformance.receiver.cases import RECEIVER_CASES
    from ktt.testing.conformance.requirements.protocol import coverage
    from ktt.testing.conformance.sender.cases import SENDER_CASES

    cases: list[tuple[str, Case]] = [
        *(("sender", case) for case in SENDER_CASES),
        *(("receiver", case) for case in RECEIVER_CASES),
    ]
    found = [(one, names) for one, names in coverage(cases).items() if not (uncovered and names)]
    data = [{"name": one.name, "says": one.says, "link": one.link, "cases": names} for one, names in found]
    columns = (Text(nb="Krav", en="Requirement"), Text(nb="Sier", en="Says"), Text(nb="Prøver", en="Cases"))
    rows = [(one.name, one.says, ", ".join(names) or "–") for one, names in found]
    emit(data, json=json, render=lambda: table(columns, rows))
