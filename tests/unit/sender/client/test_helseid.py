"""Dialogues with HelseID."""

from __future__ import annotations

import datetime as dt
import functools

import pytest

from ktt.core.http.exchange import NoAnswer, NotReached, Response, converse
from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import NotSent, Refused
from ktt.sender.client.client_assertion import organisation_details
from ktt.sender.client.conversation import ConversationStopped
from ktt.wire import jwk
from support.client_scripted_servers import (
    AUTHORITY,
    UNIT,
    ScriptedServers,
    assertion_of,
    discovery_answer,
    form_of,
    helseid,
    json_answer,
    numbered_tokens,
    proof_of,
    settings,
    token_answer,
)
from support.wire_keys import private_jwk
from support.wire_rules import header_of, verified

SECOND = dt.timedelta(seconds=1)


def nonce_wanted(nonce: str = "n1") -> Response:
    return json_answer({"error": "use_dpop_nonce"}, 400, dpop_nonce=nonce)


def obtain(servers, client):
    return converse(client.token(), servers.exchange)


def stopped(servers, clock):
    with pytest.raises(ConversationStopped) as stop:
        obtain(servers, helseid(clock))
    return stop.value.outcome


def test_a_token_is_asked_for_with_assertion_and_proof(clock):
    servers = ScriptedServers()
    assert obtain(servers, helseid(clock)) == "token"
    assert servers.path() == ["openid-configuration", "token"]
    request, now = servers.requests[1], int(clock.now().timestamp())
    form = form_of(request)
    key = jwk.public_part(private_jwk("ES256"))
    compact = form.pop("client_assertion")
    assert form == {
        "grant_type": "client_credentials",
        "client_id": "client",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "scope": "fhi:slash.mottak/all",
    }
    claims = verified(compact, key)
    assert header_of(compact) == {"typ": "client-authentication+jwt", "alg": "ES256", "kid": key["kid"]}
    assert len(claims.pop("jti")) == 22
    assert claims == {
        "iss": "client",
        "sub": "client",
        "aud": AUTHORITY,
        "iat": now,
        "nbf": now,
        "exp": now + 30,
    }
    proof = verified(request.headers["DPoP"], key)
    assert (proof["htm"], proof["htu"], proof["iat"]) == ("POST", f"{AUTHORITY}/connect/token", now)
    assert proof.keys() == {"jti", "htm", "htu", "iat"}
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_without_a_scope_none_is_sent(clock):
    servers = ScriptedServers()
    obtain(servers, helseid(clock, scope=None))
    assert "scope" not in form_of(servers.requests[1])


def test_the_nonce_is_answered_once_with_a_new_assertion_and_a_new_proof(clock):
    servers = ScriptedServers(tokens=[nonce_wanted(), token_answer])
    assert obtain(servers, helseid(clock)) == "token"
    first, second = servers.to("token")
    assert "nonce" not in proof_of(first)
    assert proof_of(second)["nonce"] == "n1"
    assert assertion_of(first).payload["jti"] != assertion_of(second).payload["jti"]
    assert proof_of(first)["jti"] != proof_of(second)["jti"]


def test_the_nonce_is_remembered_also_the_newest_one_of_a_good_answer(clock):
    good = json_answer({"access_token": "t", "expires_in": 60, "token_type": "DPoP"}, dpop_nonce="n2")
    servers, client = ScriptedServers(tokens=[nonce_wanted(), good, token_answer]), helseid(clock)
    obtain(servers, client)
    client.drop_token()
    obtain(servers, client)
    assert [proof_of(request).get("nonce") for request in servers.to("token")] == [None, "n1", "n2"]


def test_a_second_demand_for_a_nonce_is_not_met(clock):
    servers = ScriptedServers(tokens=[nonce_wanted("n1"), nonce_wanted("n2"), token_answer])
    assert stopped(servers, clock) == Refused(400, "HelseID: use_dpop_nonce")
    assert len(servers.to("token")) == 2


def test_a_demand_without_a_nonce_is_not_met(clock):
    servers = ScriptedServers(tokens=[json_answer({"error": "use_dpop_nonce"}, 400), token_answer])
    assert stopped(servers, clock) == Refused(400, "HelseID: use_dpop_nonce")


@pytest.mark.parametrize(("seconds", "kept"), [(60, 50), (60.5, 50.5), (11, 1), (10**9, 86_390)])
def test_a_token_is_kept_until_ten_seconds_before_its_end(clock, seconds, kept):
    servers = ScriptedServers(tokens=[functools.partial(token_answer, seconds=seconds)])
    client = helseid(clock)
    obtain(servers, client)
    clock.advance(kept * SECOND - SECOND / 1000)
    obtain(servers, client)
    asked = len(servers.to("token"))
    clock.advance(SECOND / 1000)
    obtain(servers, client)
    assert (asked, len(servers.to("token"))) == (1, 2)


@pytest.mark.parametrize("seconds", [10, 1, 0, -5, None, "60", True])
def test_a_token_that_is_too_short_or_does_not_say_how_long_is_used_once(clock, seconds):
    servers = ScriptedServers(tokens=[functools.partial(token_answer, seconds=seconds)])
    client = helseid(clock)
    for _ in range(3):
        assert obtain(servers, client) == "token"
    assert len(servers.to("token")) == 3


def test_a_dropped_token_is_fetched_again(clock):
    servers, client = ScriptedServers(tokens=[numbered_tokens()]), helseid(clock)
    first = obtain(servers, client)
    client.drop_token()
    assert (first, obtain(servers, client)) == ("token-1", "token-2")


def test_discovery_is_kept_for_a_day(clock):
    servers, client = ScriptedServers(), helseid(clock)
    for hours in (0, 23, 2):
        clock.advance(dt.timedelta(hours=hours))
        obtain(servers, client)
    assert servers.path().count("openid-configuration") == 2
    assert servers.path().count("token") == 3


@pytest.mark.parametrize(
    "answer",
    [
        discovery_answer(issuer="https://servers.example"),
        discovery_answer(token_endpoint="https://servers.example/connect/token"),
        discovery_answer(token_endpoint="http://helseid.example/connect/token"),
        discovery_answer(token_endpoint="https://helseid.example:8443/connect/token"),
        discovery_answer(token_endpoint="https://helseid.example.other.example/connect/token"),
        discovery_answer(token_endpoint="https://helseid.example.other/connect/token"),
    ],
)
def test_endpoints_must_keep_the_scheme_host_and_port_of_the_issuer(clock, answer):
    servers = ScriptedServers(discovery=[answer])
    assert stopped(servers, clock) == NotSent("HelseID: the discovery document names another issuer or host")
    assert servers.path() == ["openid-configuration"]


@pytest.mark.parametrize(
    "answer",
    [
        Response(404),
        Response(302, {"location": "https://servers.example"}),
        Response(200, {}, b"<html>"),
        json_answer([]),
        discovery_answer(issuer=None),
        discovery_answer(token_endpoint=1),
    ],
)
def test_without_a_discovery_document_nothing_is_asked(clock, answer):
    outcome = stopped(ScriptedServers(discovery=[answer]), clock)
    assert outcome == NotSent(f"HelseID: no discovery document (HTTP {answer.status})")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (json_answer({"error": "invalid_client"}, 401), Refused(401, "HelseID: invalid_client")),
        (json_answer({"error": "invalid_scope"}, 400), Refused(400, "HelseID: invalid_scope")),
        (Response(403, {}, b"<html>"), Refused(403, "HelseID: refused")),
        (json_answer({"error": "a\nb"}, 400), Refused(400, "HelseID: refused")),
        (Response(503), NotSent("HelseID: no token (HTTP 503)")),
        (Response(200, {}, b"<html>"), NotSent("HelseID: no token (HTTP 200)")),
        (json_answer({"token_type": "DPoP"}), NotSent("HelseID: no token (HTTP 200)")),
        (json_answer({"access_token": "a\r\nb", "token_type": "DPoP"}), NotSent("HelseID: no token (HTTP 200)")),
        (json_answer({"access_token": "t"}), Refused(200, "HelseID: the token is not bound to a proof")),
        (
            json_answer({"access_token": "t", "token_type": "Bearer"}),
            Refused(200, "HelseID: the token is not bound to a proof"),
        ),
        (NotReached("no connection"), NotSent("HelseID: no connection")),
        (NoAnswer("no answer in time"), NotSent("HelseID: no answer in time")),
    ],
)
def test_answers_without_a_token(clock, answer, outcome):
    assert stopped(ScriptedServers(tokens=[answer]), clock) == outcome


def identifiers(unit=UNIT, **changes):
    details = organisation_details(settings(**changes), unit)
    return [item["practitioner_role"]["organization"]["identifier"] for item in details]


PARENT, CHILD = "312000008", "312000016"


@pytest.mark.parametrize(
    ("changes", "system", "value"),
    [
        ({"multi_tenant": True}, "urn:oid:1.0.6523", f"NO:ORGNR:{PARENT}"),
        ({"multi_tenant": True, "child_organisation": CHILD}, "urn:oid:1.0.6523", f"NO:ORGNR:{PARENT}:{CHILD}"),
        ({"child_organisation": CHILD}, "urn:oid:2.16.578.1.12.4.1.4.101", CHILD),
    ],
)
def test_the_organisation_that_the_assertion_names(changes, system, value):
    assert identifiers(**changes) == [{"system": system, "type": "ENH", "value": value}]


def test_a_client_of_one_organisation_names_none(clock):
    servers = ScriptedServers()
    obtain(servers, helseid(clock))
    assert "assertion_details" not in assertion_of(servers.requests[1]).payload


def test_units_of_one_vendor_have_tokens_of_their_own(clock):
    servers = ScriptedServers(tokens=[numbered_tokens()])
    units = [UNIT, ReportingUnit("312000024", "0301", "03")]
    tokens = [obtain(servers, helseid(clock, unit, multi_tenant=True)) for unit in units]
    claimed = [assertion_of(request).payload["assertion_details"] for request in servers.to("token")]
    assert tokens == ["token-1", "token-2"]
    assert claimed == [organisation_details(settings(multi_tenant=True), unit) for unit in units]


def test_a_repr_shows_no_token(clock):
    servers, client = ScriptedServers(tokens=[functools.partial(token_answer, token="secret-token")]), helseid(clock)
    obtain(servers, client)
    assert "secret-token" not in repr(client._token)
    assert "secret-token" not in repr(token_answer(servers.requests[0], token="secret-token"))
