"""HelseID: its discovery document, and a token with what it says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from ktt.core.clock import OSLO
from ktt.core.errors import EXIT_ACCESS, EXIT_NETWORK
from ktt.core.http.exchange import converse
from ktt.core.text import Text
from ktt.messages.contract import Refused
from ktt.sender.client.client_key import read_client_key
from ktt.sender.client.conversation import ConversationStopped
from ktt.sender.client.helseid import HelseIdClient
from ktt.sender.clock_offset import without_offset
from ktt.sender.doctor.connection_words import not_reached
from ktt.sender.doctor.line import Wrong
from ktt.sender.doctor.patient import Patient, host_of
from ktt.wire import headers, jws
from ktt.wire.jws import BadJws

_NO_DOCUMENT = Text(
    nb="HelseIDs beskrivelse av tjenesten (discovery) kan ikke brukes ({reason}).",
    en="HelseID gives no discovery document that can be used ({reason}).",
)
_NO_DOCUMENT_MEND = Text(
    nb="Kontroller at «helseid.authority» er adressen til riktig miljø. Er den det, så vent, og se driftsmeldingene til Norsk helsenett.",
    en="Check that `helseid.authority` is the address of the right environment. If it is, wait, and see the notices of Norsk helsenett.",
)
_REFUSED = Text(nb="HelseID gir ikke token: {reason}.", en="HelseID gives no token: {reason}.")
_CLIENT = Text(
    nb="Kontroller at «helseid.client_id» er riktig, og at den offentlige delen av nøkkelen er registrert på klienten i HelseID Selvbetjening og ikke er utløpt der.",
    en="Check that `helseid.client_id` is right, and that the key's public part is registered for the client in HelseID Selvbetjening and has not expired there.",
)
_SCOPE = Text(
    nb="Be om scopet «{scope}» for klienten i HelseID Selvbetjening; FHI godkjenner det.",
    en="Ask for the scope `{scope}` for the client in HelseID Selvbetjening; FHI approves it.",
)
_DELEGATION = Text(
    nb="Kontroller hvilken organisasjon klienten har i HelseID Selvbetjening. Sender leverandøren for kommunen, må kommunen ha gitt fullmakt i Altinn.",
    en="Look at the client's organisation in HelseID Selvbetjening. If the vendor sends for the municipality, that must have delegated in Altinn.",
)
_SILENT = Text(nb="HelseID svarte ikke som ventet ({reason}).", en="HelseID did not answer as expected ({reason}).")
_WAIT = Text(
    nb="Vent, og kjør på nytt. Varer det, så meld fra til Norsk helsenett.",
    en="Wait, and run again. If it lasts, tell Norsk helsenett.",
)


def check_discovery(patient: Patient) -> Text:
    """That HelseID tells where tokens are given, and is the one that the settings name."""
    settings = patient.settings
    key = read_client_key(settings.helseid.key_file)
    patient.helseid = HelseIdClient(settings.helseid, settings.unit.reporting_unit, key, patient.clock)
    try:
        issuer = converse(patient.helseid.discover(), patient.ask)
    except ConversationStopped as stop:
        if patient.fault is not None:
            raise not_reached(patient.fault, host_of(settings.helseid.authority), "nhn") from None
        says = _NO_DOCUMENT.format(reason=stop.outcome.reason)
        raise Wrong(says, _NO_DOCUMENT_MEND, who="municipality", exit_code=EXIT_NETWORK) from None
    return Text(nb="utsteder {issuer}", en="issuer {issuer}").format(issuer=issuer)


def check_token(patient: Patient) -> Text:
    """A token, and what it says in words. The token itself is never shown."""
    assert patient.helseid is not None, "the discovery document was read"
    try:
        token = converse(patient.helseid.token(), patient.ask)
    except ConversationStopped as stop:
        raise _no_token(patient, stop) from None
    try:
        patient.claims = jws.parse(token).payload
    except BadJws:
        return Text(nb="gitt, men i en form vi ikke kan lese", en="given, but in a form that we cannot read")
    claims = patient.claims
    _hold(patient, claims)
    says = Text(
        nb="organisasjon {who}, scope {scope}, gjelder til klokka {until}",
        en="organisation {who}, scope {scope}, good until {until}",
    )
    until = dt.datetime.fromtimestamp(claims["exp"], OSLO).strftime("%H:%M:%S")
    return says.format(who=_who(claims, patient), scope=" ".join(_scopes(claims)), until=until)


def _no_token(patient: Patient, stop: ConversationStopped) -> Wrong:
    settings = patient.settings.helseid
    if patient.fault is not None:
        return not_reached(patient.fault, host_of(settings.authority), "nhn")
    reason, _ = without_offset(stop.outcome.reason)
    if not isinstance(stop.outcome, Refused):
        return Wrong(_SILENT.format(reason=reason), _WAIT, who="nhn", exit_code=EXIT_NETWORK)
    remedy = _SCOPE.format(scope=settings.scope or headers.SCOPE) if "invalid_scope" in reason else _CLIENT
    return Wrong(_REFUSED.format(reason=reason), remedy, who="municipality", exit_code=EXIT_ACCESS)


def _hold(patient: Patient, claims: Mapping[str, Any]) -> None:
    """Raise what the receiver would refuse in the token, in the order in which it looks."""
    assert patient.helseid is not None
    now, exp = patient.clock.now().timestamp(), claims.get("exp")
    issuer = str(claims.get("iss", "")).rstrip("/")
    bound = claims.get("cnf")
    if issuer != patient.settings.helseid.authority.rstrip("/"):
        raise _unfit(Text(nb="det er gitt av en annen", en="another one gave it"))
    if not isinstance(exp, int) or exp <= now:
        raise _unfit(Text(nb="det er allerede utløpt", en="it has expired already"))
    if headers.AUDIENCE not in _listed(claims.get("aud")):
        raise _unfit(Text(nb="det gjelder ikke mottaket", en="it is not for the receiver"))
    if not isinstance(bound, dict) or bound.get("jkt") != patient.helseid.key.thumbprint:
        raise _unfit(Text(nb="det er ikke bundet til nøkkelen vår", en="it is not bound to our key"))
    missing = [one for one in (patient.settings.helseid.scope or headers.SCOPE).split() if one not in _scopes(claims)]
    if missing:
        lacks = Text(nb="det mangler scopet «{scope}»", en="it lacks the scope `{scope}`").format(scope=missing[0])
        raise _unfit(lacks, _SCOPE.format(scope=missing[0]))
    if not claims.get(headers.CLAIM_PARENT):
        raise _unfit(Text(nb="det nevner ingen organisasjon", en="it names no organisation"), _DELEGATION)


def _unfit(why: Text, remedy: Text | None = None) -> Wrong:
    says = Text(nb="Tokenet kan ikke brukes: {why}.", en="The token cannot be used: {why}.").format(why=why)
    return Wrong(says, remedy or _WAIT, who="municipality" if remedy else "nhn", exit_code=EXIT_ACCESS)


def _who(claims: Mapping[str, Any], patient: Patient) -> Text:
    """The organisations in the token, and that the unit is none of them, which only the receiver can allow."""
    parent, child = claims.get(headers.CLAIM_PARENT), claims.get(headers.CLAIM_CHILD)
    named = [str(one) for one in (parent, child) if one]
    unit = patient.settings.unit.organisation
    plain = " / ".join(named)
    if unit in named:
        return Text(nb=plain, en=plain)
    other = Text(
        nb="{named} (enheten er {unit}: mottaket må ha gitt {parent} rett til å sende for den)",
        en="{named} (the unit is {unit}: the receiver must have let {parent} send for it)",
    )
    return other.format(named=plain, unit=unit, parent=parent)


def _scopes(claims: Mapping[str, Any]) -> list[str]:
    return _listed(claims.get("scope"))


def _listed(value: Any) -> list[str]:
    """One text with spaces, or a list of texts: HelseID writes both."""
    return value.split() if isinstance(value, str) else [str(one) for one in value or ()]
