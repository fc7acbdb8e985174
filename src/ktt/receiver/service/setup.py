"""Setting up a receiver in a folder: settings, vaults, and the first key. Nothing that exists is ever overwritten."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from ktt.core.clock import Clock
from ktt.core.settings import Environment
from ktt.receiver.keys.key_store import KeyStore
from ktt.receiver.service.errors import AddressNeeded, AlreadySetUp
from ktt.receiver.service.settings import FILE, ServiceSettings, render
from ktt.storage.vault import Vault, replace_secret, write_secret

ISSUERS: dict[Environment, str] = {  # helseid § 1; the sandbox's own, where `ktt sandbox up` puts it
    "sandbox": "http://127.0.0.1:8790",
    "et": "https://helseid-sts.test.nhn.no",
    "qa": "https://helseid-sts.test.nhn.no",
    "production": "https://helseid-sts.nhn.no",
}


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices of a set-up. Without a database it is SQLite in the folder."""

    environment: Environment
    base_url: str | None
    issuer: str | None
    host: str
    port: int
    workers: int
    database_url: str | None = field(repr=False)  # may hold a password
    registry: bool


def write_draft(folder: Path, choices: Choices) -> Path:
    """The settings as a draft beside their final name; AlreadySetUp, AddressNeeded, or a fault of a setting."""
    final = folder / FILE
    if final.exists():
        raise AlreadySetUp(path=final)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder / f".{FILE}.draft"
    replace_secret(draft, _text(choices).encode())
    return draft


def make_secrets(settings: ServiceSettings, clock: Clock) -> list[Path]:
    """Vaults and the first key of the receiver, where they are missing; the files that were made."""
    places = [settings.store.key_file]
    if settings.registry is not None:
        places += [settings.registry.key_file, settings.registry.identity_key_file]
    made = [path for path in places if not path.exists()]
    vaults = [Vault.from_file(path, create=True) for path in places]
    receiver, folder = settings.receiver, settings.store.key_folder
    keys = KeyStore(folder, vaults[0], clock)
    known = {key.public.id for key in keys.stored()}
    keys.ensure(dt.timedelta(days=receiver.key_days), dt.timedelta(days=receiver.key_overlap_days))
    return made + [folder / f"{key.public.id}.key" for key in keys.stored() if key.public.id not in known]


def commit_draft(draft: Path) -> Path:
    """Give the draft its final name: from now on the receiver is set up."""
    final = draft.with_name(FILE)
    try:
        write_secret(final, draft.read_bytes())
    except FileExistsError as fault:
        raise AlreadySetUp(path=final) from fault
    finally:
        draft.unlink()
    return final


def _text(choices: Choices) -> str:
    if choices.base_url is None and choices.environment != "sandbox":
        raise AddressNeeded(environment=choices.environment)
    return render(
        {
            "environment": choices.environment,
            "base_url": choices.base_url or f"http://127.0.0.1:{choices.port}",
            "issuer": choices.issuer or ISSUERS[choices.environment],
            "host": choices.host,
            "port": choices.port,
            "workers": choices.workers,
            "url": choices.database_url or "sqlite:///receiver.sqlite",
        },
        (choices.database_url or "sqlite:///registry.sqlite") if choices.registry else None,
    )
