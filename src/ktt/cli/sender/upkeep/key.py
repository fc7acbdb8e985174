"""`ktt key`: the client's private key at HelseID, made, looked at and exchanged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.sender.options import CONFIG, ConfigFile, load_settings
from ktt.cli.show import JsonFlag, emit, language, note, told
from ktt.core.clock import OSLO, SystemClock
from ktt.core.errors import EXIT_NOT_MET
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.sender.keys.rotation import Rotation

app = typer.Typer(add_completion=False)


class _Kind(StrEnum):
    rsa_3072 = "RSA-3072"
    rsa_4096 = "RSA-4096"
    p_256 = "P-256"
    p_384 = "P-384"


_KindOption = Annotated[
    _Kind, typer.Option("--kind", help=told(nb="Hva slags nøkkel som lages.", en="The kind of key that is made."))
]
_Until = Annotated[
    dt.datetime | None,
    typer.Option(
        "--expires",
        formats=["%Y-%m-%d"],
        help=told(
            nb="Siste dag nøkkelen gjelder, slik HelseID Selvbetjening sier det. Standard: om 365 dager, eller når sertifikatet utløper.",
            en="The last day of the key, as HelseID Selvbetjening says. Without: in 365 days, or when the certificate expires.",
        ),
    ),
]
_Import = Annotated[
    Path | None,
    typer.Option(
        "--import",
        metavar=told(nb="FIL.p12", en="FILE.p12"),
        help=told(
            nb="Hent nøkkelen fra en PKCS#12-fil i stedet for å lage en.",
            en="Take the key from a PKCS#12 file, making none.",
        ),
    ),
]
_PasswordFile = Annotated[
    Path | None,
    typer.Option(
        "--password-file",
        help=told(
            nb="Filen med passordet til PKCS#12-filen. Uten den blir dere spurt.",
            en="The file with the password of the PKCS#12 file. Without it you are asked.",
        ),
    ),
]
_Public = Annotated[
    Path | None,
    typer.Option(
        "--public",
        help=told(
            nb="Skriv den offentlige delen til denne filen i tillegg.", en="Also write the public part to this file."
        ),
    ),
]
_KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        help=told(
            nb="Hvor den private nøkkelen legges. Standard: «helseid.key_file» i innstillingene.",
            en="Where the private key is put. Without: `helseid.key_file` in the settings.",
        ),
    ),
]


@app.command(
    help=told(
        nb="Lag den første nøkkelen, og vis den offentlige delen som registreres i HelseID Selvbetjening.",
        en="Make the first key, and show the public part that is registered in HelseID Selvbetjening.",
    )
)
def new(
    config: ConfigFile = CONFIG,
    *,
    key_file: _KeyFile = None,
    kind: _KindOption = _Kind.rsa_4096,
    import_: _Import = None,
    password_file: _PasswordFile = None,
    expires: _Until = None,
    public: _Public = None,
    json: JsonFlag = False,
) -> None:
    """The private part is written to a 0600 file and never shown; a file that is there is never written over."""
    path = key_file or load_settings(config).helseid.key_file
    from ktt.sender.keys.errors import KeyThere
    from ktt.sender.keys.make import write_key

    if path.exists():
        raise KeyThere(path=path)
    shown = write_key(path, _maker(kind, import_, password_file, expires)())
    _write_public(public, shown)
    emit({"file": path, "public": shown}, json=json, render=lambda: _as_json(shown))
    if not json:
        note(_MADE.format(path=path))


@app.command(
    help=told(
        nb="Vis hvilken nøkkel som er i bruk, og hvor mange dager den har igjen. Varsler ved 60, 30 og 7 dager.",
        en="Say which key is in use, and how many days it has left. Warns at 60, 30 and 7 days.",
    )
)
def status(config: ConfigFile = CONFIG, *, json: JsonFlag = False) -> None:
    """Exits with 4 when something is to be done, and with 15 when it is urgent."""
    settings = load_settings(config)
    from ktt.cli.sender.upkeep.key_report import status_shown
    from ktt.sender.keys.status import key_status

    now = SystemClock().now()
    found = key_status(settings.helseid.key_file, now)
    emit(found.as_data(now), json=json, render=lambda: status_shown(found, now))
    raise typer.Exit(found.exit_code)


@app.command(
    help=told(
        nb="Bytt nøkkel: lag den neste, og ta den i bruk når HelseID godtar den. Kjør kommandoen to ganger.",
        en="Exchange the key: make the next, and take it into use when HelseID accepts it. Run the command twice.",
    )
)
def rotate(
    config: ConfigFile = CONFIG,
    *,
    kind: _KindOption = _Kind.rsa_4096,
    import_: _Import = None,
    password_file: _PasswordFile = None,
    expires: _Until = None,
    public: _Public = None,
    json: JsonFlag = False,
) -> None:
    """The old key is in use until the new one is accepted; `ktt daily` tries the new one first as well."""
    settings = load_settings(config)
    from ktt.wiring.sender import rotated_key

    step = rotated_key(settings, _maker(kind, import_, password_file, expires))
    _write_public(public, step.public)
    emit(
        {"step": step.step, "reason": step.reason, "public": step.public},
        json=json,
        render=lambda: _as_json(step.public),
    )
    if not json:
        note(_rotation_words(step))
    raise typer.Exit(0 if step.step != "waiting" else EXIT_NOT_MET)


@app.command(
    help=told(
        nb="Registrer siste dag nøkkelen gjelder, slik HelseID Selvbetjening viser den.",
        en="Enter the last day of the key, as HelseID Selvbetjening shows it.",
    )
)
def expiry(
    day: Annotated[
        dt.datetime,
        typer.Argument(
            metavar=told(nb="DAG", en="DAY"),
            formats=["%Y-%m-%d"],
            help=told(nb="Den siste dagen nøkkelen gjelder, som ÅÅÅÅ-MM-DD.", en="The key's last day, as YYYY-MM-DD."),
        ),
    ],
    config: ConfigFile = CONFIG,
    *,
    json: JsonFlag = False,
) -> None:
    """The key itself stays as it is; only the date beside it is written."""
    settings = load_settings(config)
    from ktt.cli.sender.upkeep.key_report import status_shown
    from ktt.sender.keys.status import key_status, set_expiry

    set_expiry(settings.helseid.key_file, _end_of(day))
    now = SystemClock().now()
    found = key_status(settings.helseid.key_file, now)
    emit(found.as_data(now), json=json, render=lambda: status_shown(found, now))


_MADE = Text(
    nb="Den private nøkkelen ligger i «{path}» og skal aldri sendes noe sted. Registrer den offentlige delen over i HelseID Selvbetjening.",
    en="The private key is in “{path}” and must never be sent anywhere. Register the public part above in HelseID Selvbetjening.",
)
_STEPS = {
    "made": Text(
        nb="Den neste nøkkelen er laget, og den gamle er i bruk til HelseID godtar den. Registrer den offentlige delen over i HelseID Selvbetjening. Neste «ktt daily» tar den i bruk av seg selv; «ktt key rotate» prøver med en gang.",
        en="The next key is made, and the old one is in use until HelseID accepts it. Register the public part above in HelseID Selvbetjening. The next `ktt daily` takes it into use by itself; `ktt key rotate` tries at once.",
    ),
    "waiting": Text(
        nb="HelseID godtar ikke den nye nøkkelen ennå ({reason}). Den gamle er i bruk. Er den offentlige delen over registrert?",
        en="HelseID does not accept the new key yet ({reason}). The old one is in use. Is the public part above registered?",
    ),
    "done": Text(
        nb="HelseID godtar den nye nøkkelen, og den er i bruk. Fjern den gamle fra HelseID Selvbetjening, og slett filen som slutter på «.old».",
        en="HelseID accepts the new key, and it is in use. Remove the old one from HelseID Selvbetjening, and delete the file that ends in `.old`.",
    ),
}


def _rotation_words(step: Rotation) -> Text:
    return _STEPS[step.step].format(reason=step.reason or "")


def _maker(
    kind: _Kind, imported: Path | None, password_file: Path | None, expires: dt.datetime | None
) -> Callable[[], Mapping[str, Any]]:
    """What makes the key, once it is known that one is to be made: only then is a password asked for."""
    from ktt.sender.keys.make import LIFETIME, imported_key, made_key

    until = None if expires is None else _end_of(expires)

    def make() -> Mapping[str, Any]:
        now = SystemClock().now()
        if imported is None:
            return made_key(kind.value, now, until or now + LIFETIME)
        return imported_key(imported, _password(password_file), now, until)

    return make


def _password(file: Path | None) -> bytes | None:
    """From a file or from the keyboard, never from the command line, which every user of the machine can read."""
    from ktt.core.os_faults import os_reason
    from ktt.sender.keys.errors import PasswordUnreadable

    if file is None:
        asked = Text(nb="Passord til PKCS#12-filen", en="Password of the PKCS#12 file").in_(language())
        return str(typer.prompt(asked, hide_input=True, default="", show_default=False, err=True)).encode() or None
    try:
        return file.read_bytes().rstrip(b"\r\n") or None
    except OSError as fault:
        raise PasswordUnreadable(path=file, reason=os_reason(fault)) from fault


def _end_of(day: dt.datetime) -> dt.datetime:
    """The end of a day in Norway."""
    return (day + dt.timedelta(days=1)).replace(tzinfo=OSLO).astimezone(dt.UTC) - dt.timedelta(seconds=1)


def _as_json(members: Mapping[str, Any]) -> str:
    import orjson

    return orjson.dumps(members, option=orjson.OPT_INDENT_2).decode()


def _write_public(path: Path | None, members: Mapping[str, Any]) -> None:
    if path is None:
        return
    from ktt.cli.errors import PageUnwritable
    from ktt.core.os_faults import os_reason

    try:
        path.write_text(_as_json(members) + "\n", encoding="utf-8")
    except OSError as fault:
        raise PageUnwritable(file=path, reason=os_reason(fault)) from fault
