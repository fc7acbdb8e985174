"""`ktt registry reprocess`: stored messages judged and read by the rules and packs of today; first shown, then written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.errors import CommandMisused
from ktt.cli.receiver.options import CONFIG, ConfigFile, current_user
from ktt.cli.registry.options import Folder, OneUnit, place_of, where_of
from ktt.cli.registry.words import record_word
from ktt.cli.rows import Column, CsvFlag, Form, ParquetFile, answer
from ktt.cli.show import JsonFlag, language, progress, table, told
from ktt.core.errors import EXIT_NOT_MET
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.wiring.reprocessing import Reprocessed, UnitReprocessed

_COMMAND = "ktt registry reprocess"
_HELP = told(
    nb="""Vurder og les lagrede meldinger på nytt, med reglene og meldingspakkene som gjelder i dag.

    Uten --write vises bare forskjellen, og ingenting endres: avvik som kommer, forsvinner eller endres, for hver regel og
    enhet; poster i registeret som ville blitt nye, endret eller borte; meldinger som ikke kunne leses, men nå kan, og
    omvendt. Med --pack og --rules kan dere se forskjellen før pakken eller regelversjonen tas i bruk.

    Med --write blir det slik, for én enhet om gangen. Det nye er kjent fra nå; det som var kjent før, kan fortsatt leses med
    --known-at. Kvitteringen til en melding viser den senere vurderingen. Blir kommandoen avbrutt, kjør den igjen: den
    fortsetter. En enhet som feiler, blir stående som den er, og de andre fortsetter. Meldinger som innholdet er slettet
    for, kan ikke vurderes; det bare de fortalte, blir stående. Utgangskode: 0 · 4 noen enheter ble stående som de er.""",
    en="""Judge and read stored messages anew, by the rules and message packs that are in use today.

    Without --write only the difference is shown, and nothing changes: findings that come, go or change, for each rule and
    unit; records in the registry that would be new, changed or gone; messages that could not be read and now can, and the
    other way. With --pack and --rules you see the difference before the pack or the rule set is in use.

    With --write it becomes so, a unit at a time. What is new is known from now on; what was known before can still be read
    with --known-at. The receipt of a message shows the later verdict. When the command is interrupted, run it again: it goes
    on. A unit that fails stays as it is, and the others go on. Messages whose content is deleted cannot be judged; what only
    they told stays. Exit code: 0 · 4 some units stayed as they are.""",
)
_Plan = Annotated[
    bool,
    typer.Option("--plan", help=told(nb="Vis bare forskjellen (standard).", en="Show the difference alone (default).")),
]
_Write = Annotated[
    bool, typer.Option("--write", help=told(nb="La det bli slik. Krever --reason.", en="Let it be so. Needs --reason."))
]
_Reason = Annotated[
    str | None,
    typer.Option(
        "--reason",
        help=told(
            nb="Hvorfor; det blir stående i registeret, så ingen personopplysninger.",
            en="Why; it is kept in the registry, so nothing about persons.",
        ),
    ),
]
_Packs = Annotated[
    list[str] | None,
    typer.Option(
        "--pack",
        metavar=told(nb="PAKKE", en="PACK"),
        help=told(
            nb="Pakke eller mappe å lese med i stedet for dem i innstillingene; kan gjentas. Bare for visning.",
            en="Pack or folder to read by instead of those in the settings; may be repeated. To show alone.",
        ),
    ),
]
_Rules = Annotated[
    str | None,
    typer.Option(
        "--rules",
        metavar=told(nb="VERSJON", en="VERSION"),
        help=told(
            nb="Regelversjon å vurdere med i stedet for den som gjelder i dag. Bare for visning.",
            en="Rule set to judge by instead of the one in force today. To show alone.",
        ),
    ),
]
_ONE_OF = Text(nb="velg --plan eller --write.", en="choose --plan or --write.")
_NEEDS_REASON = Text(nb="--write krever --reason.", en="--write needs --reason.")
_IN_USE = Text(
    nb="--write bruker pakkene i innstillingene og regelversjonen som gjelder; --pack og --rules er for visning.",
    en="--write uses the packs in the settings and the rule set in force; --pack and --rules are to show.",
)
_KINDS = {
    "come": Text(nb="Kommer", en="Come"),
    "gone": Text(nb="Forsvinner", en="Go"),
    "changed": Text(nb="Endres", en="Change"),
    "new": Text(nb="Nye", en="New"),
}
_COLUMNS = (
    Column("unit", Text(nb="Enhet", en="Unit")),
    Column("what", Text(nb="Hva", en="What")),
    Column("rule", Text(nb="Regel", en="Rule")),
    *(Column(name, _KINDS[name], "count") for name in ("new", "changed", "gone")),
    Column("position", Text(nb="Melding", en="Message"), "count"),
    Column("code", Text(nb="Kode", en="Code")),
)
_FINDINGS = Text(nb="avvik", en="findings")
_JUDGED = Text(nb="meldinger som nå kan vurderes", en="messages that can be judged now")
_EVENTS = {
    "unreadable": Text(nb="kan ikke leses lenger", en="can no longer be read"),
    "readable": Text(nb="kan leses nå", en="can be read now"),
    "left": Text(nb="ble stående som den er", en="stayed as it is"),
}
_READ = Text(
    nb="{messages:lagret melding|lagrede meldinger} er vurdert med regelversjon {rules} og lest med {packs}.",
    en="{messages:stored message|stored messages} judged by rule set {rules} and read by {packs}.",
)
_GONE = Text(
    nb="– Innholdet i {count:melding|meldinger} er slettet; det bare de fortalte, blir stående.",
    en="– The content of {count:message is|messages is} deleted; what only they told stays.",
)
_SAME = Text(nb="✓ Ingen forskjell.", en="✓ No difference.")
_UNREADABLE = Text(
    nb="✗ {unit}: melding {position} kan ikke leses lenger ({code}). Enheten blir stående som den er.",
    en="✗ {unit}: message {position} can no longer be read ({code}). The unit stays as it is.",
)
_READABLE = Text(
    nb="✓ {unit}: melding {position} kan leses nå; {messages:melding|meldinger} venter.",
    en="✓ {unit}: message {position} can be read now; {messages:message waits|messages wait}.",
)
_LEFT = Text(
    nb="✗ {unit} ble stående som den er ({why}). Kjør kommandoen igjen.",
    en="✗ {unit} stayed as it is ({why}). Run the command again.",
)
_MOVED_ON = Text(nb="nye meldinger kom imens", en="new messages came meanwhile")
_TO_WRITE = Text(nb="La det bli slik: {command} --write --reason …", en="Let it be so: {command} --write --reason …")
_WRITTEN = Text(nb="✓ Skrevet. Det nye er kjent fra nå.", en="✓ Written. What is new is known from now on.")


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("reprocess", help=_HELP)(reprocess)


def reprocess(
    *,
    plan: _Plan = False,
    write: _Write = False,
    reason: _Reason = None,
    pack: _Packs = None,
    rules: _Rules = None,
    config: ConfigFile = CONFIG,
    folder: Folder = None,
    unit: OneUnit = None,
    json: JsonFlag = False,
    csv: CsvFlag = False,
    parquet: ParquetFile = None,
) -> None:
    """What would be otherwise, before anything is."""
    form = Form(_COMMAND, json, csv, parquet)
    for wrong, says in ((plan and write, _ONE_OF), (write and not reason, _NEEDS_REASON)):
        if wrong:
            raise CommandMisused(reason=says, command=_COMMAND)
    if write and (pack or rules):
        raise CommandMisused(reason=_IN_USE, command=_COMMAND)
    place = place_of(config, folder)
    from ktt.wiring.reprocessing import reprocessing_at

    says = Text(nb="Leser meldinger", en="Reading messages")
    with progress(says) as step, reprocessing_at(place, pack or (), rules, step, unit=unit) as run:
        found = run.write(current_user(), reason or "", step) if write else run.plan(step)
    again = f"{_COMMAND}{where_of(config, folder)}{f' --unit {unit}' if unit else ''}"
    answer(_COLUMNS, list(_rows(found)), form, data=_data(found), render=lambda _: _shown(found, again))
    if found.unreadable or any(one.left for one in found.units):
        raise typer.Exit(EXIT_NOT_MET)


def _data(found: Reprocessed) -> dict[str, Any]:
    readable = [
        {"unit": one.unit, "position": one.position, "messages": one.messages, "code": one.code}
        for one in found.readable
    ]
    units = [asdict(one) for one in found.units]
    names = ("rules", "packs", "messages", "not_stored", "written")
    return {name: getattr(found, name) for name in names} | {
        "rules_changed": [{"rule": rule, **counts} for (rule, _), counts in sorted(_by_rule(found.units).items())],
        "units": units,
        "unreadable": [asdict(one) for one in found.unreadable],
        "readable": readable,
    }


def _rows(found: Reprocessed) -> Iterator[dict[str, Any]]:
    """What differs, a row for each rule and record type of a unit, and for each message that decides whether it is read."""
    for unit in found.units:
        for rule, counts in sorted(_by_rule([unit]).items()):
            told_of = {"new": counts["come"], "changed": counts["changed"], "gone": counts["gone"]}
            yield {"unit": unit.unit, "what": _FINDINGS, "rule": rule[0], **told_of}
        for name, kinds in unit.records.items():
            yield {"unit": unit.unit, "what": record_word(name), **kinds}
        if unit.validated:
            yield {"unit": unit.unit, "what": _JUDGED, "new": unit.validated}
        if unit.left:
            yield {"unit": unit.unit, "what": _EVENTS["left"], "code": unit.left}
    for event, messages in (("unreadable", found.unreadable), ("readable", found.readable)):
        for one in messages:
            yield {"unit": one.unit, "what": _EVENTS[event], "position": one.position, "code": one.code}


def _by_rule(units: Iterable[UnitReprocessed]) -> dict[tuple[str, int], Counter[str]]:
    counts: dict[tuple[str, int], Counter[str]] = {}
    for unit in units:
        for row in unit.findings:
            key = str(row["rule"]), int(str(row["consequence"]))
            counts.setdefault(key, Counter())[str(row["kind"])] += int(str(row["findings"]))
    return counts


def _shown(found: Reprocessed, command: str) -> RenderableType:
    from rich.console import Group

    spoken = language()
    lines: list[RenderableType] = [
        _READ.format(messages=found.messages, rules=found.rules, packs=found.packs).in_(spoken)
    ]
    if found.not_stored:
        lines.append(_GONE.format(count=found.not_stored).in_(spoken))
    if _by_rule(found.units):
        lines.append(_rules_table(found))
    differing = [one for one in found.units if one.findings or one.records or one.validated]
    if differing:
        lines.append(_units_table(differing))
    lines += [
        _UNREADABLE.format(unit=one.unit, position=one.position, code=one.code).in_(spoken) for one in found.unreadable
    ]
    lines += [
        _READABLE.format(unit=one.unit, position=one.position, messages=one.messages).in_(spoken)
        for one in found.readable
    ]
    lines += [
        _LEFT.format(unit=one.unit, why=_MOVED_ON if one.left == "moved-on" else one.left).in_(spoken)
        for one in found.units
        if one.left
    ]
    differs = differing or found.readable
    if not differs and not found.unreadable:
        lines.append(_SAME.in_(spoken))
    elif differs:
        lines.append(_WRITTEN.in_(spoken) if found.written else _TO_WRITE.format(command=command).in_(spoken))
    return Group(*lines)


def _rules_table(found: Reprocessed) -> RenderableType:
    from ktt.rules.rule import Consequence

    heads = (
        Text(nb="Regel", en="Rule"),
        Text(nb="Konsekvens", en="Consequence"),
        *(_KINDS[kind] for kind in ("come", "gone", "changed")),
    )
    rows = [
        (rule, Consequence(consequence).text.in_(language()), *(counts[kind] for kind in ("come", "gone", "changed")))
        for (rule, consequence), counts in sorted(_by_rule(found.units).items())
    ]
    return table(heads, rows)


def _units_table(units: list[UnitReprocessed]) -> RenderableType:
    heads = (
        Text(nb="Enhet", en="Unit"),
        Text(nb="Hva", en="What"),
        *(_KINDS[kind] for kind in ("new", "changed", "gone")),
    )
    rows: list[tuple[object, ...]] = []
    for one in units:
        by_kind = Counter[str]()
        for row in one.findings:
            by_kind[str(row["kind"])] += int(str(row["findings"]))
        if by_kind:
            rows.append((one.unit, _FINDINGS.in_(language()), by_kind["come"], by_kind["changed"], by_kind["gone"]))
        for name, counts in one.records.items():
            rows.append((one.unit, record_word(name), *(counts.get(kind, 0) for kind in ("new", "changed", "gone"))))
        if one.validated:
            rows.append((one.unit, _JUDGED.in_(language()), one.validated, 0, 0))
    return table(heads, rows)
