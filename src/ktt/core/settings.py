"""One frozen settings object per role, read from a TOML file. A setting that is unknown is refused by name."""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ktt.core.errors import EXIT_USAGE, KttError
from ktt.core.text import Text

Environment = Literal["sandbox", "et", "qa", "production"]


class SettingsFileUnreadable(KttError):
    """The settings file is missing or not TOML."""

    code, exit_code = "KTT-CFG-01", EXIT_USAGE
    what = Text(
        nb="Innstillingsfilen «{path}» kan ikke leses: {reason}.",
        en="The settings file “{path}” cannot be read: {reason}.",
    )
    remedy = Text(
        nb="Oppgi riktig fil med «--config», eller rett TOML-feilen på linjen som er nevnt.",
        en="Name the right file with `--config`, or correct the TOML fault on the line that is named.",
    )


class SettingWrong(KttError):
    """A setting is missing, unknown or has a value that cannot be used."""

    code, exit_code = "KTT-CFG-02", EXIT_USAGE
    what = Text(
        nb="Innstillingen «{setting}» i «{path}» er feil: {reason}.",
        en="The setting “{setting}” in “{path}” is wrong: {reason}.",
    )
    remedy = Text(nb="Rett den i filen.{hint_nb}", en="Correct it in the file.{hint_en}")


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class UnitSettings(_Section):
    """Who reports. Numbers are text."""

    organisation: str = Field(pattern=r"^[0-9]{9}$")
    municipality: str = Field(pattern=r"^[0-9]{4}$")
    district: str | None = Field(default=None, pattern=r"^[0-9]{2}$")


class SourceSettings(_Section):
    """Where the record system is, and the mapping file that explains it."""

    url: str = Field(repr=False)  # may hold a password
    mapping: Path


class StoreSettings(_Section):
    """A database of ours and the file with the key that seals what is in it."""

    url: str = Field(repr=False)  # may hold a password
    key_file: Path


class HelseIdSettings(_Section):
    """The client at HelseID. `key_file` holds the private JWK (mode 0600)."""

    authority: str
    client_id: str
    key_file: Path
    scope: str | None = "fhi:slash.mottak/all"
    multi_tenant: bool = False
    child_organisation: str | None = Field(default=None, pattern=r"^[0-9]{9}$")  # business unit below the client's own


class MottakSettings(_Section):
    """The registry's door."""

    base_url: str


class SoftwareSettings(_Section):
    """What the five `x-*` headers say, all printable ASCII."""

    vendor: str
    system: str
    version: str


class SettingsFile(_Section):
    """A whole file of settings."""

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the TOML file; relative paths in it are relative to the file's own folder."""
        try:
            raw = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as fault:
            raise SettingsFileUnreadable(path=path, reason=fault.strerror) from fault
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            raise SettingsFileUnreadable(path=path, reason=str(fault)) from fault
        try:
            return cls.model_validate(_resolve(raw, path.parent))
        except ValidationError as fault:
            raise _explain(cls, path, fault) from fault


class SenderSettings(SettingsFile):
    """Everything a sender of one reporting unit needs."""

    environment: Environment
    unit: UnitSettings
    source: SourceSettings
    store: StoreSettings
    helseid: HelseIdSettings
    mottak: MottakSettings
    software: SoftwareSettings


class SandboxSettings(SettingsFile):
    """A complete local world: HelseID, receiver and registry in one process on loopback."""

    folder: Path
    helseid_port: int = Field(default=8790, ge=0, le=65535)
    mottak_port: int = Field(default=8791, ge=0, le=65535)
    require_nonce: bool = True
    token_seconds: int = Field(default=60, gt=30)
    database_url: str | None = None  # default: SQLite in the folder


def _resolve(raw: dict[str, object], folder: Path) -> dict[str, object]:
    """Make file paths absolute, and SQLite addresses relative to the settings file, so that a run may start anywhere."""
    resolved: dict[str, object] = {}
    for name, value in raw.items():
        if isinstance(value, dict):
            resolved[name] = _resolve(value, folder)
        elif name in {"key_file", "identity_key_file", "key_folder", "mapping", "folder"} and isinstance(value, str):
            resolved[name] = folder.absolute() / value
        elif isinstance(value, str) and value.startswith("sqlite:///") and not value.startswith("sqlite:////"):
            resolved[name] = f"sqlite:///{folder.absolute() / value.removeprefix('sqlite:///')}"
        else:
            resolved[name] = value
    return resolved


def _explain(model: type[BaseModel], path: Path, fault: ValidationError) -> SettingWrong:
    first = fault.errors(include_url=False, include_input=False)[0]
    setting = ".".join(str(part) for part in first["loc"])
    near = (
        difflib.get_close_matches(str(first["loc"][-1]), _names(model), n=1)
        if first["type"] == "extra_forbidden"
        else []
    )
    return SettingWrong(
        path=path,
        setting=setting,
        reason=first["msg"],
        hint_nb=f" Mente du «{near[0]}»?" if near else "",
        hint_en=f" Did you mean “{near[0]}”?" if near else "",
    )


def _names(model: type[BaseModel]) -> list[str]:
    names: list[str] = []
    for name, field in model.model_fields.items():
        names.append(name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            names += _names(field.annotation)
    return names
