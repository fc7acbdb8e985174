"""Table A (helseid § 12), row by row: what a token must be to get in. Every refusal is the same 401."""

from __future__ import annotations

import json

import pytest

from ktt.receiver.access.claim_checks import TOKEN_CLAIMS, TOKEN_HEADER
from ktt.wire import headers, jwk
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


REFUSED = {
    "A4 crit": {"header": {"crit": ["x"]}},
    "A5 typ of a proof": {"header": {"typ": "dpop+jwt"}},
    "A5 typ of an assertion": {"header": {"typ": "client-authentication+jwt"}},
    "A5 typ missing": {"header": {"typ": LEFT_OUT}},
    "A5 typ a number": {"header": {"typ": 1}},
    "A3 kid unknown": {"header": {"kid": "other"}},
    "A3 kid missing": {"header": {"kid": LEFT_OUT}},
    "A3 injected jwk": {
        "header": {"jwk": jwk.public_part(key(name="thief")), "kid": "thief-key"},
        "signed_by": key(name="thief"),
    },
    "A3 signature by another key": {"header": {"kid": "helseid-key"}, "signed_by": key(name="thief")},
    "A2 alg that is not allowed": {"alg": "RS512"},
    "A6 iss with a slash": {"claims": {"iss": ISSUER + "/"}},
    "A6 iss of production": {"claims": {"iss": "https://helseid-sts.nhn.no"}},
    "A7 aud other": {"claims": {"aud": "nhn:other"}},
    "A7 aud two": {"claims": {"aud": ["fhi:slash.mottak", "nhn:other"]}},
    "A7 aud longer": {"claims": {"aud": "fhi:slash.mottak2"}},
    "A8 expired 6 s ago": {"claims": {"exp": NOW_S - 6}},
    "A8 not valid for 60 s": {"claims": {"nbf": NOW_S + 60}},
    "A8 issued in the future": {"claims": {"iat": NOW_S + 60}},
    "A8 exp as text": {"claims": {"exp": str(NOW_S + 60)}},
    "A8 exp a fraction": {"claims": {"exp": NOW_S + 60.5}},
    "A8 exp true": {"claims": {"exp": True}},
    "A8 exp beyond time": {"claims": {"exp": 2**60}},
    "A9 scope longer": {"claims": {"scope": ["fhi:slash.mottak/allx"]}},
    "A9 scope a part of a word": {"claims": {"scope": "xfhi:slash.mottak/all"}},
    "A9 scope other": {"claims": {"scope": ["openid"]}},
    "A9 scope a number": {"claims": {"scope": 1}},
    "A10 cnf empty": {"claims": {"cnf": {}}},
    "A10 cnf two methods": {"claims": {"cnf": {"jkt": "x" * 43, "x5t#S256": "y"}}},
    "A10 cnf text": {"claims": {"cnf": "x" * 43}},
    "A10 jkt too short": {"claims": {"cnf": {"jkt": "x" * 42}}},
    "client_id a number": {"claims": {"client_id": 7}},
    "parent not nine digits": {"claims": {headers.CLAIM_PARENT: "31200000"}},
    "child a number": {"claims": {headers.CLAIM_CHILD: 312000008}},
    "supplier with a letter": {"claims": {headers.CLAIM_SUPPLIER: "31200000A"}},
}


@pytest.mark.parametrize("case", REFUSED)
def test_kept_out(receiver: ReceiverHarness, case: str):
    options = dict(REFUSED[case])
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
