"""A token's signature is verified once a minute; its claims are judged each time."""

from __future__ import annotations

import datetime as dt

import pytest

from ktt.receiver.access.access_tokens import Tokens
from ktt.receiver.access.claim_checks import NotProven, TokenScene
from ktt.receiver.access.issuer_keys import IssuerKeys
from ktt.receiver.settings import ReceiverSettings
from ktt.wire import jwk
from support.receiver_world import BASE, ISSUER, NOW, Issuer, key
from support.settable_clock import SettableClock

SETTINGS = ReceiverSettings(environment="sandbox", base_url=BASE, issuer=ISSUER)
JKT = jwk.thumbprint(key())


def scene(seconds: float = 0) -> TokenScene:
    return TokenScene(SETTINGS, NOW.timestamp() + seconds)


def test_a_known_token_still_expires(clock: SettableClock):
    issuer = Issuer()
    tokens = Tokens(IssuerKeys(ISSUER, issuer.fetch, clock))
    token = issuer.token(NOW, jkt=JKT)
    assert tokens.read(token, scene())["client_id"] == "client-1"
    assert tokens.read(token, scene(59))
    with pytest.raises(NotProven, match="A8 exp"):
        tokens.read(token, scene(65))
    with pytest.raises(NotProven, match="A8 nbf"):
        tokens.read(token, scene(-30))


def test_a_key_that_is_withdrawn_is_no_good_after_a_minute(clock: SettableClock):
    issuer = Issuer()
    keys = IssuerKeys(ISSUER, issuer.fetch, clock)
    tokens = Tokens(keys)
    token = issuer.token(NOW, jkt=JKT, claims={"exp": int(NOW.timestamp()) + 3600})
    assert tokens.read(token, scene())
    issuer.keys = [key(name="newer")]
    clock.advance(dt.timedelta(seconds=61))
    keys.find("newer-key")
    with pytest.raises(NotProven, match="A3 kid"):
        tokens.read(token, scene(61))


def test_what_is_not_proven_is_not_remembered(clock: SettableClock):
    issuer = Issuer()
    tokens = Tokens(IssuerKeys(ISSUER, issuer.fetch, clock))
    good = issuer.token(NOW, jkt=JKT)
    forged = good[:-4] + ("AAAA" if not good.endswith("AAAA") else "BBBB")
    tokens.read(good, scene())
    for _ in range(2):
        with pytest.raises(NotProven, match=r"signature|base64url"):
            tokens.read(forged, scene())
