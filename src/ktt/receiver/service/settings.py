"""The file that a receiver is run from: what it is (`[receiver]`), where it listens, and where its data is."""

from __future__ import annotations

import json
import os
import sys

from pydantic import Field

from ktt.alarms.settings import AlarmSettings
from ktt.core.settings import DatabaseUrl, FilePath, SettingsFile, SettingsSection
from ktt.receiver.settings import ReceiverSettings

FILE = "mottak.toml"
PORT = 8792


class ListenSettings(SettingsSection):
    """Where it listens, in plain HTTP: TLS belongs to the gateway in front. Times in seconds."""

    host: str = "127.0.0.1"
    port: int = Field(default=PORT, ge=0, le=65535)
    workers: int = Field(default=0, ge=0, le=256)  # 0 is one a core
    requests: int = Field(default=256, ge=1)  # under way in one process; the next is answered 429
    stop_seconds: int = Field(default=30, ge=0, le=3600)  # for what is under way, when it is told to stop

    @property
    def processes(self) -> int:
        """How many processes serve. Windows cannot hand a listening socket over, so there it is one."""
        if sys.platform == "win32":
            return 1
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return self.workers or cores


class ReceiverStoreSettings(SettingsSection):
    """The receiver's database, the key that seals what is in it, and the folder of the keys that senders encrypt under."""

    url: DatabaseUrl = Field(repr=False)  # may hold a password
    key_file: FilePath
    key_folder: FilePath
    keep_days: int | None = Field(default=None, ge=1)  # content of messages, for `ktt mottak discard`; None: for ever


class RegistryStoreSettings(SettingsSection):
    """The registry that ingests accepted messages. Without this section they stay in the inbox."""

    url: DatabaseUrl = Field(repr=False)  # may hold a password
    key_file: FilePath
    identity_key_file: FilePath
    persons_a_day: int = Field(default=20, ge=1)  # that one may look at before it is an alarm
    contact: str | None = Field(default=None, max_length=200)  # whom a municipality answers, in letters about its case


class ServiceSettings(SettingsFile):
    """A receiver that can be run."""

    receiver: ReceiverSettings
    listen: ListenSettings = ListenSettings()
    store: ReceiverStoreSettings
    registry: RegistryStoreSettings | None = None
    alarms: AlarmSettings = AlarmSettings()  # of `ktt registry silent --alarm`


TEMPLATE = """\
# Mottaket for KTT. Skrevet av «ktt mottak init». Stier er i forhold til denne filen.
# Hold filen lukket (0600) når databaseadressen har et passord; eller la passordet stå i ~/.pgpass.

[receiver]
environment = {environment}
base_url = {base_url}       # adressen slik avsenderne ser den; bevisene deres gjelder nøyaktig denne
issuer = {issuer}
# audience = "fhi:slash.mottak"
# scope = "fhi:slash.mottak/all"
# extra_htu = []            # flere hele adresser til /message, for avsendere bak en annen sti
# gateways = ["127.0.0.1"]  # porter foran hvis X-Forwarded-For er sann; ellers teller portens egen adresse
# packs = ["ktt_v1"]        # meldingspakkene som tas imot, ved navn eller mappe
# require_nonce = false     # FHIs egen klient kan ikke følge en nonce herfra
# key_days = 180            # hvor lenge en ny mottaksnøkkel varer
# key_overlap_days = 14     # hvor lenge den gamle og den nye gjelder samtidig

[listen]
host = {host}               # ren HTTP; TLS hører hjemme i porten foran
port = {port}
workers = {workers}         # 0 er én prosess per kjerne
# requests = 256            # samtidige forespørsler i én prosess; de neste får 429
# stop_seconds = 30         # så lenge får det som er i gang, når tjenesten stoppes

[store]
url = {url}
key_file = "receiver.vault"
key_folder = "receiver-keys"
# keep_days = 400           # så lenge beholdes meldingenes innhold; «ktt mottak discard» sletter det som er eldre
"""
REGISTRY_TEMPLATE = """
[registry]                  # ta bort denne delen for et mottak som bare samler
url = {url}
key_file = "registry.vault"
identity_key_file = "identity.vault"
# persons_a_day = 20        # så mange personer kan én se på samme dag før det varsles
# contact = "kpr@example.no" # hvem kommunen svarer, i brev om oppfølgingssaker

# [alarms.webhook]          # hvem «ktt registry silent --alarm» varsler når en enhet blir stille, og når det er over
# url = "https://varsler.example.no/ktt"
# secret_file = "alarm.secret"
"""


def render(values: dict[str, object], registry_url: str | None) -> str:
    """The settings file. Text and numbers are written alike in TOML and JSON."""
    shown = {name: json.dumps(value, ensure_ascii=False) for name, value in values.items()}
    text = TEMPLATE.format(**shown)
    return text if registry_url is None else text + REGISTRY_TEMPLATE.format(url=json.dumps(registry_url))
