"""A token's signature is verified once a minute; its times are checked each time."""

from __future__ import annotations

import datetime as dt

import pytest

from ktt.receiver.access.access_tokens import AccessTokens
from ktt.receiver.access.claim_checks import CredentialRefused, TokenContext
from ktt.receiver.access.issuer_keys import IssuerKeys
from ktt.receiver.settings import ReceiverSettings
from ktt.wire import jwk
from support.receiver_harness import BASE, ISSUER, NOW, Issuer, key
from support.settable_clock import SettableClock

SETTINGS = ReceiverSettings(environment="sandbox", base_url=BASE, issuer=ISSUER)
JKT = jwk.thumbprint(key())


def context(seconds: float = 0) -> TokenContext:
    return TokenContext(SETTINGS, NOW.timestamp() + seconds)


def test_a_known_token_still_expires(clock: SettableClock):
    issuer = Issuer()
    tokens = AccessTokens(IssuerKeys(ISSUER, issuer.fetch, clock))
    token = issuer.token(NOW, jkt=JKT)
    assert tokens.verify(token, context())["client_id"] == "client-1"
    assert tokens.verify(token, context(59))
    with pytest.raises(CredentialRefused, match="A8 exp"):
        tokens.verify(token, context(65))
    with pytest.raises(CredentialRefused, match="A8 nbf"):
        tokens.verify(token, context(-30))


TIMES = [
    # a claim of the token, in seconds from now      the times at which it holds        those at which it does not
    ({"exp": 30}, (0, 29, 34), (35, 40, 59)),  # 5 s of leeway
    ({"exp": 3600}, (0, 59), ()),
    ({"exp": 1, "nbf": -10, "iat": -10}, (0, 5), (6, 59)),
]


@pytest.mark.parametrize(("claims", "holds", "refused"), TIMES)
def test_a_cached_token_is_refused_as_soon_as_it_expires(clock: SettableClock, claims, holds, refused):
    """Its signature is trusted for a minute, its times are not."""
    issuer = Issuer()
    tokens = AccessTokens(IssuerKeys(ISSUER, issuer.fetch, clock))
    now = int(NOW.timestamp())
    token = issuer.token(NOW, jkt=JKT, claims={name: now + seconds for name, seconds in claims.items()})
    for seconds in holds:
        assert tokens.verify(token, context(seconds))["client_id"] == "client-1"
    for seconds in refused:
        assert tokens.is_cached(token, NOW.timestamp() + seconds), "the cache would still let it in"
        with pytest.raises(CredentialRefused, match="A8 exp"):
            tokens.verify(token, context(seconds))


def test_a_key_that_is_withdrawn_is_no_good_after_a_minute(clock: SettableClock):
    issuer = Issuer()
    keys = IssuerKeys(ISSUER, issuer.fetch, clock)
    tokens = AccessTokens(keys)
    token = issuer.token(NOW, jkt=JKT, claims={"exp": int(NOW.timestamp()) + 3600})
    assert tokens.verify(token, context())
    issuer.keys = [key(name="newer")]
    clock.advance(dt.timedelta(seconds=61))
    keys.find("newer-key")
    with pytest.raises(CredentialRefused, match="A3 kid"):
        tokens.verify(token, context(61))


def test_what_is_not_proven_is_not_remembered(clock: SettableClock):
    issuer = Issuer()
    tokens = AccessTokens(IssuerKeys(ISSUER, issuer.fetch, clock))
    good = issuer.token(NOW, jkt=JKT)
    forged = good[:-4] + ("AAAA" if not good.endswith("AAAA") else "BBBB")
    tokens.verify(good, context())
    for _ in range(2):
        with pytest.raises(CredentialRefused, match=r"signature|base64url"):
            tokens.verify(forged, context())
