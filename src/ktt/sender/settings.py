"""The settings of a sender: who reports, from which source, with which keys, to which receiver."""

from __future__ import annotations

from pydantic import Field

from ktt.alarms.settings import AlarmSettings
from ktt.core.settings import DatabaseUrl, Environment, FilePath, PackName, SettingsFile, SettingsSection
from ktt.domain.unit import ReportingUnit


class UnitSettings(SettingsSection):
    """Who reports. Numbers are text."""

    organisation: str = Field(pattern=r"^[0-9]{9}$")
    municipality: str = Field(pattern=r"^[0-9]{4}$")
    district: str | None = Field(default=None, pattern=r"^[0-9]{2}$")

    @property
    def reporting_unit(self) -> ReportingUnit:
        """The unit that these numbers name."""
        return ReportingUnit(self.organisation, self.municipality, self.district)


class SourceSettings(SettingsSection):
    """Where the record system is, and the mapping file that explains it."""

    url: DatabaseUrl = Field(repr=False)  # may hold a password
    mapping: FilePath


class StoreSettings(SettingsSection):
    """A database of ours and the file with the key that seals what is in it."""

    url: DatabaseUrl = Field(repr=False)  # may hold a password
    key_file: FilePath


class HelseIdSettings(SettingsSection):
    """The client at HelseID. `key_file` holds the private JWK (mode 0600)."""

    authority: str
    client_id: str
    key_file: FilePath
    scope: str | None = "fhi:slash.mottak/all"
    multi_tenant: bool = False
    child_organisation: str | None = Field(default=None, pattern=r"^[0-9]{9}$")  # business unit below the client's own


class ReceiverAddress(SettingsSection):
    """The receiver that the messages are sent to."""

    base_url: str


class SoftwareSettings(SettingsSection):
    """What the five `x-*` headers say, all printable ASCII."""

    vendor: str
    system: str
    version: str


class NetworkSettings(SettingsSection):
    """The way out. Without `proxy` that of `HTTPS_PROXY`; an empty one goes straight out whatever the environment says."""

    proxy: str | None = Field(default=None, repr=False)  # may hold a password
    no_proxy: tuple[str, ...] = ()


class SenderSettings(SettingsFile):
    """Everything a sender of one reporting unit needs."""

    environment: Environment
    packs: tuple[PackName, ...] = ("ktt_v1",)  # of these, the one that is in use and came last is written
    unit: UnitSettings
    source: SourceSettings
    store: StoreSettings
    helseid: HelseIdSettings
    mottak: ReceiverAddress
    software: SoftwareSettings
    alarms: AlarmSettings = AlarmSettings()
    network: NetworkSettings = NetworkSettings()
