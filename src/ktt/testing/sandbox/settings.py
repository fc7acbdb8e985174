"""The settings of a sandbox."""

from __future__ import annotations

from pydantic import Field

from ktt.core.settings import DatabaseUrl, FilePath, PackName, SettingsFile


class SandboxSettings(SettingsFile):
    """A complete local world: HelseID, receiver and registry in one process on loopback."""

    folder: FilePath
    helseid_port: int = Field(default=8790, ge=0, le=65535)
    mottak_port: int = Field(default=8791, ge=0, le=65535)
    console_port: int | None = Field(default=None, ge=0, le=65535)  # default: 8789, or a free one when it is taken
    packs: tuple[PackName, ...] = ("ktt_v1",)
    require_nonce: bool = True
    token_seconds: int = Field(default=60, gt=30)
    database_url: DatabaseUrl | None = Field(default=None, repr=False)  # default: SQLite in the folder
