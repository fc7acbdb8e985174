"""How the last attempt ended, for people: what the client noted is in English, and is told in both languages."""

from __future__ import annotations

import re

from ktt.core.text import Text
from ktt.sender.outbox.message import Attempt

_BOKMAL = {
    "no connection in time": "forbindelsen ble ikke opprettet i tide",
    "no connection": "ingen forbindelse",
    "no answer in time": "svaret kom ikke i tide",
    "not sent in time": "ikke sendt i tide",
    "connection broken": "forbindelsen ble brutt",
    "answer cannot be decoded": "svaret kan ikke leses",
    "too many requests": "for mange forespørsler",
    "no discovery document": "ingen beskrivelse av tjenesten",
    "the discovery document names another issuer or host": "beskrivelsen av tjenesten nevner en annen utsteder eller vert",
    "no token": "ikke noe token",
    "the token is not bound to a proof": "tokenet er ikke bundet til et bevis",
    "none usable": "ingen kan brukes",
    "but delivered": "men levert",
    "without delivered": "uten «delivered»",
    "without": "uten",
    "expired": "utløpt",
    "unfit": "uegnet",
    "refused": "avvist",
    "keys": "nøkler",
}
_PHRASE = re.compile(r"(?<![\w«])(" + "|".join(sorted(_BOKMAL, key=len, reverse=True)) + r")(?!\w)")


def answer_of(attempt: Attempt) -> Text:
    """Status, code, name and details of an attempt; `?` when it has none."""
    parts = [attempt.http_status and f"HTTP {attempt.http_status}", attempt.code, attempt.name, attempt.details]
    said = " ".join(str(part) for part in parts if part) or "?"
    ours = attempt.outcome in {"not_sent", "refused", "unknown"}  # what the receiver wrote is quoted as it is
    return in_words(said) if ours else Text(nb=said, en=said)


def in_words(noted: str) -> Text:
    """What the client noted, in both languages."""
    return Text(nb=_PHRASE.sub(lambda found: _BOKMAL[found[1]], noted), en=noted)
