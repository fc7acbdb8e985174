"""FHI's published client, recorded: our code opens all it sent, at the time it was sent, and nothing that was touched."""

from __future__ import annotations

import datetime as dt
import functools
import json
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ktt.testing.conformance.golden import NAMES, golden_recording, plaintexts
from ktt.wire import dpop, headers, jwk, jws, keys
from ktt.wire.envelope import Fault, decode_body, decode_hash, decode_wrapped, open_sealed, seal
from ktt.wire.jws import ASYMMETRIC, BadJws
from support.wire_rules import open_message

RECORDINGS = {name: golden_recording(name) for name in NAMES}
MESSAGES = [(name, place) for name in NAMES for place in range(3)]
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@functools.cache
def private_key(name):
    return load_pem_private_key(RECORDINGS[name].material["slash_private_key"].encode(), None)


def message(name, place):
    return RECORDINGS[name].to("/message")[place]


def verified_proof(request):
    proof = jws.parse(request.header("DPoP"))
    jws.verify(proof, jwk.load_public(proof.header["jwk"]), ASYMMETRIC)
    return proof


def opened(name, claims, body):
    """The steps of the receiver from the claims on: the plaintext, or why not."""
    private = private_key(name)
    n = private.public_key().public_numbers().n
    wrapped = decode_wrapped(claims["enc_sym_key"], (n.bit_length() + 7) // 8, n)
    raw, want = decode_body(body), decode_hash(claims["msg_hash"])
    if wrapped is None or raw is None or want is None:
        return None, "form"
    return open_sealed(private, wrapped, raw, want)


@pytest.mark.parametrize(("name", "place"), MESSAGES)
def test_all_six_messages_open_to_the_identical_bytes(name, place):
    request = message(name, place)
    assert opened(name, verified_proof(request).payload, request.body) == (plaintexts()[place], None)


@pytest.mark.parametrize(("name", "place"), MESSAGES)
def test_other_hands_open_them_too(name, place):
    request = message(name, place)
    url, at = f"{RECORDINGS[name].material['issuer']}/message", request.received_at.timestamp()
    assert open_message(dict(request.headers), request.body, private_key(name), url=url, at=at) == plaintexts()[place]


@pytest.mark.parametrize(("name", "place"), MESSAGES)
def test_token_and_proof_belong_together_at_the_time_they_were_sent(name, place):
    material, request = RECORDINGS[name].material, message(name, place)
    proof = verified_proof(request)
    scheme, compact = request.header("Authorization").split(" ")
    token = jws.parse(compact)
    jws.verify(token, jwk.load_public(material["helseid_jwks"]["keys"][0]), frozenset({"RS256"}))
    age = request.received_at - dt.datetime.fromtimestamp(proof.payload["iat"], dt.UTC)
    assert (scheme, compact) == ("DPoP", material["access_token"])
    assert token.payload["cnf"] == {"jkt": jwk.thumbprint(proof.header["jwk"])}
    assert (token.payload["aud"], token.payload["scope"]) == (headers.AUDIENCE, [headers.SCOPE])
    assert proof.payload["ath"] == dpop.token_hash(compact)
    assert dpop.normalise(proof.payload["htu"]) == dpop.normalise("http://127.0.0.1:8790/message")
    assert dt.timedelta(0) <= age < dt.timedelta(seconds=10)
    assert {claim: type(proof.payload[claim]) for claim in headers.MESSAGE_CLAIMS} == dict.fromkeys(
        headers.MESSAGE_CLAIMS, str
    )


@pytest.mark.parametrize(("name", "place"), MESSAGES)
def test_headers_and_key_id_are_in_order(name, place):
    material, request = RECORDINGS[name].material, message(name, place)
    listed = keys.parse_keys(json.dumps(material["slash_keys"]).encode())
    used = next(key for key in listed.keys if key.id == verified_proof(request).payload["enc_key_id"])
    assert (used.id, listed.unusable) == (material["slash_key_id"], ())
    assert used.public_key == private_key(name).public_key()
    assert used.expires_at == max(key.expires_at for key in listed.keys)
    assert all(headers.value_fits(request.header(header)) for header in headers.REQUIRED)
    assert headers.read_date(request.header(headers.EXTRACTED_ON)) == dt.date(2026, 11, 23)
    assert request.header("Content-Type") == headers.MESSAGE_CONTENT_TYPE


@pytest.mark.parametrize("name", NAMES)
def test_the_assertions_and_proofs_at_the_token_endpoint_hold(name):
    material = RECORDINGS[name].material
    own_key = jwk.load_public(jwk.public_part(material["client_private_jwk"]))
    nonces = []
    for request in RECORDINGS[name].to("/connect/token"):
        assertion = jws.parse(parse_qs(request.body.decode())["client_assertion"][0])
        jws.verify(assertion, own_key, frozenset({"RS256"}))
        assert assertion.payload["iss"] == assertion.payload["sub"] == material["client_id"]
        assert isinstance(assertion.payload["iat"], str)
        proof = verified_proof(request)
        assert proof.payload["htu"] == f"{material['issuer']}/connect/token"
        nonces.append("nonce" in proof.payload)
    assert nonces == [False, True] * 3


def _other(character: str) -> str:
    return LETTERS[(LETTERS.find(character) + 7) % len(LETTERS)]


@pytest.mark.parametrize("name", NAMES)
def test_no_single_character_of_a_proof_may_change(name):
    compact = message(name, 0).header("DPoP")
    key = jwk.load_public(jws.parse(compact).header["jwk"])
    for place in range(0, len(compact), 1 if name == "rs256" else 3):
        touched = compact[:place] + _other(compact[place]) + compact[place + 1 :]
        with pytest.raises(BadJws):
            jws.verify(jws.parse(touched), key, ASYMMETRIC)


@pytest.mark.parametrize("name", NAMES)
def test_no_single_character_of_a_token_may_change(name):
    material = RECORDINGS[name].material
    compact, key = material["access_token"], jwk.load_public(material["helseid_jwks"]["keys"][0])
    for place in range(len(compact)):
        touched = compact[:place] + _other(compact[place]) + compact[place + 1 :]
        with pytest.raises(BadJws):
            jws.verify(jws.parse(touched), key, ASYMMETRIC)


@pytest.mark.parametrize("claim", ["jti", "htm", "htu", "iat", "ath", *headers.MESSAGE_CLAIMS])
@pytest.mark.parametrize("change", ["left out", "changed"])
def test_no_claim_of_a_proof_may_change(claim, change):
    compact = message("rs256", 0).header("DPoP")
    head, _, signature = compact.split(".")
    proof = jws.parse(compact)
    claims = {**proof.payload, claim: "1"} if change == "changed" else proof.payload
    if change == "left out":
        del claims[claim]
    touched = f"{head}.{dpop.base64url.encode(json.dumps(claims).encode())}.{signature}"
    with pytest.raises(BadJws, match="signature"):
        jws.verify(jws.parse(touched), jwk.load_public(proof.header["jwk"]), ASYMMETRIC)


@pytest.mark.parametrize(("name", "place", "step"), [("rs256", 0, 7), ("rs256", 1, 1), ("ps256", 2, 3)])
def test_no_single_character_of_a_body_may_change(name, place, step):
    request = message(name, place)
    claims, body = verified_proof(request).payload, request.body.decode()
    for at in range(0, len(body), step):
        touched = body[:at] + _other(body[at]) + body[at + 1 :]
        assert opened(name, claims, touched.encode())[0] is None


@pytest.mark.parametrize(
    ("claim", "fault"), [("enc_sym_key", Fault.WRAPPED_KEY), ("msg_hash", Fault.PAYLOAD_HASH)], ids=str
)
def test_no_single_character_of_key_and_hash_may_change(claim, fault):
    request = message("rs256", 0)
    claims = verified_proof(request).payload
    for at in range(0, len(claims[claim]), 5):
        touched = claims[claim][:at] + _other(claims[claim][at]) + claims[claim][at + 1 :]
        assert opened("rs256", {**claims, claim: touched}, request.body) in ((None, fault), (None, "form"))


def test_the_key_and_body_of_one_message_do_not_open_another():
    first, second = message("rs256", 0), message("rs256", 2)
    assert opened("rs256", verified_proof(first).payload, second.body)[0] is None


@pytest.mark.parametrize(("name", "place"), MESSAGES)
def test_what_we_seal_for_the_same_key_opens_by_the_same_steps(name, place):
    material = RECORDINGS[name].material
    key = keys.parse_keys(json.dumps(material["slash_keys"]).encode()).keys[1]
    sealed = seal(plaintexts()[place], key)
    theirs = verified_proof(message(name, place)).payload
    claims = {"enc_sym_key": sealed.enc_sym_key, "msg_hash": sealed.msg_hash}
    assert opened(name, claims, sealed.body) == (plaintexts()[place], None)
    assert sealed.msg_hash == theirs["msg_hash"]
    assert len(sealed.enc_sym_key) == len(theirs["enc_sym_key"])
    assert len(sealed.body) == len(message(name, place).body)
