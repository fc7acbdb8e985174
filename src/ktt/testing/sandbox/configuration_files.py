"""The configuration files that the sandbox writes: for any client, for FHI's client, and for our own sender."""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

from ktt.domain.unit import ReportingUnit
from ktt.storage.vault import replace_secret, write_secret
from ktt.testing.sandbox.helseid.credentials import Credentials
from ktt.wire import headers


def client_config(
    unit: ReportingUnit, client: Credentials, helseid: str, token_url: str, mottak: str
) -> dict[str, Any]:
    """What a client needs to send for the unit, also one that shares no code with ours."""
    return {
        "helseid": {
            "authority": helseid,
            "token_endpoint": token_url,
            "client_id": client.client_id,
            "scope": headers.SCOPE,
            "private_jwk": client.private_jwk,
        },
        "mottak": {"base_url": mottak},
        "unit": {"orgnr": unit.organisation, "kommunenr": unit.municipality, "bydelnr": unit.district},
    }


def write_json(path: Path, content: dict[str, Any]) -> None:
    """A 0600 file, replaced in one step; KeyFileUnwritable when it cannot be."""
    replace_secret(path, json.dumps(content, indent=2).encode() + b"\n")


def write_sender(folder: Path, config: dict[str, Any], epj: Path | None, *, multi_tenant: bool = False) -> Path:
    """A `sender.toml` that is ready to run, its client key, and the key of its store; the settings file's path.

    Without a record system the source is one that `ktt synth epj --out epj` would write beside the file.
    """
    source = epj.absolute() if epj is not None else folder.absolute() / "epj"
    replace_secret(folder / "client.key", json.dumps(config["helseid"]["private_jwk"]).encode())
    with suppress(
        FileExistsError
    ):  # the key of a store that is there, or of another message that is sent at this moment
        write_secret(folder / "store.key", secrets.token_hex(32).encode())
    settings = folder / "sender.toml"
    replace_secret(settings, _toml(_sections(config, source, multi_tenant=multi_tenant)).encode())
    return settings


def write_fhi_client(folder: Path, config: dict[str, Any]) -> Path:
    """`appsettings.json` and `client.json` as FHI's command-line client reads them; the folder.

    The forms are those of the recorded client (`ktt.testing.conformance.golden`).
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    helseid = config["helseid"]
    write_json(folder / "appsettings.json", _appsettings(config))
    client = {
        "clientName": "ktt sandbox",
        "authority": helseid["authority"],
        "clientId": helseid["client_id"],
        "grantTypes": ["client_credentials"],
        "scopes": [helseid["scope"]],
        "secretType": "private_key_jwt:RsaPrivateKeyJwtSecret",
        "rsaPrivateKey": "",
        "rsaKeyExpiryDate": "01.01.9999",
        "rsaKeySizeBits": 2048,
        "privateJwk": json.dumps(helseid["private_jwk"]),
    }
    write_json(folder / "client.json", client)
    return folder


def _appsettings(config: dict[str, Any]) -> dict[str, Any]:
    return {
        "SlashBaseUrl": config["mottak"]["base_url"],
        "SenderVendorName": "Prove AS",
        "SenderSoftwareName": "ProveEPJ",
        "SenderSoftwareVersion": "1.0",
        "SenderExportSoftwareVersion": "1.0",
        "HelseIdOpenIdConfigurationUrl": config["helseid"]["authority"] + "/.well-known/openid-configuration",
        "HelseIdClientId": config["helseid"]["client_id"],
        "HelseIdCertificateThumbprint": "",
        "HelseIdCertificatePath": "",
        "HelseIdCertificatePassword": "",
        "HelseIdClientJsonFilePath": "client.json",
        "Logging": {"LogLevel": {"Default": "Warning"}},
    }


def _sections(
    config: dict[str, Any], source: Path, *, multi_tenant: bool
) -> dict[str, dict[str, str | bool | list[str] | None]]:
    helseid, unit = config["helseid"], config["unit"]
    return {
        "": {"environment": "sandbox", "packs": config.get("packs")},
        "unit": {"organisation": unit["orgnr"], "municipality": unit["kommunenr"], "district": unit["bydelnr"]},
        "source": {"url": f"sqlite:///{source / 'epj.sqlite'}", "mapping": str(source / "mapping.toml")},
        "store": {"url": "sqlite:///outbox.sqlite", "key_file": "store.key"},
        "helseid": {
            "authority": helseid["authority"],
            "client_id": helseid["client_id"],
            "key_file": "client.key",
            "scope": helseid["scope"],
            "multi_tenant": multi_tenant,
        },
        "mottak": {"base_url": config["mottak"]["base_url"]},
        "software": {"vendor": "ktt", "system": "ktt synth", "version": "1"},
    }


def _toml(sections: dict[str, dict[str, str | bool | list[str] | None]]) -> str:
    """The sections as TOML. Values are texts, truth values and lists of texts only, which TOML and JSON write alike."""
    lines: list[str] = []
    for name, values in sections.items():
        lines += [f"\n[{name}]"] if name else []
        lines += [f"{key} = {json.dumps(value)}" for key, value in values.items() if value is not None]
    return "\n".join(lines) + "\n"
