"""`ktt synth`: write a record system or an annual message of synthetic persons, and move a record system forward."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.show import JsonFlag, emit, language, note, progress, table, told
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.table import Table

app = typer.Typer(add_completion=False)

_DAY = ["%Y-%m-%d"]
_RECORDS = Text(nb="Poster", en="Records")

_Recipients = Annotated[
    int,
    typer.Option(help=told(nb="Mottakere med tjeneste til enhver tid.", en="Recipients with a service at any time.")),
]
_Municipality = Annotated[
    str,
    typer.Option(help=told(nb="Kommunenummeret i dag, fire siffer.", en="Today's municipality number, four digits.")),
]
_From = Annotated[
    dt.datetime,
    typer.Option(
        "--from",
        formats=_DAY,
        show_default="2017-01-01",
        help=told(nb="Første dag med historikk.", en="First day with history."),
    ),
]
_Until = Annotated[
    dt.datetime | None,
    typer.Option(
        formats=_DAY,
        help=told(
            nb="Dagens dato i EPJ. Standard: maskinens dato.", en="The record system's today. Without: the real one."
        ),
    ),
]
_Seed = Annotated[
    str,
    typer.Option(help=told(nb="Samme tall gir samme innhold.", en="The same seed gives the same content.")),
]
_Out = Annotated[Path, typer.Option(help=told(nb="Mappen det skrives i.", en="The folder to write."))]
_Faults = Annotated[
    int,
    typer.Option(
        help=told(
            nb="Plant så mange kjente feil av hver regel som en EPJ kan bryte, hver hos sin person. answers.json "
            "sier under «faults» hvor mange avvik «ktt validate» skal finne av hver regel og hvor, og hva som stopper "
            "resten av reglene (planted_elsewhere). De får stå når dagene går, og fasiten følger dagen.",
            en="Plant so many known faults of every rule that a record system can break, each in a person of its own. "
            "answers.json says under `faults` how many findings of each rule `ktt validate` must give and where, and "
            "what stops the other rules (planted_elsewhere). They stay as days pass, and the key follows the day.",
        )
    ),
]
_Force = Annotated[
    bool,
    typer.Option("--force", help=told(nb="Erstatt EPJ-en i mappen.", en="Replace the record system in the folder.")),
]
_Folder = Annotated[
    Path,
    typer.Argument(
        metavar=told(nb="MAPPE", en="FOLDER"),
        help=told(nb="Mappen med EPJ-en.", en="The record system's folder."),
    ),
]
_Days = Annotated[int, typer.Option(help=told(nb="Hvor mange dager framover.", en="How many days forward."))]


@app.command(
    help=told(
        nb="Lag en kommune med syntetiske personer: database, mapping og fasit.",
        en="Make a municipality of synthetic persons: database, mapping and answer key.",
    )
)
def epj(
    *,
    out: _Out,
    recipients: _Recipients = 400,
    municipality: _Municipality = "1114",
    start: _From = dt.datetime(2017, 1, 1),  # noqa: DTZ001 (a day, as Typer takes it)
    seed: _Seed = "1",
    until: _Until = None,
    faults: _Faults = 0,
    force: _Force = False,
    json: JsonFlag = False,
) -> None:
    """Write the folder and show what is in it."""
    from ktt.testing.synthetic.create import write_epj

    with progress(Text(nb="Skriver personer", en="Writing persons")) as step:
        answers = write_epj(
            out,
            recipients=recipients,
            municipality=municipality,
            start=start.date(),
            seed=seed,
            until=until.date() if until else None,
            faults=faults,
            force=force,
            progress=step,
        )
    emit(answers, json=json, render=lambda: _record_table(out, answers))
    if faults and not json:
        note(_planted(out, answers))


def _planted(folder: Path, answers: Mapping[str, Any]) -> Text:
    """How many faults were planted, and the command that finds them."""
    unit, planted = answers["unit"], answers["faults"]
    rules, findings, others = len(planted["rules"]), planted["findings"], len(planted["planted_elsewhere"])
    see = f"ktt validate {folder} --unit {unit['organisation']}-{unit['municipality']} --date {answers['as_of']}"
    return Text(
        nb="Plantet: {findings} avvik av {rules:regel|regler}. {others:annen regel|andre regler} kan ikke brytes i en EPJ; "
        "answers.json sier hva som stopper dem. Se avvikene slik:\n  {see}",
        en="Planted: {findings:finding|findings} of {rules:rule|rules}. {others:other rule|other rules} cannot be broken in a record "
        "system; answers.json says what stops them. See the findings:\n  {see}",
    ).format(findings=findings, rules=rules, others=others, see=see)


def _record_table(folder: Path, answers: Mapping[str, Any]) -> Table:
    from ktt.validate.report.words import record_word

    columns = (
        Text(nb="Opplysningstype", en="Record type"),
        Text(nb="Sendes", en="Sent"),
        Text(nb="Sendes ikke", en="Not sent"),
    )
    excluded = answers["excluded"]
    rows = [
        (record_word(name, language()), count, sum(excluded.get(name, {}).values()))
        for name, count in answers["counts"].items()
    ]
    title = Text(nb=f"{folder}, per {answers['as_of']}", en=f"{folder}, as of {answers['as_of']}")
    return table(columns, rows, title=title)


@app.command(help=told(nb="La dager gå i EPJ.", en="Move the record system forward."))
def day(folder: _Folder, days: _Days = 1, *, json: JsonFlag = False) -> None:
    """Move forward and show what happened."""
    from ktt.testing.synthetic.advance import advance_day

    answers = advance_day(folder, days=days)
    emit(answers, json=json, render=lambda: _change_table(answers, days))


def _change_table(answers: Mapping[str, Any], days: int) -> Table:
    from ktt.cli.synthetic.words import event_word

    columns = (Text(nb="Dag", en="Day"), Text(nb="Hva", en="What"), _RECORDS)
    rows = [
        (each["day"], event_word(done["kind"], language()), len(done["records"]))
        for each in answers["days"][-days:]
        for done in each["done"]
    ]
    return table(columns, rows)


_Persons = Annotated[int, typer.Option(help=told(nb="Hvor mange personer.", en="How many persons."), min=1)]
_Year = Annotated[int, typer.Option(help=told(nb="Rapporteringsåret.", en="The report year."), min=2019, max=2025)]
_File = Annotated[Path, typer.Option("--out", help=told(nb="Filen det skrives til.", en="The file to write."))]
_Planted = Annotated[
    bool,
    typer.Option(
        "--faults",
        help=told(
            nb="Plant én feil for hver regel, i en person hver; svaret er fasiten.",
            en="Plant one fault of every rule, in a person each; the answer is the key.",
        ),
    ),
]


@app.command(
    help=told(
        nb="Lag en årsmelding (IPLOS 3.7, XML) med syntetiske personer.",
        en="Make an annual message (IPLOS 3.7, XML) of synthetic persons.",
    )
)
def iplos(
    *, out: _File, persons: _Persons = 100, year: _Year = 2025, seed: _Seed = "1", faults: _Planted = False,
    json: JsonFlag = False,
) -> None:  # fmt: skip
    """Write the message, and show what was planted in it."""
    from ktt.testing.synthetic.annual_message import write_message

    planted = write_message(out, persons=persons, year=year, seed=seed, faults=faults)
    rows = [{"rule": one.rule, "person": one.person} for one in planted]
    columns = (Text(nb="Regel", en="Rule"), Text(nb="Person", en="Person"))
    emit(rows, json=json, render=lambda: _written(out, columns, rows))


def _written(file: Path, columns: tuple[Text, Text], rows: list[dict[str, str]]) -> Table | str:
    text = Text(nb=f"{file} er skrevet, uten feil.", en=f"{file} is written, without faults.")
    return table(columns, [tuple(row.values()) for row in rows]) if rows else text.in_(language())
