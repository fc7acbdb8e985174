"""The channels of the settings, open."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from ktt.alarms.email import Email
from ktt.alarms.settings import AlarmSettings, EmailSettings
from ktt.alarms.telling import Channel
from ktt.alarms.webhook import Webhook
from ktt.core.clock import Clock
from ktt.core.http.client import HttpClient
from ktt.core.http.route import ProxyRoute
from ktt.storage.vault import read_secret


@contextmanager
def open_channels(settings: AlarmSettings, route: ProxyRoute | None, clock: Clock) -> Iterator[list[Channel]]:
    """Webhook (by the route, where there is one) and e-mail, as far as the settings have them; KeyFileUnreadable and the like for their secrets."""
    http = HttpClient(route=route)
    try:
        channels: list[Channel] = []
        if settings.webhook is not None:
            secret = read_secret(settings.webhook.secret_file).strip()
            channels.append(Webhook(settings.webhook.url, secret, http.exchange, clock))
        if settings.email is not None:
            channels.append(_email(settings.email))
        yield channels
    finally:
        http.close()


def _email(settings: EmailSettings) -> Email:
    password = None if settings.password_file is None else read_secret(settings.password_file).decode().strip()
    trust = None if settings.ca_file is None else ssl.create_default_context(cafile=str(settings.ca_file))
    return Email(
        host=settings.host,
        port=settings.port,
        sender=settings.sender,
        recipients=settings.recipients,
        user=settings.user,
        password=password,
        trust=trust,
    )
