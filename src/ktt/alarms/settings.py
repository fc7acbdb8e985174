"""The settings of the channels: where alarms are told."""

from __future__ import annotations

from pydantic import Field

from ktt.core.settings import FilePath, SettingsSection


class WebhookSettings(SettingsSection):
    """Where alarms are posted. `secret_file` holds the secret that signs them (mode 0600)."""

    url: str = Field(repr=False)  # many services put their secret into it
    secret_file: FilePath


class EmailSettings(SettingsSection):
    """The mail server for alarms, spoken to over STARTTLS. `ca_file` is trusted instead of the system's store."""

    host: str
    port: int = 587
    sender: str
    recipients: tuple[str, ...] = Field(min_length=1)
    user: str | None = None
    password_file: FilePath | None = None
    ca_file: FilePath | None = None


class AlarmSettings(SettingsSection):
    """By which ways alarms are told; none without them."""

    webhook: WebhookSettings | None = None
    email: EmailSettings | None = None
