"""HelseID's keys: fetched through discovery, kept, and never taken from another host."""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ktt.core.http.exchange import NoAnswer, Response
from ktt.receiver.access.issuer_fetch import fetch_over
from ktt.receiver.access.issuer_keys import IssuerKeys
from ktt.receiver.errors import IssuerUnavailable
from support.receiver_harness import ISSUER, Issuer, key
from support.settable_clock import SettableClock


def test_keys_are_fetched_once_and_again_for_an_unknown_one_at_most_each_minute(clock: SettableClock):
    issuer = Issuer()
    keys = IssuerKeys(ISSUER, issuer.fetch, clock)
    assert keys.find("helseid-key")
    assert keys.find("helseid-key")
    assert len(issuer.fetched) == 2, "discovery and keys"
    issuer.keys = [key(name="newer"), *issuer.keys]
    for _ in range(5):
        assert keys.find("newer-key") is None, "a stranger cannot make us ask again and again"
    clock.advance(dt.timedelta(seconds=60))
    assert keys.find("newer-key")
    assert len(issuer.fetched) == 4


def test_old_keys_stay_in_use_when_the_issuer_is_down(clock: SettableClock):
    issuer = Issuer()
    keys = IssuerKeys(ISSUER, issuer.fetch, clock)
    issuer.down = True
    with pytest.raises(IssuerUnavailable):
        keys.find("helseid-key")
    issuer.down = False
    clock.advance(dt.timedelta(seconds=61))
    assert keys.find("helseid-key")
    issuer.down = True
    clock.advance(dt.timedelta(hours=1))
    assert keys.find("other") is None
    assert keys.find("helseid-key")


BAD_DOCUMENTS = [
    # discovery, keys
    ({"issuer": "https://evil.example", "jwks_uri": f"{ISSUER}/jwks"}, {}),
    ({"issuer": ISSUER, "jwks_uri": "https://evil.example/jwks"}, {}),
    ({"issuer": ISSUER, "jwks_uri": "http://helseid.example/jwks"}, {}),
    ({"issuer": ISSUER}, {}),
    ([], {}),
    ({"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"}, []),
    ({"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"}, {"keys": 7}),
    ({"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"}, {"keys": [{"kid": "a", "kty": "oct", "k": "eA"}, 7, {}]}),
    ({"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"}, {"keys": [{**key(name="helseid"), "use": "enc"}]}),
]


@pytest.mark.parametrize(("discovery", "keys"), BAD_DOCUMENTS)
def test_documents_that_are_not_believed(clock: SettableClock, discovery: object, keys: object):
    def fetch(url: str) -> bytes:
        assert url.startswith(ISSUER), "never another host"
        return json.dumps(discovery if url.endswith("configuration") else keys).encode()

    with pytest.raises(IssuerUnavailable):
        IssuerKeys(ISSUER, fetch, clock).find("helseid-key")


def test_a_fetch_is_200_or_a_fault():
    assert fetch_over(lambda request: Response(200, {}, request.url.encode()))("https://a/b") == b"https://a/b"
    with pytest.raises(OSError, match="302"):
        fetch_over(lambda _request: Response(302))("https://a/b")

    def lost(_request: object) -> Response:
        raise NoAnswer("lost")

    with pytest.raises(OSError, match="lost"):
        fetch_over(lost)("https://a/b")


class SlowIssuer(Issuer):
    """Answers only when it is told to, once it is slow."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.goes_on, self.slow = threading.Event(), threading.Event(), False

    def fetch(self, url: str) -> bytes:
        if self.slow:
            self.asked.set()
            assert self.goes_on.wait(30)
        return super().fetch(url)


def test_nobody_waits_for_a_slow_issuer_but_the_one_who_asks(clock: SettableClock):
    issuer = SlowIssuer()
    keys = IssuerKeys(ISSUER, issuer.fetch, clock)
    assert keys.find("helseid-key")
    clock.advance(dt.timedelta(seconds=61))
    issuer.slow = True
    issuer.keys = [key(name="newer"), *issuer.keys]
    with ThreadPoolExecutor(1) as threads:
        asking = threads.submit(keys.find, "newer-key")
        assert issuer.asked.wait(10)
        began = time.monotonic()
        assert all(keys.find(f"invented-{number}") is None for number in range(1_000))
        assert keys.find("newer-key") is None, "unknown until the issuer has answered"
        assert keys.find("helseid-key")
        assert time.monotonic() - began < 2.0
        issuer.goes_on.set()
        assert asking.result(10)
    assert keys.find("newer-key")
    assert len(issuer.fetched) == 4, "asked once"


def test_without_any_key_a_slow_issuer_is_unavailable_soon(clock: SettableClock):
    issuer = SlowIssuer()
    issuer.slow = True
    keys = IssuerKeys(ISSUER, issuer.fetch, clock)
    with ThreadPoolExecutor(1) as threads:
        asking = threads.submit(keys.find, "helseid-key")
        assert issuer.asked.wait(10)
        began = time.monotonic()
        with pytest.raises(IssuerUnavailable):
            keys.find("helseid-key")
        assert time.monotonic() - began < 5.0
        issuer.goes_on.set()
        assert asking.result(10)
