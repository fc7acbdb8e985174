"""Table D (helseid § 13), row by row: what a proof must be. Every refusal is the same 401."""

from __future__ import annotations

import datetime as dt

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from ktt.receiver.access.claim_checks import PROOF_BINDING, PROOF_CLAIMS, PROOF_HEADER
from ktt.wire import base64url, jwk
from ktt.wire.envelope import seal
from support import refused_credentials
from support.receiver_harness import BASE, LEFT_OUT, NOW, Post, ReceiverHarness, key, unsigned

NOW_S = int(NOW.timestamp())
STEP = dt.timedelta(minutes=1)
PRIVATE = ["d", "p", "q", "dp", "dq", "qi"]


def refused(answer) -> bool:
    assert answer.codes == [None], answer.body
    assert 'error="invalid_dpop_proof"' in answer.header("WWW-Authenticate")
    return answer.status == 401


def proof_of(receiver: ReceiverHarness, **overrides) -> str:
    """A proof as text, to be tampered with."""
    post = Post(receiver.clock.now(), **overrides)
    return receiver.proof(post, seal(post.payload, receiver.keys.listed()[0]), receiver.token(post))


ACCEPTED = {
    "D10 the port spelled out": {"proof_claims": {"htu": "https://mottak.example:443/message"}},
    "D10 a letter percent-encoded": {"proof_claims": {"htu": f"{BASE}/%6Dessage"}},
    "D10 the host in other case": {"proof_claims": {"htu": "https://MOTTAK.example/message"}},
    "D10 query and fragment are not looked at": {"proof_claims": {"htu": f"{BASE}/message?a=b#c"}},
    "D10 dot segments": {"proof_claims": {"htu": f"{BASE}/x/../message"}},
    "D11 10 s ahead": {"proof_claims": {"iat": NOW_S + 10}},
    "D11 15 s old": {"proof_claims": {"iat": NOW_S - 15}},
    "D4 typ escaped as NHN's own example": {"proof_header": {"typ": "dpop\u002bjwt"}},
    "D5 ES256": {"proof_key": key("ES256", "ec")},
    "D5 ES384": {"proof_key": key("ES384", "ec3")},
    "D14 jti of 128 characters": {"proof_claims": {"jti": "j" * 128}},
    "kid beside jwk": {"proof_header": {"kid": "client-key"}},
    "a nonce nobody asked for": {"proof_claims": {"nonce": "x"}},
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_let_in(receiver: ReceiverHarness, case: str):
    assert receiver.post(**ACCEPTED[case]).status == 200


@pytest.mark.parametrize("case", refused_credentials.PROOFS)
def test_kept_out(receiver: ReceiverHarness, case: str):
    answer = receiver.post(**refused_credentials.PROOFS[case])
    assert answer.status == 431 if "1 MB" in case else refused(answer)


@pytest.mark.parametrize("row", [*PROOF_CLAIMS, *PROOF_BINDING], ids=lambda row: f"{row.check} {row.name}")
def test_every_claim_counts(receiver: ReceiverHarness, row):
    assert refused(receiver.post(proof_claims={row.name: LEFT_OUT}))
    assert refused(receiver.post(proof_claims={row.name: {"not": "this"}}))


@pytest.mark.parametrize("row", PROOF_HEADER, ids=lambda row: f"{row.check} {row.name}")
def test_every_header_member_counts(receiver: ReceiverHarness, row):
    header = {"alg": "RS256", "typ": "dpop+jwt", "jwk": jwk.public_part(key())}
    for broken in ({**header, row.name: 1}, {name: value for name, value in header.items() if name != row.name}):
        assert refused(receiver.post(proof=unsigned(broken, {})))


@pytest.mark.parametrize("name", PRIVATE)
def test_d6_a_private_member_in_the_jwk(receiver: ReceiverHarness, name: str):
    shown = {**{part: key()[part] for part in ("kty", "n", "e")}, name: key()[name]}
    assert refused(receiver.post(proof_header={"jwk": shown}))


@pytest.mark.parametrize(
    "change",
    [
        {"n": base64url.encode((1 << 1023 | 1).to_bytes(128, "big"))},  # RSA-1024
        {"n": base64url.encode((1 << 16383 | 1).to_bytes(2048, "big"))},  # RSA-16384
        {"n": base64url.encode((1 << 2047).to_bytes(256, "big"))},  # even
        {"e": "AQ"},  # 1
        {"e": "AAEAAQ"},  # a leading zero
    ],
)
def test_d6_keys_that_are_no_keys(receiver: ReceiverHarness, change: dict[str, str]):
    shown = {"kty": "RSA", "n": key()["n"], "e": key()["e"], **change}
    assert refused(receiver.post(proof_header={"jwk": shown}))


def test_d6_a_point_off_the_curve(receiver: ReceiverHarness):
    ec_key = key("ES256", "ec")
    shown = {"kty": "EC", "crv": "P-256", "x": ec_key["x"], "y": base64url.encode(b"\x01" * 32)}
    assert refused(receiver.post(proof_key=ec_key, proof_header={"jwk": shown}))


@pytest.mark.parametrize("alg", ["none", "HS256", "RS1", "ES256", "RS256 "])
def test_d5_alg_is_allowed_and_fits_the_key(receiver: ReceiverHarness, alg: str):
    header = {"alg": alg, "typ": "dpop+jwt", "jwk": jwk.public_part(key())}
    assert refused(receiver.post(proof=unsigned(header, {})))


def test_d7_es256_as_der_is_refused(receiver: ReceiverHarness):
    ec_key = key("ES256", "ec")
    good = proof_of(receiver, proof_key=ec_key)
    head, payload, _ = good.split(".")
    private = jwk.load_private(ec_key).private_key
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    der = private.sign(f"{head}.{payload}".encode(), ec.ECDSA(hashes.SHA256()))
    assert refused(receiver.post(proof_key=ec_key, proof=f"{head}.{payload}.{base64url.encode(der)}"))


def test_d8_a_token_of_another_key(receiver: ReceiverHarness):
    others = receiver.token(Post(receiver.clock.now(), proof_key=key(name="other")))
    assert refused(receiver.post(token=others))


def test_d1_exactly_one_proof(receiver: ReceiverHarness):
    one, two = proof_of(receiver), proof_of(receiver)
    assert refused(receiver.post(proof=one, more_headers=(("DPoP", two),)))
    assert refused(receiver.post(proof=f"{one},{two}"))
    assert refused(receiver.post(headers={"DPoP": LEFT_OUT}))


def test_d2_other_forms_of_jws(receiver: ReceiverHarness):
    head, payload, signature = proof_of(receiver).split(".")
    for broken in (
        f'{{"protected":"{head}","payload":"{payload}","signature":"{signature}"}}',
        f"{head}..{signature}",
        f"{head}.{payload}",
        f"{head}.{payload}.{signature[:-2]}",
    ):
        assert receiver.post(proof=broken).status == 401


def test_a_member_twice_is_refused(receiver: ReceiverHarness):
    good = proof_of(receiver)
    head, _, signature = good.split(".")
    twice = base64url.encode(b'{"htm":"GET","htm":"POST"}')
    assert refused(receiver.post(proof=f"{head}.{twice}.{signature}"))


def test_d10_extra_addresses_are_configuration(make_receiver):
    behind_a_path = {"base_url": "https://h.example/slash", "extra_htu": ("https://h.example/message",)}
    receiver = make_receiver(**behind_a_path)
    assert receiver.post(proof_claims={"htu": "https://h.example/message"}).status == 200
    assert receiver.post(proof_claims={"htu": "https://h.example/slash/message"}).status == 200
    assert refused(receiver.post(proof_claims={"htu": "https://h.example/other/message"}))


def test_d11_is_checked_when_the_headers_arrive(make_receiver):
    """A body that takes a minute to come does not make the proof old."""
    receiver = make_receiver(reached=lambda step: receiver.clock.advance(STEP) if step == "body" else None)
    assert receiver.post().status == 200


def test_d12_nonce_when_we_issue_one(make_receiver):
    receiver = make_receiver(require_nonce=True)
    first = receiver.post()
    assert (first.status, first.codes) == (401, [None])
    assert 'error="use_dpop_nonce"' in first.header("WWW-Authenticate")
    nonce = first.header("DPoP-Nonce")
    assert [name.lower() for name, _ in first.headers].count("dpop-nonce") == 1
    assert receiver.post(proof_claims={"nonce": nonce}).status == 200
    receiver.clock.advance(STEP * 5)
    assert receiver.post(proof_claims={"nonce": nonce}).status == 200, "the one before is good as well"
    receiver.clock.advance(STEP * 5)
    assert receiver.post(proof_claims={"nonce": nonce}).status == 401, "stale"
    assert receiver.post(proof_claims={"nonce": "foreign"}).status == 401


def test_d14_a_proof_is_good_once(receiver: ReceiverHarness):
    fields, body = receiver.request(Post(receiver.clock.now()))
    assert receiver.send(fields, body).status == 200
    assert refused(receiver.send(fields, body))


def test_a_proof_that_is_changed_in_any_place_is_refused(receiver: ReceiverHarness):
    post = Post(receiver.clock.now())
    sealed, token = seal(post.payload, receiver.keys.listed()[0]), receiver.token(post)
    good = receiver.proof(post, sealed, token)
    for place in range(0, len(good), 61):
        other = "A" if good[place] != "A" else "B"
        post.sealed, post.token, post.proof = sealed, token, good[:place] + other + good[place + 1 :]
        assert receiver.send(*receiver.request(post)).status == 401, place
