"""E-mail: one message with all that is pending, over STARTTLS."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage

from ktt.alarms.errors import AlarmNotDelivered
from ktt.alarms.notice import Notice, headline, in_words
from ktt.core.os_faults import os_reason

SECONDS = 15
"""How long one step of the conversation with the server may take."""


@dataclass(frozen=True, slots=True)
class Email:
    """Tells notices by e-mail. The server's certificate must be one that the system, or `trust`, trusts."""

    host: str
    port: int
    sender: str
    recipients: tuple[str, ...]
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    trust: ssl.SSLContext | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """The channel's name."""
        return "email"

    def tell(self, notices: Sequence[Notice]) -> None:
        """Send them; AlarmNotDelivered."""
        try:
            self._send(_message(self, notices))
        except (OSError, smtplib.SMTPException) as fault:  # the server's own words may quote addresses
            raise AlarmNotDelivered(channel=self.name, reason=_reason(fault), count=len(notices)) from fault

    def _send(self, message: EmailMessage) -> None:
        with smtplib.SMTP(self.host, self.port, timeout=SECONDS) as server:
            server.starttls(context=self.trust or ssl.create_default_context())
            if self.user is not None:
                server.login(self.user, self.password or "")
            server.send_message(message)


def _message(email: Email, notices: Sequence[Notice]) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = email.sender, ", ".join(email.recipients), headline(notices)
    message.set_content(in_words(notices))
    return message


def _reason(fault: Exception) -> object:
    if isinstance(fault, smtplib.SMTPResponseException):
        return f"SMTP {fault.smtp_code}"
    if isinstance(fault, smtplib.SMTPException):
        return type(fault).__name__
    return os_reason(fault) if isinstance(fault, OSError) else type(fault).__name__
