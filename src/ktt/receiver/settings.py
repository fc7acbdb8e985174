"""The receiver's settings: its address, the issuer it trusts, and its limits. Every default names its source."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from ktt.core.settings import Environment, PackName, SettingsSection
from ktt.receiver.errors import ForbiddenOpenCheck, ForbiddenTestMode, PlainAddress
from ktt.wire import dpop, headers

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_TEST_ENVIRONMENTS = frozenset({"sandbox", "et"})


class ReceiverSettings(SettingsSection):
    """One receiver. Times are in seconds, sizes in bytes; addresses are those that senders use."""

    environment: Environment
    base_url: str
    issuer: str
    extra_htu: tuple[str, ...] = ()  # whole addresses of /message, for clients behind a base path (transport § 12.1)
    gateways: tuple[IPv4Network | IPv6Network, ...] = ()  # addresses or networks whose `X-Forwarded-For` is believed
    audience: str = headers.AUDIENCE
    scope: str = headers.SCOPE
    token_algorithms: frozenset[str] = frozenset({"RS256", "PS256", "ES256"})  # helseid § 3
    token_leeway: int = Field(default=5, ge=0, le=60)  # helseid A8
    proof_max_age: int = Field(default=10, ge=1, le=60)  # helseid § 13.3
    proof_skew: int = Field(default=5, ge=0, le=60)
    proof_ahead: int = Field(default=10, ge=0, le=60)  # so far ahead of our clock its own may be (FAPI 2.0 § 5.3.2.1)
    require_nonce: bool = False  # FHI's client cannot follow a nonce of ours (helseid § 13.4)
    test_mode: bool = False
    packs: tuple[PackName, ...] = ("ktt_v1",)  # message packs that are taken, side by side
    announced_types: tuple[tuple[str, str], ...] = ()  # (type, version) known by name, no schema deployed: 2006
    body_limit: int = 15 * 2**20  # transport § 10 rule 8c
    large_body: int = 256 * 1024  # from here a body counts against `large_bodies`
    large_bodies: int = Field(
        default=2, ge=1
    )  # of the greatest size that one process holds at a time; of smaller ones more
    body_timeout: float = 60.0  # well within the 100 s after which FHI's client gives up (transport § 12.1)
    posts_per_client: int = Field(default=64, ge=1)
    crypto_failures_per_hour: int = Field(default=20, ge=1)  # a healthy sender makes none (transport § 14.2)
    key_days: int = Field(default=180, ge=1)
    key_overlap_days: int = Field(default=14, ge=1)
    keys_max_age: int = Field(default=300, ge=0)  # much shorter than the overlap (transport § 3.3)
    open_check: bool | None = None  # POST /check without authentication; unless said, open in sandbox and et only
    open_check_limit: int = Field(default=2 * 2**20, ge=1)  # bytes of one message
    open_checks_per_minute: int = Field(default=60, ge=1)  # from one caller, as `gateways` tell
    judged_at_a_time: int = Field(default=2, ge=1)  # messages validated by all rules, for /validate and /check together
    judging_wait: float = 20.0  # how long a request waits for its turn before it is answered 503
    metrics_token: str | None = Field(default=None, min_length=16, repr=False)  # needed to read /metrics

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.test_mode and self.environment not in _TEST_ENVIRONMENTS:
            raise ForbiddenTestMode(environment=self.environment)
        if self.open_check and self.environment not in _TEST_ENVIRONMENTS:
            raise ForbiddenOpenCheck(environment=self.environment)
        for address in (self.base_url, self.issuer):
            parts = urlsplit(address)
            if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
                raise PlainAddress(address=address)
        return self

    @property
    def checks_openly(self) -> bool:
        """Whether `POST /check` is there."""
        return self.environment in _TEST_ENVIRONMENTS if self.open_check is None else self.open_check

    @property
    def shows_metrics(self) -> bool:
        """Whether `/metrics` is there: a real registry's metrics are shown to holders of the token only."""
        return self.metrics_token is not None or self.environment in _TEST_ENVIRONMENTS

    def urls(self, path: str) -> frozenset[str]:
        """The normalised addresses of `path` that a proof may name, for the same clients as `message_urls`."""
        bases = [url.removesuffix("/message") for url in self.extra_htu if url.endswith("/message")]
        return frozenset(dpop.normalise(f"{base}{path}") for base in (self.base_url.rstrip("/"), *bases))

    @cached_property
    def message_urls(self) -> frozenset[str]:
        """The normalised addresses of `/message` that a proof may name; only configured ones, never the Host header."""
        return frozenset(dpop.normalise(url) for url in (f"{self.base_url.rstrip('/')}/message", *self.extra_htu))

    @property
    def jti_life(self) -> dt.timedelta:
        """How long after its `iat` a proof could still count as fresh, and a minute more (helseid § 13.2)."""
        return dt.timedelta(seconds=self.proof_max_age + self.proof_skew + 60)
