"""The token endpoint of our HelseID (helseid § 4, § 11, § 14): what it gives, and every fault it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlencode

import pytest

from ktt.testing.sandbox.helseid.assertion_checks import CLAIMS, TYPE
from ktt.testing.sandbox.helseid.issuer import TOKEN_PATH
from ktt.wire import headers, jwk, jws
from support.receiver_harness import LEFT_OUT, NOW, key
from support.sandbox_parts import CLIENT, ISSUER, MULTI, PARENT, REFUSED_ASSERTIONS, TokenWorld
from support.settable_clock import SettableClock


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> TokenWorld:
    return TokenWorld(tmp_path_factory.mktemp("helseid"), SettableClock(NOW), require_nonce=False)


def test_the_token_has_the_shape_of_helseids(world: TokenWorld):
    """Header and claims of FHI's published test token (helseid § 7)."""
    answer = world.ask()
    body = json.loads(answer.body)
    assert (answer.status, body["expires_in"], body["token_type"], body["scope"]) == (200, 60, "DPoP", headers.SCOPE)
    token = jws.parse(body["access_token"])
    now = world.now()
    assert (token.header["alg"], token.header["typ"], len(token.header["kid"])) == ("RS256", "at+jwt", 40)
    assert {**token.payload, "jti": ""} == {
        "iss": ISSUER,
        "nbf": now,
        "iat": now,
        "exp": now + 60,
        "aud": "fhi:slash.mottak",
        "cnf": {"jkt": jwk.thumbprint(key())},
        "scope": ["fhi:slash.mottak/all"],
        "client_id": CLIENT,
        "client_amr": "private_key_jwt",
        "helseid://claims/client/client_name": "ktt sandbox",
        headers.CLAIM_PARENT: PARENT,
        headers.CLAIM_TENANCY: "single-tenant",
        "jti": "",
    }
    published = {entry["kid"]: entry for entry in json.loads(world.helseid.keys.jwks())["keys"]}
    jws.verify(token, jwk.load_public(published[token.header["kid"]]), frozenset({"RS256"}))


def test_the_token_is_bound_to_the_key_of_the_proof_not_of_the_assertion(world: TokenWorld):
    other = key("ES256", "ec")
    assert world.token(proofs=[world.proof(proof_key=other)])["cnf"] == {"jkt": jwk.thumbprint(other)}


ACCEPTED = {
    "typ JWT": {"header": {"typ": "JWT"}},
    "aud with a slash": {"claims": {"aud": ISSUER + "/"}},
    "aud the token endpoint": {"claims": {"aud": ISSUER + TOKEN_PATH}},
    "aud alone in a list": {"claims": {"aud": [ISSUER]}},
    "iat as text": {"claims": {"iat": "1772431200"}},
    "nbf left out": {"claims": {"nbf": LEFT_OUT}},
    "60 s ahead": {"claims": {"exp": 1772431200 + 60}},
    "without kid, having one key": {"header": {"kid": LEFT_OUT}},
    "PS256": {"alg": "PS256"},
    "RS512": {"alg": "RS512"},
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_assertions_that_hold(world: TokenWorld, case: str):
    assert world.now() == 1772431200
    assert world.ask(assertion=world.assertion(**ACCEPTED[case])).status == 200


@pytest.mark.parametrize("case", REFUSED_ASSERTIONS)
def test_assertions_that_do_not(world: TokenWorld, case: str):
    assert world.error(assertion=world.assertion(**REFUSED_ASSERTIONS[case])) == (401, "invalid_client")


@pytest.mark.parametrize(("name", "required"), [(name, required) for name, required, _ in CLAIMS])
def test_every_claim_of_the_assertion_counts(world: TokenWorld, name: str, required: bool):
    assert world.error(claims={name: {"not": "this"}}) == (401, "invalid_client")
    assert world.ask(claims={name: LEFT_OUT}).status == (401 if required else 200)


FORMS = {
    "another grant": ({"grant_type": "password"}, (400, "unsupported_grant_type")),
    "no grant": ({"grant_type": LEFT_OUT}, (400, "unsupported_grant_type")),
    "unknown client": ({"client_id": "33333333-3333-4333-8333-333333333333"}, (401, "invalid_client")),
    "no client": ({"client_id": LEFT_OUT}, (401, "invalid_client")),
    "another client's assertion": ({"client_id": MULTI}, (401, "invalid_client")),
    "another type of assertion": ({"client_assertion_type": "x"}, (401, "invalid_client")),
    "no assertion": ({"client_assertion": LEFT_OUT}, (401, "invalid_client")),
    "a scope that is not its own": ({"scope": "other:api/all"}, (400, "invalid_scope")),
}


@pytest.mark.parametrize("case", FORMS)
def test_forms_that_are_refused(world: TokenWorld, case: str):
    form, error = FORMS[case]
    assert world.error(form=form) == error


@pytest.mark.parametrize("form", [b"x", b"a=%ff\xff", b"a=1&a=1", b"grant_type=client_credentials" * 4000])
def test_what_is_no_form(world: TokenWorld, form: bytes):
    answer = world.helseid.answer(form, [world.proof()])
    assert (answer.status, json.loads(answer.body)["error"]) == (400, "invalid_request")


def test_scopes(world: TokenWorld):
    answer = json.loads(world.ask(form={"scope": f"{headers.SCOPE} other:api/all"}).body)
    assert (answer["scope"], answer["rejected_scope"]) == (headers.SCOPE, "other:api/all")


PROOFS = {
    "none": lambda w: [],
    "two": lambda w: [w.proof(), w.proof()],
    "joined": lambda w: [f"{w.proof()},{w.proof()}"],
    "another method": lambda w: [w.proof({"htm": "GET"})],
    "another address": lambda w: [w.proof({"htu": ISSUER + "/message"})],
    "too old": lambda w: [w.proof({"iat": w.now() - 16})],
    "too new": lambda w: [w.proof({"iat": w.now() + 11})],
    "no jti": lambda w: [w.proof({"jti": LEFT_OUT})],
    "no JWS": lambda w: ["x.y.z"],
}


@pytest.mark.parametrize("case", PROOFS)
def test_proofs_that_are_refused(world: TokenWorld, case: str):
    assert world.error(proofs=PROOFS[case](world)) == (400, "invalid_dpop_proof")


def test_proof_and_assertion_are_good_once(world: TokenWorld):
    proof, assertion = world.proof(), world.assertion()
    assert world.ask(proofs=[proof], assertion=assertion).status == 200
    assert world.error(proofs=[proof]) == (400, "invalid_dpop_proof")
    assert world.error(assertion=assertion) == (401, "invalid_client")


def test_the_nonce_dance(tmp_path: Path, clock):
    """400 with exactly one nonce; the same assertion is not used up by it; then with the nonce, and from the start."""
    world = TokenWorld(tmp_path, clock)
    assertion = world.assertion()
    first = world.ask(assertion=assertion)
    assert (first.status, json.loads(first.body)["error"]) == (400, "use_dpop_nonce")
    world.nonce = first.nonce
    assert world.nonce
    assert world.ask(assertion=assertion).status == 200
    assert world.ask().status == 200, "a nonce may be used again while it lives"
    world.nonce = "foreign"
    assert world.error() == (400, "use_dpop_nonce")


def test_rotation_keeps_the_key_before(tmp_path: Path, clock):
    world = TokenWorld(tmp_path, clock, require_nonce=False)

    def signer() -> str:
        return jws.parse(json.loads(world.ask().body)["access_token"]).header["kid"]

    before = signer()
    world.helseid.keys.rotate()
    published = {entry["kid"] for entry in json.loads(world.helseid.keys.jwks())["keys"]}
    assert signer() != before
    assert {signer(), before} <= published
    again = TokenWorld(tmp_path, clock)
    assert again.helseid.keys.jwks() == world.helseid.keys.jwks(), "kept in the folder"
    assert b'"d"' not in world.helseid.keys.jwks()


def test_discovery_begins_with_the_issuer(world: TokenWorld):
    document = json.loads(world.helseid.discovery())
    assert {"issuer", "jwks_uri", "token_endpoint"} <= set(document)
    addresses = [value for name, value in document.items() if name == "jwks_uri" or name.endswith("endpoint")]
    assert all(address.startswith(document["issuer"] + "/") for address in addresses)


def test_the_form_of_fhis_client(world: TokenWorld):
    """No scope in the form: the client's full set is in the token (transport § 12.1)."""
    form = {"grant_type": "client_credentials", "client_id": CLIENT, "client_assertion_type": TYPE}
    body = urlencode({**form, "client_assertion": world.assertion({"iat": str(world.now())}, {"typ": "JWT"})})
    assert world.helseid.answer(body.encode(), [world.proof()]).status == 200
