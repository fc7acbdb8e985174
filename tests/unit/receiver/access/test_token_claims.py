"""Table A (helseid § 12), row by row: what a token must be to get in. Every refusal is the same 401."""

from __future__ import annotations

import json

import pytest

from ktt.receiver.access.claim_checks import TOKEN_CLAIMS, TOKEN_HEADER
from ktt.wire import headers
from support import refused_credentials
from support.receiver_harness import ISSUER, LEFT_OUT, NOW, Post, ReceiverHarness, key, unsigned

NOW_S = int(NOW.timestamp())


def refused(answer) -> bool:
    assert answer.codes == [None], answer.body
    assert 'error="invalid_token"' in answer.header("WWW-Authenticate")
    return answer.status == 401


ACCEPTED = {
    "A5 typ JWT": {"header": {"typ": "JWT"}},
    "A5 typ with prefix": {"header": {"typ": "application/at+jwt"}},
    "A5 typ in other case": {"header": {"typ": "AT+JWT"}},
    "A7 aud alone in a list": {"claims": {"aud": ["fhi:slash.mottak"]}},
    "A8 expired 4 s ago": {"claims": {"exp": NOW_S - 4}},
    "A8 valid in 5 s": {"claims": {"nbf": NOW_S + 5, "iat": NOW_S + 5}},
    "A9 scope as text": {"claims": {"scope": "openid fhi:slash.mottak/all"}},
    "A9 scope among others": {"claims": {"scope": ["other", "fhi:slash.mottak/all"]}},
    "A3 jku is ignored": {"header": {"jku": "https://evil.example/jwks"}},
    "unknown claims are ignored": {"claims": {"pid": "x", "nhn:sfm:journal-id": "y"}},
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_let_in(receiver: ReceiverHarness, case: str):
    assert receiver.post(token=receiver.token(**ACCEPTED[case])).status == 200


@pytest.mark.parametrize("case", refused_credentials.TOKENS)
def test_kept_out(receiver: ReceiverHarness, case: str):
    options = dict(refused_credentials.TOKENS[case])
    if options.get("alg") == "RS512":
        options["signed_by"] = receiver.issuer.keys[0]
    assert refused(receiver.post(token=receiver.token(**options)))


@pytest.mark.parametrize("row", TOKEN_CLAIMS, ids=lambda row: f"{row.check} {row.name}")
def test_every_claim_counts(receiver: ReceiverHarness, row):
    """Left out, and of the wrong type: a claim that need not be there must still be right when it is."""
    assert refused(receiver.post(token=receiver.token(claims={row.name: {"not": "this"}})))
    without = receiver.post(token=receiver.token(claims={row.name: LEFT_OUT}))
    assert without.status == (401 if row.required or row.name == headers.CLAIM_PARENT else 200)


@pytest.mark.parametrize("row", TOKEN_HEADER, ids=lambda row: f"{row.check} {row.name}")
def test_every_header_member_counts(receiver: ReceiverHarness, row):
    header = {"alg": "RS256", "typ": "at+jwt", "kid": "helseid-key"}
    for broken in ({**header, row.name: ["x"]}, {name: value for name, value in header.items() if name != row.name}):
        assert refused(receiver.post(token=unsigned(broken, {"iss": ISSUER})))


@pytest.mark.parametrize("alg", ["none", "None", "HS256", "RS1"])
def test_a2_no_other_algorithm_is_ever_tried(receiver: ReceiverHarness, alg: str):
    header = {"alg": alg, "typ": "at+jwt", "kid": "helseid-key"}
    assert refused(receiver.post(token=unsigned(header, {"iss": ISSUER})))


def test_a1_three_parts_of_base64url(receiver: ReceiverHarness):
    good = receiver.token()
    head, payload, signature = good.split(".")
    for broken in (
        f"{head}.{payload}",
        f"{head}.{payload}.{signature}.x",
        f"{head}.{payload}.x.y.z",
        f"{head}=.{payload}.{signature}",
        f"{head}.{payload}.",
        good + "A",
        "x" * 9_000,
    ):
        assert refused(receiver.post(token=broken, proof_claims={"ath": "x"}))


def test_a11_a_member_twice_is_refused(receiver: ReceiverHarness):
    now = NOW_S
    twice = f'{{"iss":"{ISSUER}","aud":"a","aud":"fhi:slash.mottak","exp":{now + 60},"nbf":{now},"iat":{now}}}'
    assert refused(receiver.post(token=receiver.token(raw_payload=twice.encode())))


@pytest.mark.parametrize("number", ["NaN", "1e99", "1e999", "-1", "99999999999999999999"])
def test_a8_numbers_that_are_no_instants(receiver: ReceiverHarness, number: str):
    claims = json.dumps({"iss": ISSUER, "aud": headers.AUDIENCE}).rstrip("}") + f', "exp": {number}}}'
    assert refused(receiver.post(token=receiver.token(raw_payload=claims.encode())))


def test_a12_only_the_scheme_dpop_and_only_once(receiver: ReceiverHarness):
    token = receiver.token()

    def ask(**options):
        return receiver.post(token=token, **options)

    assert ask(headers={"Authorization": f"dpop {token}"}).status == 200
    assert refused(ask(headers={"Authorization": f"Bearer {token}"}))
    assert refused(ask(headers={"Authorization": token}))
    assert refused(ask(headers={"Authorization": f"DPoP {token} x"}))
    assert refused(ask(headers={"Authorization": LEFT_OUT}))
    assert refused(ask(more_headers=(("Authorization", f"DPoP {token}"),)))
    assert refused(ask(more_headers=(("Authorization", f"Bearer {token}"),)))


@pytest.mark.parametrize(("kind", "alg"), [("RSA-2048", "PS256"), ("ES256", "ES256")])
def test_a2_what_the_settings_allow_besides_rs256(make_receiver, kind: str, alg: str):
    receiver = make_receiver()
    receiver.issuer.keys = [key(kind, f"helseid-{alg}")]
    assert receiver.post(token=receiver.token(alg=alg)).status == 200


def test_a_token_that_was_right_and_is_changed_in_any_place_is_refused(receiver: ReceiverHarness):
    good = receiver.token()
    for place in range(0, len(good), 37):
        other = "A" if good[place] != "A" else "B"
        changed = good[:place] + other + good[place + 1 :]
        post = Post(receiver.clock.now(), token=changed)
        assert receiver.send(*receiver.request(post)).status == 401, place
