"""Access tokens from HelseID: discovery, then client_credentials with DPoP and its nonce (helseid § 1, § 4)."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import orjson

from ktt.core.clock import Clock
from ktt.core.http.exchange import Conversation, Request, Response
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import NotSent, Refused
from ktt.sender.client.address import base_url, origin
from ktt.sender.client.client_assertion import ClientAssertions
from ktt.sender.client.conversation import ConversationStopped, require_answer
from ktt.sender.client.shared import Authority, Discovery
from ktt.sender.clock_offset import with_offset
from ktt.sender.settings import HelseIdSettings
from ktt.wire import headers
from ktt.wire.dpop import ProofKey

_log = logging.getLogger("ktt.sender.client")
_HELSEID = "HelseID"
_DISCOVERY_LIFETIME = dt.timedelta(hours=24)  # NHN's requirement FK2: the document is read anew every day
_MARGIN = dt.timedelta(seconds=10)  # the receiver checks the token when the headers arrive, seconds after we chose it
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_TOKEN = re.compile(r"[!-~]+")
_OK = 200
_REFUSED = frozenset({400, 401, 403})


@dataclass(frozen=True, slots=True)
class _Token:
    value: str = field(repr=False)
    until: dt.datetime


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that takes the place of the one in use once HelseID accepts it; `accepted` is then called with it."""

    key: ProofKey
    accepted: Callable[[ProofKey], object]


class HelseIdClient:
    """One client's tokens for one reporting unit and one proof key. For one thread at a time.

    With a `new_key` the first token is asked for with that; when HelseID refuses it, the old one stays in use. `known` may
    be shared by several clients of the same HelseID.
    """

    def __init__(
        self,
        settings: HelseIdSettings,
        unit: ReportingUnit,
        key: ProofKey,
        clock: Clock,
        new_key: NewKey | None = None,
        *,
        known: Authority | None = None,
    ) -> None:
        self._authority = base_url(settings.authority, "helseid.authority")
        self._settings, self._unit, self._clock, self._new = settings, unit, clock, new_key
        self._use(key)
        self._known = known or Authority()
        self._token: _Token | None = None

    def _use(self, key: ProofKey) -> None:
        self.key, self._assertions = key, ClientAssertions(self._settings, self._unit, key)

    def drop_token(self) -> None:
        """Forget the cached token, since the receiver refused it."""
        self._token = None

    def token(self) -> Conversation[str]:
        """An access token that stays valid for at least ten seconds; ConversationStopped when HelseID gives none."""
        if self._token is None or self._clock.now() >= self._token.until:
            self._token = yield from self._fetch_token() if self._new is None else self._try_new_key(self._new)
        return self._token.value

    def _try_new_key(self, new: NewKey) -> Conversation[_Token]:
        """A token by the new key, which is then in use; by the old one when the new one is refused."""
        old, self._new = self.key, None
        self._use(new.key)
        try:
            token = yield from self._fetch_token()
        except ConversationStopped as stop:
            self._use(old)
            if not isinstance(stop.outcome, Refused):
                self._new = new
                raise
            _log.warning(
                "HelseID does not accept the client's new key %s yet; the old one is in use", new.key.thumbprint
            )
            return (yield from self._fetch_token())
        new.accepted(new.key)
        return token

    def _fetch_token(self) -> Conversation[_Token]:
        discovery = yield from self._discover()
        asked_at = self._clock.now()
        response = yield from require_answer(self._token_request(discovery), _HELSEID)
        if self._learn_nonce(response) and _error(response) == "use_dpop_nonce":
            asked_at = self._clock.now()
            response = yield from require_answer(self._token_request(discovery), _HELSEID)
            self._learn_nonce(response)
        return _read_token(response, asked_at, self._clock.now())

    def _token_request(self, discovery: Discovery) -> Request:
        """The request with a new proof and a new assertion, since HelseID accepts neither of them twice."""
        now = self._clock.now()
        form = {
            "grant_type": "client_credentials",
            "client_id": self._settings.client_id,
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": self._assertions.make(discovery.issuer, now),
        }
        if self._settings.scope:
            form["scope"] = self._settings.scope
        sent = {
            headers.DPOP: self.key.proof("POST", discovery.token_endpoint, now, nonce=self._known.nonce),
            headers.CONTENT_TYPE: "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        return Request("POST", discovery.token_endpoint, sent, urlencode(form).encode("ascii"))

    def _learn_nonce(self, response: Response) -> bool:
        nonce = response.header(headers.DPOP_NONCE)
        self._known.nonce = nonce or self._known.nonce
        return nonce is not None

    def discover(self) -> Conversation[str]:
        """The issuer that the discovery document names; ConversationStopped when there is no document to go by."""
        return (yield from self._discover()).issuer

    def _discover(self) -> Conversation[Discovery]:
        now = self._clock.now()
        known = self._known.discovery
        if known is None or now >= known.until:
            url = f"{self._authority}/.well-known/openid-configuration"
            response = yield from require_answer(Request("GET", url, {"Accept": "application/json"}), _HELSEID)
            known = self._known.discovery = self._read_discovery(response, now)
        return known

    def _read_discovery(self, response: Response, now: dt.datetime) -> Discovery:
        members = _object(response) if response.status == _OK else {}
        issuer, endpoint = members.get("issuer"), members.get("token_endpoint")
        if not isinstance(issuer, str) or not isinstance(endpoint, str):
            raise ConversationStopped(NotSent(f"{_HELSEID}: no discovery document (HTTP {response.status})"))
        if issuer.rstrip("/") != self._authority or origin(endpoint) != origin(self._authority):
            raise ConversationStopped(NotSent(f"{_HELSEID}: the discovery document names another issuer or host"))
        return Discovery(issuer, endpoint, now + _DISCOVERY_LIFETIME)


def _read_token(response: Response, asked_at: dt.datetime, received_at: dt.datetime) -> _Token:
    members = _object(response)
    if response.status in _REFUSED:
        reason = with_offset(f"{_HELSEID}: {_error(response) or 'refused'}", response, asked_at, received_at)
        raise ConversationStopped(Refused(response.status, reason))
    value, kind = members.get("access_token"), members.get("token_type")
    if response.status != _OK or not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise ConversationStopped(NotSent(f"{_HELSEID}: no token (HTTP {response.status})"))
    if (
        not isinstance(kind, str) or kind.lower() != "dpop"
    ):  # a bearer token must never be used in its place (RFC 9449 § 5)
        raise ConversationStopped(Refused(response.status, f"{_HELSEID}: the token is not bound to a proof"))
    return _Token(value, asked_at + _lifetime(members.get("expires_in")) - _MARGIN)


def _lifetime(seconds: Any) -> dt.timedelta:
    """The lifetime in `expires_in`, at most a day; a token without it is used once."""
    known = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    return dt.timedelta(seconds=min(max(seconds, 0), 86_400)) if known else dt.timedelta()


def _error(response: Response) -> str | None:
    """The error code in `error`, at most 60 characters of it."""
    code = _object(response).get("error")
    return code[:60] if isinstance(code, str) and code.isascii() and code.isprintable() else None


def _object(response: Response) -> dict[str, Any]:
    try:
        members = orjson.loads(response.body)
    except ValueError:
        return {}
    return members if isinstance(members, dict) else {}
