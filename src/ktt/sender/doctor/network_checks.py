"""Proxy, names, certificates and clocks."""

from __future__ import annotations

import datetime as dt

from ktt.core.clock import norwegian_day
from ktt.core.errors import EXIT_ACCESS, EXIT_NETWORK
from ktt.core.http.exchange import TransportFault
from ktt.core.text import Text
from ktt.sender.client.proxy import named_proxy
from ktt.sender.clock_offset import TOLERATED
from ktt.sender.doctor.connection_words import not_reached
from ktt.sender.doctor.line import NotNeeded, Who, Wrong
from ktt.sender.doctor.patient import Patient, host_of, name_of

_CERTIFICATE_DAYS = 7  # with less left its owner has forgotten to renew it
_BY_PROXY = Text(nb="mellomtjeneren slår navnet opp", en="the proxy looks the name up")
_HERE = Text(nb="adressen er på denne maskinen, uten TLS", en="the address is on this machine, without TLS")
_NO_PROXY = Text(nb="ingen er oppgitt; alt går rett ut", en="none is named; everything goes straight out")
_PROXY_DEAD = Text(nb="Mellomtjeneren {address} svarer ikke.", en="The proxy {address} does not answer.")
_PROXY_MEND = Text(
    nb="Rett adressen i «{setting}», eller åpne for trafikk til den.",
    en="Correct the address in `{setting}`, or allow traffic to it.",
)
_CLOCK_WRONG = Text(
    nb="Klokka her går {seconds:sekund|sekunder} {way_nb} {host}.",
    en="The clock here is {seconds:second|seconds} {way_en} {host}.",
)
_CLOCK_MEND = Text(
    nb="La klokka følge en tidstjener; på Helsenettet er det «ntp.nhn.no». Bevisene gjelder i sekunder.",
    en="Let the clock follow a time server; on Helsenettet that is `ntp.nhn.no`. Proofs are good for seconds.",
)


def check_proxy(patient: Patient) -> Text:
    """The proxy that is named, and that something answers there."""
    named = named_proxy(patient.settings.network, patient.environment)
    if named is None:
        raise NotNeeded(_NO_PROXY)
    address = host_of(named.route.url)
    host, _, port = address.rpartition(":")
    try:
        patient.network.connect(host.strip("[]"), int(port))
    except OSError:
        remedy = _PROXY_MEND.format(setting=named.named_in)
        raise Wrong(_PROXY_DEAD.format(address=address), remedy, who="municipality", exit_code=EXIT_NETWORK) from None
    says = Text(nb="{address}, oppgitt i «{setting}»", en="{address}, named in `{setting}`")
    return says.format(address=address, setting=named.named_in)


def check_name(patient: Patient, url: str, owner: Who) -> Text:
    """That the host's name is known here."""
    host = name_of(url)
    if patient.route is not None and patient.route.takes(host):
        raise NotNeeded(_BY_PROXY)
    if not patient.network.resolve(host):
        raise not_reached(TransportFault("", "name"), host, owner)
    return Text(nb="{host} er kjent", en="{host} is known").format(host=host)


def check_certificate(patient: Patient, url: str, owner: Who) -> Text:
    """That the host's certificate is one that this machine trusts, and will be next week."""
    if url.startswith("http:"):
        raise NotNeeded(_HERE)
    host = host_of(url)
    try:
        found = patient.network.certificate(url)
    except TransportFault as fault:
        raise not_reached(fault, host, owner) from None
    if found is None:
        raise NotNeeded(_HERE)
    days = (found.expires_at - patient.clock.now()) // dt.timedelta(days=1)
    says = Text(
        nb="utstedt av {issuer}, gjelder til {day} ({days:dag|dager})",
        en="issued by {issuer}, good until {day} ({days:day|days})",
    ).format(issuer=found.issuer, day=norwegian_day(found.expires_at).isoformat(), days=days)
    if days <= _CERTIFICATE_DAYS:
        ends = Text(nb="Sertifikatet til {host}: {says}.", en="The certificate of {host}: {says}.")
        mend = Text(nb="Be den som driver {host}, fornye det.", en="Ask whoever runs {host} to renew it.")
        raise Wrong(ends.format(host=host, says=says), mend.format(host=host), who=owner)
    return says


def check_clock(patient: Patient, url: str) -> Text:
    """That this machine's clock goes with a server's."""
    host = host_of(url)
    offset = patient.offsets.get(host)
    if offset is None:
        silent = Text(nb="{host} sier ikke hva klokka er der", en="{host} does not say what time it is there")
        raise NotNeeded(silent.format(host=host))
    if abs(offset) > TOLERATED:
        ahead = offset > dt.timedelta()
        says = _CLOCK_WRONG.format(
            seconds=round(abs(offset).total_seconds()),
            way_nb="foran" if ahead else "bak",
            way_en="ahead of" if ahead else "behind",
            host=host,
        )
        raise Wrong(says, _CLOCK_MEND, who="municipality", exit_code=EXIT_ACCESS)
    return Text(nb="går med {host}", en="goes with {host}").format(host=host)
