"""Every fault of the sandbox, asked for through the admin endpoint, and what a sender then sees."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from ktt.testing.conformance.errors import NothingToTest
from ktt.testing.conformance.receiver.harness import ReceiverHarness
from ktt.testing.conformance.receiver.http import NO_RESPONSE, RawResponse
from ktt.testing.conformance.receiver.submission import Submission
from ktt.testing.conformance.receiver.target import target_from
from ktt.testing.sandbox.errors import ControlRefused, SandboxNotFound
from ktt.testing.sandbox.faults.admin_client import AdminClient
from ktt.testing.sandbox.faults.conditions import Conditions, HeaderPattern
from ktt.testing.sandbox.faults.faults import FAULT_KINDS, Fault
from ktt.testing.sandbox.faults.token_faults import TokenSpec
from ktt.testing.sandbox.helseid.issuer import TOKEN_PATH
from ktt.testing.sandbox.sandbox import Sandbox
from ktt.testing.sandbox.settings import SandboxSettings
from ktt.wire import jws
from ktt.wire.answers import AnswerCode, parse_answer
from ktt.wire.keys import parse_keys


@dataclass
class RunningSandbox:
    sandbox: Sandbox
    harness: ReceiverHarness
    admin: AdminClient

    def stored(self) -> int:
        return len(self.sandbox.inbox.after(0, 10_000))

    def send(self) -> RawResponse:
        self.harness.begin()
        return self.harness.send(Submission())

    def newest(self, path: str = "/message") -> dict:
        return [one for one in self.admin.requests() if one["path"] == path][-1]


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faults")
    settings = SandboxSettings(folder=folder / "sandbox", helseid_port=0, mottak_port=0)
    with Sandbox(settings, ingest=lambda _inbox: None) as sandbox, AdminClient(folder / "sandbox") as admin:
        target = target_from({**sandbox.config, "sandbox": {"folder": str(folder / "sandbox")}})
        yield RunningSandbox(sandbox, ReceiverHarness(target, admin), admin)


@pytest.fixture
def world(running: RunningSandbox):
    running.admin.reset()
    running.harness.tokens.forget()
    running.harness.forget_keys()
    return running


MESSAGE = {  # kind → the answer: status, and a part of the body
    "lose": (None, b""),
    "cut": (None, b""),
    "reset": (None, b""),
    "slow": (200, b'"delivered":true'),
    "html": (502, b"<html>"),
    "empty": (200, b""),
    "undelivered": (200, b'"delivered":false'),
    "delivered-500": (500, b'"delivered":true'),
    "delivered-400": (400, b'"delivered":true'),
    "nonce": (401, b"Unauthorized"),
    "redirect": (307, b'"delivered":false'),
    "storage": (503, b"StorageError"),
    "unknown-code": (400, b"1999"),
    "anonymous": (200, b'"delivered":true'),
    "created": (201, b'"delivered":true'),
}


def eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_every_kind_has_a_test_here():
    tested = {*MESSAGE, "code", "status", "keys-expired", "keys-weak", "keys-down", "token-down", "token-nonce"}
    assert set(FAULT_KINDS) == tested | {*BROKEN, "token-bearer"}


@pytest.mark.parametrize("kind", MESSAGE)
def test_a_fault_at_message_meets_one_request(world: RunningSandbox, kind: str):
    before, (status, part) = world.stored(), MESSAGE[kind]
    world.admin.fail(kind, seconds=0.3 if kind == "slow" else 0.0)
    began = time.monotonic()
    response = world.send()
    assert response.status == status
    assert part in response.body
    assert kind != "slow" or time.monotonic() - began >= 0.3
    # The recorder and the store may be a moment behind a connection that was cut.
    eventually(lambda: world.newest()["fault"] == kind and world.stored() - before == FAULT_KINDS[kind].stored)
    assert world.send().status == 200, "and only one"


def test_what_is_special_about_some(world: RunningSandbox):
    world.admin.fail("nonce")
    assert world.send().header("dpop-nonce")
    world.admin.fail("redirect")
    assert world.send().header("location") == "/elsewhere"
    world.admin.fail("anonymous")
    assert world.send().header("x-correlation-id") is None
    world.admin.fail("lose")
    assert world.send() == NO_RESPONSE


@pytest.mark.parametrize("code", [int(code) for code in AnswerCode])
def test_every_code_can_be_asked_for(world: RunningSandbox, code: int):
    world.admin.fail(str(code))
    response = world.send()
    answer = parse_answer(response.body)
    assert answer is not None
    assert [error.kind for error in answer.errors] == [AnswerCode(code)]
    assert response.status == {2002: 401, 2009: 413, 2010: 503}.get(code, 400)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 413, 429, 500, 503, 504])
def test_a_status_can_be_asked_for(world: RunningSandbox, status: int):
    world.admin.fail(str(status))
    response = world.send()
    assert response.status == status
    assert response.header("retry-after") == ("1" if status in {429, 503} else None)


def test_a_fault_waits_as_often_as_it_was_asked_for_and_in_order(world: RunningSandbox):
    assert world.admin.fail("503", count=2)["waiting"] == ["503", "503"]
    world.admin.fail("2008")
    assert [world.send().status for _ in range(4)] == [503, 503, 400, 200]


def test_faults_wait_at_their_own_places(world: RunningSandbox):
    world.admin.fail("token-down")
    world.admin.fail("500")
    world.harness.tokens.forget()
    with pytest.raises(NothingToTest):
        world.harness.tokens.get(world.harness.tokens.client)
    assert world.admin.state()["waiting"] == ["500"]
    assert world.send().status == 500


@pytest.mark.parametrize(("kind", "usable", "unfit"), [("keys-expired", 0, 0), ("keys-weak", 0, 1)])
def test_keys_that_a_careful_sender_refuses(world: RunningSandbox, kind: str, usable: int, unfit: int):
    world.admin.fail(kind)
    listed = parse_keys(world.harness.http.ask("GET", "/keys", ()).body)
    now = world.harness.clock.now()
    assert len([key for key in listed.keys if key.expires_at > now]) == usable
    assert len(listed.unusable) == unfit
    assert parse_keys(world.harness.http.ask("GET", "/keys", ()).body).keys[0].expires_at > now


def test_keys_that_are_not_to_be_had(world: RunningSandbox):
    world.admin.fail("keys-down")
    assert [world.harness.http.ask("GET", "/keys", ()).status for _ in range(2)] == [503, 200]


def test_helseid_that_hands_out_a_useless_nonce(world: RunningSandbox):
    world.admin.fail("token-nonce")
    with pytest.raises(NothingToTest, match="use_dpop_nonce"):
        world.harness.tokens.get(world.harness.tokens.client)
    assert world.harness.tokens.get(world.harness.tokens.client), "the next nonce does"
    asked = [one for one in world.admin.requests() if one["path"] == TOKEN_PATH]
    assert [one["fault"] for one in asked[:1]] == ["token-nonce"]
    assert asked[0]["answer"]["error"] == "use_dpop_nonce"


BROKEN = {
    "token-expired": lambda claims, now: claims["exp"] < now,
    "token-early": lambda claims, now: claims["nbf"] > now,
    "token-issuer": lambda claims, _now: claims["iss"] == "https://helseid-sts.nhn.no",
    "token-audience": lambda claims, _now: claims["aud"] == "fhi:another.api",
    "token-signature": lambda claims, _now: claims["aud"] == "fhi:slash.mottak",
    "token-binding": lambda claims, _now: len(claims["cnf"]["jkt"]) == 43,
    "token-scope": lambda claims, _now: claims["scope"] == ["fhi:slash.mottak/allx"],
    "token-organisation": lambda claims, _now: not any("orgnr" in name for name in claims),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_token_is_refused_by_the_receiver(world: RunningSandbox, kind: str):
    world.admin.fail(kind)
    token = world.harness.tokens.get(world.harness.tokens.client)
    claims, bound_key = jws.parse(token).payload, world.harness.tokens.client.thumbprint
    assert BROKEN[kind](claims, world.harness.now())
    assert (claims["cnf"]["jkt"] != bound_key) == (kind == "token-binding")
    assert world.send().status == 401
    world.harness.tokens.forget()
    assert world.send().status == 200


def test_a_token_without_binding(world: RunningSandbox):
    world.admin.fail("token-bearer")
    world.harness.tokens.get(world.harness.tokens.client)
    given = [one["answer"] for one in world.admin.requests() if one["path"] == TOKEN_PATH][-1]
    assert given["token_type"] == "Bearer"


def test_rotation_at_the_receiver_puts_a_new_key_first(world: RunningSandbox):
    before = [key.id for key in parse_keys(world.harness.http.ask("GET", "/keys", ()).body).keys]
    made = world.admin.rotate("mottak")
    assert [key.id for key in parse_keys(world.harness.http.ask("GET", "/keys", ()).body).keys] == [made, *before]


def test_rotation_at_helseid_signs_with_another_key(world: RunningSandbox):
    before = jws.parse(world.harness.tokens.get(world.harness.tokens.client)).header["kid"]
    made = world.admin.rotate("helseid")
    world.harness.tokens.forget()
    after = jws.parse(world.harness.tokens.get(world.harness.tokens.client)).header["kid"]
    assert (after, after == before) == (made, False)
    assert world.send().status == 200


def test_the_clock_can_be_turned_and_is_put_right_by_reset(world: RunningSandbox):
    assert world.send().status == 200
    assert world.admin.clock(25)["clock_offset"] == 25
    assert world.send().status == 401
    assert world.admin.reset()["clock_offset"] == 0
    assert world.send().status == 200


def test_reset_clears_faults_and_memory(world: RunningSandbox):
    world.admin.fail("500", count=5)
    world.send()
    state = world.admin.reset()
    assert state["waiting"] == []
    assert world.admin.requests() == []
    assert state["last_request"] > 0, "numbers go on"


def test_the_record_opens_what_came_and_shows_no_token(world: RunningSandbox):
    world.send()  # at the first message the receiver fetches HelseID's keys, which are recorded after it
    world.send()
    shown = world.newest()
    token = world.harness.tokens.get(world.harness.tokens.client)
    assert json.loads(shown["payload"])[0]["tjeneste"]
    assert shown["proof"]["claims"]["htm"] == "POST"
    assert token not in json.dumps(world.admin.requests())
    assert [one["number"] for one in world.admin.requests(after=shown["number"] - 1)] == [shown["number"]]


def test_a_recorded_request_is_complete_as_soon_as_the_sender_has_its_answer(world: RunningSandbox):
    """Whoever has the answer, or no answer, finds the fault and the end recorded at once."""
    recorder = world.sandbox.control.recorder
    for kind in ("500", "lose", "reset", "cut", "undelivered", "created", "200"):
        for _ in range(5):
            if kind != "200":
                world.admin.fail(kind)
            world.send()
            request = [one for one in recorder.after() if one.path == "/message"][-1]
            assert request.ended is not None, kind
            assert request.fault == (None if kind == "200" else kind)


def test_a_recorded_message_can_be_sent_again(world: RunningSandbox):
    assert world.send().status == 200
    assert world.admin.replay(world.newest()["number"])["outcome"] == "Accepted"
    with pytest.raises(ControlRefused):
        world.admin.replay(10**6)


def test_an_expired_key_is_known_and_not_listed(world: RunningSandbox):
    key = parse_keys(world.admin.expired_key()).keys[0]
    assert key.id not in {one.id for one in parse_keys(world.harness.http.ask("GET", "/keys", ()).body).keys}
    world.harness.begin()
    response = world.harness.send(Submission(receiver_key=lambda _harness: key))
    answer = parse_answer(response.body)
    assert answer is not None
    assert [error.code for error in answer.errors] == [1007]


def test_a_token_can_be_ordered(world: RunningSandbox):
    claims = jws.parse(world.admin.token("j" * 43, TokenSpec({"aud": "x"}, without=frozenset({"scope"})))).payload
    assert (claims["aud"], "scope" in claims, claims["cnf"]) == ("x", False, {"jkt": "j" * 43})


@pytest.mark.parametrize("wrong", ["nonsense", "99", "200", "1998", "code", "status", "9999"])
def test_what_is_no_fault_is_refused(world: RunningSandbox, wrong: str):
    with pytest.raises(ControlRefused):
        world.admin.fail(wrong)


def test_the_token_endpoint_knows_for_whom_a_token_is(world: RunningSandbox):
    other = Conditions(unit="314000005")
    with pytest.raises(ControlRefused, match="312000008"):
        world.admin.fail("token-down", conditions=other)
    for kind in ("token-down", "token-scope", "token-bearer"):
        world.sandbox.control.faults.add(Fault(kind), conditions=other)
    token = world.harness.tokens.get(world.harness.tokens.client)
    assert jws.parse(token).payload["scope"] == ["fhi:slash.mottak/all"]
    assert len(world.admin.state()["waiting"]) == 3
    world.admin.reset()
    world.harness.tokens.forget()
    world.admin.fail("token-scope", conditions=Conditions(unit="312000008"))
    token = world.harness.tokens.get(world.harness.tokens.client)
    assert jws.parse(token).payload["scope"] == ["fhi:slash.mottak/allx"]
    world.harness.tokens.forget()
    world.admin.fail("token-down", conditions=Conditions(unit="312000008"))
    with pytest.raises(NothingToTest):
        world.harness.tokens.get(world.harness.tokens.client)


@pytest.mark.parametrize(
    ("conditions", "met"),
    [
        (Conditions("KTT_Vedtak"), False),
        (Conditions("ktt_tjeneste", "312000008-1114"), True),
        (Conditions("tjeneste", headers=(HeaderPattern("X-Vendor-Name", "*"),)), True),
        (Conditions("KTT_Tjeneste", headers=(HeaderPattern("x-vendor-name", "Nobody*"),)), False),
    ],
)
def test_a_fault_meets_only_what_it_is_for(world: RunningSandbox, conditions: Conditions, met: bool):
    world.admin.fail("503", count=None, conditions=conditions)
    assert [world.send().status for _ in range(2)] == [503 if met else 200] * 2
    (armed,) = world.admin.faults()["armed"]
    assert armed["applied"] == (2 if met else 0)
    assert world.admin.disarm(armed["number"])["waiting"] == []
    assert world.send().status == 200


@pytest.mark.parametrize(
    ("what", "conditions"),
    [
        ("503", Conditions("KTT_Nonsense")),
        ("503", Conditions("KTT")),
        ("503", Conditions(unit="999999999")),
        ("token-down", Conditions("KTT_Vedtak")),
        ("keys-down", Conditions(unit="312000008")),
    ],
)
def test_what_no_request_can_meet_is_refused(world: RunningSandbox, what: str, conditions: Conditions):
    with pytest.raises(ControlRefused):
        world.admin.fail(what, conditions=conditions)
    with pytest.raises(ControlRefused):
        world.admin.disarm(10**6)
    assert world.admin.state()["waiting"] == []


@pytest.mark.parametrize(
    "options", [{"every": 0}, {"every": 1001}, {"count": 0}, {"count": 1001}, {"seconds": -1.0}, {"seconds": 601.0}]
)
def test_what_is_out_of_bounds_is_refused(world: RunningSandbox, options: dict):
    with pytest.raises(ControlRefused):
        world.admin.fail("slow", **options)


def test_the_admin_endpoint_is_for_whoever_can_read_the_folder(world: RunningSandbox, tmp_path):
    place = json.loads((world.sandbox._folder / "admin.json").read_text(encoding="utf-8"))
    stranger = tmp_path / "admin.json"
    stranger.write_text(json.dumps({**place, "token": "guess"}), encoding="utf-8")
    stranger.chmod(0o600)
    with AdminClient(tmp_path) as admin, pytest.raises((ControlRefused, SandboxNotFound)):
        admin.state()
