"""The examination: every check in its order. One that depends on a bad one is not tried, and all others are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ktt.core.errors import EXIT_ACCESS, KttError
from ktt.core.text import Text
from ktt.sender.client.address import base_url
from ktt.sender.client.factory import named_software
from ktt.sender.client.proxy import proxy_route
from ktt.sender.doctor import (
    helseid_checks,
    network_checks,
    receiver_checks,
    schedule_checks,
    source_checks,
    store_checks,
)
from ktt.sender.doctor.line import Line, NotNeeded, Who, Wrong, wrong_by
from ktt.sender.doctor.patient import Patient
from ktt.sender.keys.status import key_status
from ktt.sender.settings import SenderSettings

_WORST = (1, 2, 16, 17, 15, 14, 11, 10, 4)
"""Exit codes, the worst first: what is wrong nearest to this machine is mended first."""

_BECAUSE = Text(nb="ikke prøvd, fordi «{title}» ikke er i orden", en="not tried, because “{title}” is not in order")
_UNFORESEEN = Text(nb="Noe uventet gikk galt ({kind}).", en="Something unforeseen went wrong ({kind}).")
_REPORT = Text(nb="Meld feilen, med det som står her.", en="Report the fault, with what stands here.")


@dataclass(frozen=True, slots=True)
class Check:
    """One link: what it is called, which others it needs, who acts on a known fault in it, and how it is looked at."""

    name: str
    title: Text
    who: Who
    run: Callable[[Patient], Text]
    needs: tuple[str, ...] = field(default=("settings",))


@dataclass(frozen=True, slots=True)
class Examination:
    """Every line, in order."""

    lines: tuple[Line, ...]

    @property
    def exit_code(self) -> int:
        """0 when nothing is bad; else the class of the worst line."""
        found = {line.exit_code for line in self.lines if line.state == "bad"}
        return next((code for code in _WORST if code in found), max(found, default=0))

    def as_data(self) -> dict[str, Any]:
        """The examination as plain data."""
        return {"exit_code": self.exit_code, "lines": [line.as_data() for line in self.lines]}


def examine(patient: Patient) -> Examination:
    """Look at everything. No fault leaves this function."""
    lines: dict[str, Line] = {}
    try:
        for check in CHECKS:
            lines[check.name] = _line(check, patient, lines)
    finally:
        patient.close()
    return Examination(tuple(lines.values()))


def _line(check: Check, patient: Patient, before: dict[str, Line]) -> Line:
    for needed in check.needs:
        if before[needed].state in {"bad", "blocked"}:
            because = _BECAUSE.format(title=before[needed].title)
            return Line(check.name, check.title, "blocked", because)
    try:
        return Line(check.name, check.title, "good", check.run(patient))
    except NotNeeded as nothing:
        return Line(check.name, check.title, "not_needed", nothing.because)
    except Wrong as wrong:
        return _bad(check, wrong)
    except KttError as fault:
        return _bad(check, wrong_by(fault, check.who), fault.code)
    except Exception as fault:  # noqa: BLE001 - the others are looked at all the same
        return _bad(
            check, Wrong(_UNFORESEEN.format(kind=type(fault).__name__), _REPORT, who="municipality", exit_code=1)
        )


def _bad(check: Check, wrong: Wrong, code: str | None = None) -> Line:
    who = wrong.who or check.who
    return Line(check.name, check.title, "bad", wrong.says, wrong.remedy, who, wrong.exit_code, code)


def _settings(patient: Patient) -> Text:
    settings = patient.load(patient.file)
    for address, name in (
        (settings.helseid.authority, "helseid.authority"),
        (settings.mottak.base_url, "mottak.base_url"),
    ):
        base_url(address, name)
    named_software(settings)
    patient.known = settings
    says = Text(nb="enhet {unit}, miljø {environment}", en="unit {unit}, environment {environment}")
    return says.format(unit=settings.unit.reporting_unit.key, environment=settings.environment)


def _key(patient: Patient) -> Text:
    """The key and its days; that it expires soon stops nothing yet, so what needs the key is looked at all the same."""
    key_status(patient.settings.helseid.key_file, patient.clock.now())
    return Text(nb="kan leses, og bare av eieren", en="can be read, and by its owner alone")


def _key_days(patient: Patient) -> Text:
    found = key_status(patient.settings.helseid.key_file, patient.clock.now())
    if found.level != "good":
        raise Wrong(found.says, found.remedy, who="municipality", exit_code=found.exit_code or EXIT_ACCESS)
    return found.says


def _proxy(patient: Patient) -> Text:
    patient.route = proxy_route(patient.settings.network, patient.environment)
    return network_checks.check_proxy(patient)


def _at_helseid(check: Callable[[Patient, str, Who], Text]) -> Callable[[Patient], Text]:
    return lambda patient: check(patient, patient.settings.helseid.authority, "nhn")


def _at_receiver(check: Callable[[Patient, str, Who], Text]) -> Callable[[Patient], Text]:
    return lambda patient: check(patient, patient.settings.mottak.base_url, "fhi")


def _clock(which: Callable[[SenderSettings], str], patient: Patient) -> Text:
    return network_checks.check_clock(patient, which(patient.settings))


_HELSEID, _RECEIVER = ("proxy", "name-helseid", "tls-helseid"), ("proxy", "name-receiver", "tls-receiver")
CHECKS: tuple[Check, ...] = (
    Check("settings", Text(nb="Innstillingene", en="Settings"), "municipality", _settings, needs=()),
    Check("key", Text(nb="Klientnøkkelen", en="Client key"), "municipality", _key),
    Check(
        "key-days", Text(nb="Klientnøkkelens utløp", en="Expiry of the client key"), "municipality", _key_days, ("key",)
    ),
    Check("proxy", Text(nb="Mellomtjeneren", en="Proxy"), "municipality", _proxy),
    Check(
        "name-helseid",
        Text(nb="Navnet til HelseID", en="HelseID's name"),
        "municipality",
        _at_helseid(network_checks.check_name),
        ("proxy",),
    ),
    Check(
        "tls-helseid",
        Text(nb="Sertifikatet til HelseID", en="HelseID's certificate"),
        "nhn",
        _at_helseid(network_checks.check_certificate),
        ("proxy", "name-helseid"),
    ),
    Check("discovery", Text(nb="HelseID", en="HelseID"), "nhn", helseid_checks.check_discovery, ("key", *_HELSEID)),
    Check(
        "clock-helseid",
        Text(nb="Klokka mot HelseID", en="Clock by HelseID"),
        "municipality",
        partial(_clock, lambda s: s.helseid.authority),
        ("discovery",),
    ),
    Check(
        "token",
        Text(nb="Tokenet", en="Token"),
        "municipality",
        helseid_checks.check_token,
        ("discovery", "clock-helseid"),
    ),
    Check(
        "name-receiver",
        Text(nb="Navnet til mottaket", en="The receiver's name"),
        "municipality",
        _at_receiver(network_checks.check_name),
        ("proxy",),
    ),
    Check(
        "tls-receiver",
        Text(nb="Sertifikatet til mottaket", en="The receiver's certificate"),
        "fhi",
        _at_receiver(network_checks.check_certificate),
        ("proxy", "name-receiver"),
    ),
    Check("keys", Text(nb="Mottakets nøkler", en="The receiver's keys"), "fhi", receiver_checks.check_keys, _RECEIVER),
    Check(
        "clock-receiver",
        Text(nb="Klokka mot mottaket", en="Clock by the receiver"),
        "municipality",
        partial(_clock, lambda s: s.mottak.base_url),
        ("keys",),
    ),
    Check(
        "message",
        Text(nb="Prøvemeldingen", en="Trial message"),
        "fhi",
        receiver_checks.check_dry_message,
        ("token", "keys", "clock-receiver"),
    ),
    Check("mapping", Text(nb="Koblingsfilen", en="Mapping file"), "vendor", source_checks.check_mapping),
    Check(
        "source", Text(nb="EPJ-databasen", en="The record system"), "vendor", source_checks.check_source, ("mapping",)
    ),
    Check(
        "read-only",
        Text(nb="Bare lesing i EPJ", en="Reading only"),
        "vendor",
        source_checks.check_read_only,
        ("source",),
    ),
    Check("store", Text(nb="Lageret", en="Store"), "municipality", store_checks.check_store),
    Check(
        "binding",
        Text(nb="Bindingen og vitnefilen", en="Binding and witness"),
        "municipality",
        store_checks.check_binding,
        ("key", "store"),
    ),
    Check(
        "permissions",
        Text(nb="Rettighetene på filene", en="File permissions"),
        "municipality",
        store_checks.check_permissions,
    ),
    Check("disk", Text(nb="Disken", en="Disk"), "municipality", store_checks.check_disk),
    Check("schedule", Text(nb="Tidsplanen", en="Schedule"), "municipality", schedule_checks.check_schedule),
)
"""In this order; a name in `needs` stands earlier."""
