"""`ktt mottak`: a receiver as a service: set-up, migration, running it, and its status."""

from __future__ import annotations

import socket
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ktt.cli.receiver import access as access_commands
from ktt.cli.receiver import discard
from ktt.cli.receiver import keys as key_commands
from ktt.cli.receiver.options import CONFIG, ConfigFile, format_instant, load_settings
from ktt.cli.show import JsonFlag, emit, language, note, table, told
from ktt.core.clock import SystemClock
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.receiver.service.settings import ServiceSettings

app = typer.Typer(add_completion=False)
app.add_typer(
    access_commands.app,
    name="access",
    help=told(nb="Hvem som får sende hva for hvem.", en="Who may send what for whom."),
)
app.add_typer(
    key_commands.app,
    name="keys",
    help=told(nb="Nøklene som avsenderne krypterer med.", en="The keys that senders encrypt under."),
)

_Environment = Annotated[
    Literal["sandbox", "et", "qa", "production"],
    typer.Option(
        help=told(
            nb="Bare «production» tar imot virkelige personer; de andre bare syntetiske.",
            en="Only `production` takes real persons; the others only synthetic ones.",
        )
    ),
]
_BaseUrl = Annotated[
    str | None,
    typer.Option(help=told(nb="Adressen slik avsenderne ser den.", en="The address as senders see it.")),
]
_Issuer = Annotated[
    str | None,
    typer.Option(help=told(nb="HelseID. Standard: miljøets egen.", en="HelseID. Without: the environment's.")),
]
_DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        help=told(
            nb="PostgreSQL, som postgresql://bruker@vert/base. Standard: SQLite i mappen.",
            en="PostgreSQL, as postgresql://user@host/database. Without: SQLite in the folder.",
        )
    ),
]
_Host = Annotated[str, typer.Option(help=told(nb="Hvor tjenesten lytter.", en="Where the service listens."))]
_Port = Annotated[int, typer.Option(min=0, max=65535, help=told(nb="Porten.", en="The port."))]
_Workers = Annotated[
    int, typer.Option(min=0, max=256, help=told(nb="Prosesser; 0 er én per kjerne.", en="Processes; 0 is one a core."))
]
_Registry = Annotated[
    bool,
    typer.Option(
        "--registry/--no-registry",
        help=told(nb="La det som mottas, gå rett inn i registeret.", en="Let what is accepted go into the registry."),
    ),
]


@app.command(
    help=told(
        nb="Lag et mottak i en mappe: innstillinger, nøkler og database. Skriver aldri over noe.",
        en="Make a receiver in a folder: settings, keys and database. Never overwrites anything.",
    )
)
def init(
    folder: Annotated[
        Path,
        typer.Argument(metavar=told(nb="MAPPE", en="FOLDER"), help=told(nb="Mappen.", en="The folder.")),
    ],
    *,
    environment: _Environment = "sandbox",
    base_url: _BaseUrl = None,
    issuer: _Issuer = None,
    database_url: _DatabaseUrl = None,
    host: _Host = "127.0.0.1",
    port: _Port = 8792,
    workers: _Workers = 0,
    registry: _Registry = True,
    json: JsonFlag = False,
) -> None:
    """The settings file is written last: a folder without it is not set up, and the command may be run again."""
    from ktt.receiver.service.settings import ServiceSettings
    from ktt.receiver.service.setup import Choices, commit_draft, make_secrets, write_draft
    from ktt.wiring.receiver import migrate_receiver

    choices = Choices(environment, base_url, issuer, host, port, workers, database_url, registry)
    draft = write_draft(folder, choices)
    try:
        settings = ServiceSettings.load(draft)
        made = make_secrets(settings, SystemClock())
        schemas = migrate_receiver(settings)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    config = commit_draft(draft)
    data = {"config": config.absolute(), "made": made, "schemas": schemas, "base_url": settings.receiver.base_url}
    emit(data, json=json, render=lambda: _next_steps(config, settings))


def _next_steps(config: Path, settings: ServiceSettings) -> str:
    text = Text(
        nb="""Mottaket er satt opp i {folder} ({environment}).

Videre:
  1. Se over {config}.
  2. Ta sikkerhetskopi av nøkkelfilene (*.vault og receiver-keys): uten dem kan ingenting som er lagret, leses.
  3. Gi noen tilgang:  ktt mottak access grant ORGNR-KOMMUNENR --reason "…" --config {config}
  4. Start tjenesten:  ktt mottak serve --config {config}
  5. Se hvordan det står til:  ktt mottak status --config {config}""",
        en="""The receiver is set up in {folder} ({environment}).

Next:
  1. Look over {config}.
  2. Back up the key files (*.vault and receiver-keys): without them nothing that is stored can be read.
  3. Let someone in:  ktt mottak access grant ORGNR-KOMMUNENR --reason "…" --config {config}
  4. Start the service:  ktt mottak serve --config {config}
  5. See how it stands:  ktt mottak status --config {config}""",
    )
    return text.format(folder=config.parent, config=config, environment=settings.receiver.environment).in_(language())


@app.command(
    help=told(
        nb="Oppgrader databasen til denne versjonen. Ta sikkerhetskopi først.",
        en="Bring the database up to this version. Take a backup first.",
    )
)
def migrate(config: ConfigFile = CONFIG, *, json: JsonFlag = False) -> None:
    """`serve` never does it by itself: an upgrade is a deliberate act."""
    from ktt.wiring.receiver import migrate_receiver

    schemas = migrate_receiver(load_settings(config))
    text = Text(nb="Databasen er klar: {schemas}.", en="The database is ready: {schemas}.")
    shown = ", ".join(f"{role} {schema}" for role, schema in schemas.items())
    emit(schemas, json=json, render=lambda: text.format(schemas=shown).in_(language()))


@app.command(
    help=told(
        nb="Kjør mottaket til det får SIGTERM eller Ctrl-C; det som er i gang, gjøres ferdig.",
        en="Run the receiver until SIGTERM or Ctrl-C; what is under way is finished.",
    )
)
def serve(config: ConfigFile = CONFIG, *, json: JsonFlag = False) -> None:
    """One process a core on one socket, one that validates and one that ingests; a process that dies is started again."""
    settings = load_settings(config)
    from ktt.receiver.service import preflight
    from ktt.wiring.receiver import receiver_from

    with receiver_from(settings):  # every fault is told here once, and not by each process
        pass
    listener = preflight.listen(settings.listen.host, settings.listen.port)
    facts = {
        "address": "http://{}:{}".format(*listener.getsockname()[:2]),
        "base_url": settings.receiver.base_url,
        "environment": settings.receiver.environment,
        "processes": settings.listen.processes,
        "registry": settings.registry is not None,
    }
    with listener:
        if sys.platform == "win32":
            from ktt.cli.receiver.worker import serve as serve_here

            _say_ready(facts, json=json)
            serve_here(settings, listener, None)
        else:
            _supervise(settings, config, listener, facts, json=json)
    note(Text(nb="Mottaket er stoppet.", en="The receiver has stopped."))


def _supervise(
    settings: ServiceSettings, config: Path, listener: socket.socket, facts: dict[str, Any], *, json: bool
) -> None:
    from ktt.cli.receiver.worker import command
    from ktt.receiver.service.process_metrics import METRICS_FOLDER, forget_process, share_metrics
    from ktt.receiver.service.supervisor import Pace, Supervisor

    names = [f"mottak {number}" for number in range(1, settings.listen.processes + 1)]
    commands = {name: command("serve", config, listener.fileno()) for name in names}
    commands["kontroll"] = command("follow", config, None)
    if settings.registry is not None:
        commands["register"] = command("ingest", config, None)
    share_metrics(settings.store.key_folder.parent / METRICS_FOLDER)
    supervisor = Supervisor(
        commands,
        inherited={
            name: [listener.fileno()] for name in names
        },  # a process that held the socket and did not serve would block it
        pace=Pace(stop=settings.listen.stop_seconds + 5.0),
        on_ready=lambda: _say_ready(facts, json=json),
        on_stop=lambda: _stop_listening(listener),
        on_end=forget_process,
    )
    supervisor.run()


def _stop_listening(listener: socket.socket) -> None:
    """New connections are refused from now on, so that senders try elsewhere or later."""
    from ktt.receiver.service.systemd import tell_systemd

    listener.close()
    tell_systemd("STOPPING=1")


def _say_ready(facts: dict[str, Any], *, json: bool) -> None:
    from ktt.receiver.service.systemd import tell_systemd

    text = Text(
        nb="Mottaket {base_url} ({environment}) lytter på {address} med {processes:prosess|prosesser}. Stopp det med Ctrl-C.",
        en="The receiver {base_url} ({environment}) listens on {address} with {processes:process|processes}. Stop it with Ctrl-C.",
    )
    emit(facts, json=json, render=lambda: text.format(**facts).in_(language()))
    sys.stdout.flush()
    tell_systemd("READY=1")


app.command("discard", help=discard.HELP)(discard.discard)


@app.command(
    help=told(
        nb="Hvordan det står til: siste mottatte per enhet og type, antall i dag, kø til registeret, nøkler.",
        en="How it stands: last accepted per unit and type, counts today, what waits for the registry, keys.",
    )
)
def status(config: ConfigFile = CONFIG, *, json: JsonFlag = False) -> None:
    """Reads the database and the key folder, and probes the service, which need not run."""
    settings = load_settings(config)
    from ktt.receiver.access.access_list import AccessList
    from ktt.receiver.service import status as receiver_status
    from ktt.receiver.service.health_probe import probe
    from ktt.wiring.receiver import receiver_from, registry_position

    now = SystemClock().now()
    with receiver_from(settings) as receiver:
        store = receiver_status.database_status(receiver.database)
        ingested = None if receiver.registry is None else registry_position(receiver.registry)
        data = {
            "service": probe(settings.listen.host, settings.listen.port),
            "environment": settings.receiver.environment,
            "database": asdict(store),
            "registry_position": ingested,
            "waiting": None if ingested is None else store.position - ingested,
            "keys": [
                asdict(key) for key in receiver_status.key_ages(receiver.keys.stored(), now) if key.state != "destroyed"
            ],
            "units": [
                asdict(row)
                for row in receiver_status.received_by_unit(
                    receiver.database, AccessList(receiver.database).rights(), now
                )
            ],
        }
    emit(data, json=json, render=lambda: _status_view(data))


_SERVICE_STATES = {
    "ready": Text(nb="✓ kjører", en="✓ running"),
    "not ready": Text(nb="✗ kjører, men kan ikke ta imot", en="✗ running, but cannot take anything"),
    "not running": Text(nb="✗ kjører ikke", en="✗ not running"),
}


def _status_view(data: dict[str, Any]) -> RenderableType:
    from rich.console import Group

    store, keys = data["database"], data["keys"]
    left = max((key["days_left"] for key in keys if key["state"] in {"current", "overlapping"}), default=None)
    waits = "–" if data["waiting"] is None else str(data["waiting"])
    facts = [
        (Text(nb="Tjenesten", en="The service"), _SERVICE_STATES[data["service"]].in_(language())),
        (Text(nb="Miljø", en="Environment"), data["environment"]),
        (Text(nb="Database", en="Database"), f"{store['kind']}, {store['bytes'] / 2**20:,.1f} MiB"),
        (Text(nb="Meldinger i innboksen", en="Messages in the inbox"), str(store["inbox_messages"])),
        (Text(nb="Siste posisjon", en="Last position"), str(store["position"])),
        (Text(nb="Venter på registeret", en="Waiting for the registry"), waits),
        (Text(nb="Dager igjen på nøkkelen", en="Days left of the key"), "✗ 0" if left is None else str(left)),
    ]
    columns = (
        Text(nb="Enhet", en="Unit"),
        Text(nb="Type", en="Type"),
        Text(nb="Sist mottatt", en="Last accepted"),
        Text(nb="I dag", en="Today"),
        Text(nb="I alt", en="In all"),
        Text(nb="Posisjon", en="Position"),
    )
    never = Text(nb="aldri", en="never").in_(language())
    rows = [
        (
            row["unit"],
            row["message_type"],
            format_instant(row["last_at"]) or never,
            row["today"],
            row["total"],
            row["last_position"],
        )
        for row in data["units"]
    ]
    return Group(table(["", ""], [(name.in_(language()), value) for name, value in facts]), table(columns, rows))
