"""A proof of possession, and the two values both ends must agree on: `htu` and `ath`."""

from __future__ import annotations

import pytest

from ktt.wire import jwk
from ktt.wire.dpop import ProofKey, normalise, token_hash
from ktt.wire.jws import ASYMMETRIC, parse, verify
from support.wire_keys import private_jwk
from support.wire_rules import header_of, verified

RFC_9449_PROOF = (
    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJo"
    "RjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJq"
    "dGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0Ijox"
    "NTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
)


def test_the_proof_of_rfc_9449_holds():
    proof = parse(RFC_9449_PROOF)
    verify(proof, jwk.load_public(proof.header["jwk"]), ASYMMETRIC)
    assert (proof.header["typ"], proof.payload["jti"]) == ("dpop+jwt", "-BwC3ESc6acc2lTc")


def test_the_token_hash_of_rfc_9449():
    token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
    assert token_hash(token) == "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"


@pytest.mark.parametrize("kind", ["RSA-2048", "ES256", "ES384", "ES512"])
def test_a_proof_says_what_it_is_for(kind, clock):
    key = private_jwk(kind)
    claims = {"msg_type": "KTT_Tjeneste"}
    compact = ProofKey(key).proof("POST", "https://H/message?x=1", clock.now(), token="t", nonce="n", claims=claims)
    head = header_of(compact)
    said = verified(compact, head["jwk"])
    assert (head["typ"], head["alg"], head["kid"]) == ("dpop+jwt", key["alg"], key["kid"])
    assert head["jwk"] == {name: key[name] for name in head["jwk"]}
    assert head["jwk"].keys() <= {"kty", "n", "e", "crv", "x", "y", "alg"}
    assert len(said.pop("jti")) == 22  # 128 bits
    assert said == {
        "msg_type": "KTT_Tjeneste",
        "htm": "POST",
        "htu": "https://h/message",
        "iat": int(clock.now().timestamp()),
        "ath": token_hash("t"),
        "nonce": "n",
    }


def test_a_proof_leaves_out_what_it_has_not(clock):
    key = {name: value for name, value in private_jwk("ES256").items() if name not in {"kid", "alg", "use"}}
    compact = ProofKey(key).proof("GET", "https://h", clock.now())
    assert header_of(compact).keys() == {"typ", "alg", "jwk"}
    assert parse(compact).payload.keys() == {"jti", "htm", "htu", "iat"}


def test_no_claim_can_replace_one_of_the_proof(clock):
    compact = ProofKey(private_jwk("ES256")).proof("POST", "https://h/a", clock.now(), claims={"htu": "x", "iat": 0})
    assert parse(compact).payload["htu"] == "https://h/a"
    assert parse(compact).payload["iat"] == int(clock.now().timestamp())


def test_every_proof_is_new(clock):
    key = ProofKey(private_jwk("ES256"))
    numbers = {parse(key.proof("POST", "https://h", clock.now())).payload["jti"] for _ in range(50)}
    assert len(numbers) == 50


def test_a_key_shows_only_its_thumbprint():
    key = private_jwk("RSA-2048")
    assert repr(ProofKey(key)) == f"ProofKey({jwk.thumbprint(key)})"


SAME = [
    ("https://h/message", "https://h/message"),
    ("HTTPS://H.Example/message", "https://h.example/message"),
    ("https://h:443/message", "https://h/message"),
    ("https://h:0443/message", "https://h/message"),
    ("https://h:/message", "https://h/message"),
    ("http://h:80/message", "http://h/message"),
    ("http://h:8088/message", "http://h:8088/message"),
    ("http://h:443/message", "http://h:443/message"),
    ("https://h/%6Dessage", "https://h/message"),
    ("https://h/%6dessage", "https://h/message"),
    ("https://h/a%2fb", "https://h/a%2Fb"),
    ("https://h/a/./b/../message", "https://h/a/message"),
    ("https://h/a/%2E%2e/message", "https://h/message"),
    ("https://h/../../message", "https://h/message"),
    ("https://h/a/..", "https://h/"),
    ("https://h/a/.", "https://h/a/"),
    ("https://h", "https://h/"),
    ("https://h?x=1", "https://h/"),
    ("https://h/message?x=1#y", "https://h/message"),
    ("https://h/message#y", "https://h/message"),
    ("https://[::1]:443/m", "https://[::1]/m"),
]


@pytest.mark.parametrize(("url", "normal"), SAME)
def test_one_address_has_one_form(url, normal):
    assert normalise(url) == normal
    assert normalise(normal) == normal


@pytest.mark.parametrize(
    "url",
    [
        "http://h/message",
        "https://other/message",
        "https://h/Message",
        "https://h/message/",
        "https://h/keys",
        "https://h//message",
        "https://h:8443/message",
        "https://user@h/message",
        "https://h@evil/message",
        "https://h%2Fmessage",
        "ht\ntps://h/message",
        " https://h/message",
        "https://h/message\n",
        "https://h/méssage",
        "//h/message",
        "message",
        "",
        "https:///message",
        "ftp://h/message",
        "https://h/message%00",
    ],
)
def test_another_address_never_has_the_same_form(url):
    assert normalise(url) != normalise("https://h/message")
