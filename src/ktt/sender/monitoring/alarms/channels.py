"""The channels of the settings, open."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from ktt.core.clock import Clock
from ktt.core.http.client import HttpClient
from ktt.sender.client.proxy import proxy_route
from ktt.sender.monitoring.alarms.email import Email
from ktt.sender.monitoring.alarms.telling import Channel
from ktt.sender.monitoring.alarms.webhook import Webhook
from ktt.sender.settings import AlarmSettings, EmailSettings, NetworkSettings
from ktt.storage.vault import read_secret


@contextmanager
def open_channels(settings: AlarmSettings, network: NetworkSettings, clock: Clock) -> Iterator[list[Channel]]:
    """Webhook (through the proxy, where there is one) and e-mail, as far as the settings have them; KeyFileUnreadable and the like for their secrets."""
    http = HttpClient(route=proxy_route(network))
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
