"""A run of a fleet as text: the totals, then a line for each unit that needs someone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ktt.cli.show import language
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.sender.fleet.report import FleetReport, UnitResult
    from ktt.sender.fleet.settings import Fleet

_HEAD = {
    True: Text(
        nb="✓ {n:enhet|enheter} er ferdige for {day}: {messages:melding|meldinger} godtatt, {changes:endring|endringer}.",
        en="✓ {n:unit is|units are} done for {day}: {messages:message|messages} accepted, {changes:change|changes}.",
    ),
    False: Text(
        nb="✗ {n} av {all:enhet|enheter} er ferdige for {day}: {messages:melding|meldinger} godtatt, {changes:endring|endringer}.",
        en="✗ {n} of {all:unit|units} are done for {day}: {messages:message|messages} accepted, {changes:change|changes}.",
    ),
}
_OTHERS = {
    "loading": Text(nb="{n:enhet|enheter} er midt i initiell last.", en="{n:unit is|units are} in the initial load."),
    "held_back": Text(
        nb="{n:enhet|enheter} er ferdige, og noe er holdt tilbake.",
        en="{n:unit is|units are} done, and something is held back.",
    ),
    "stopped": Text(nb="{n:enhet|enheter} er stanset.", en="{n:unit|units} stopped."),
    "slow": Text(nb="{n:enhet|enheter} var trege.", en="{n:unit was|units were} slow."),
    "not_begun": Text(nb="{n:enhet|enheter} er ikke kjørt.", en="{n:unit was|units were} not run."),
}
_SLOW = Text(nb="brukte {n:sekund|sekunder}", en="took {n:second|seconds}")
_MISSING = Text(
    nb="{n:post|poster} mangler i uttrekket og er ikke slettet.",
    en="{n:record is|records are} missing from the extract and not deleted.",
)
_HELD = Text(nb="{n:post|poster} er holdt tilbake.", en="{n:record is|records are} held.")
_DIFFERS = Text(nb="Registeret er ikke likt EPJ.", en="The registry differs from the record system.")
_ONE = Text(
    nb="Se på én enhet med de andre kommandoene slik: ktt outbox --config {config}",
    en="Look at one unit with the other commands like this: ktt outbox --config {config}",
)


def shown(report: FleetReport, fleet: Fleet) -> str:
    """The whole report."""
    totals, spoken = report.totals(), language()
    head = _HEAD[report.exit_code == 0 and not report.not_begun].format(
        n=totals["done"],
        all=len(report.results) + len(report.not_begun),
        day=report.on.isoformat(),
        messages=totals["messages"],
        changes=totals["changes"],
    )
    others = [words.format(n=totals[name]).in_(spoken) for name, words in _OTHERS.items() if totals[name]]
    lines = [line.in_(spoken) for one in report.needing_someone for line in _lines(one)]
    worst = report.needing_someone[:1]
    hint = ["", _ONE.format(config=fleet.config(worst[0].unit)).in_(spoken)] if worst else []
    return "\n".join([head.in_(spoken), *others, *([""] if lines else []), *lines, *hint])


def _lines(one: UnitResult) -> Iterator[Text]:
    marked = Text(nb=f"{one.unit}: {{words}}", en=f"{one.unit}: {{words}}")
    if one.slow:
        yield marked.format(words=_SLOW.format(n=round(one.seconds)))
    if one.stopped is not None:
        says, remedy = one.stopped.says(), one.stopped.advises()
        yield marked.format(words=Text(nb=f"{one.stopped.code}: {says.nb}", en=f"{one.stopped.code}: {says.en}"))
        yield Text(nb=f"    {remedy.nb}", en=f"    {remedy.en}")
    elif one.report is not None:
        yield from (marked.format(words=words) for words in _noted(one))


def _noted(one: UnitResult) -> Iterator[Text]:
    report = one.report
    if report is None:
        return
    if report.missing:
        yield _MISSING.format(n=report.missing)
    if report.held:
        yield _HELD.format(n=report.held)
    if report.comparison is not None and report.comparison.untrue:
        yield _DIFFERS
