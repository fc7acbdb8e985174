"""Every knob of the sandbox, turned through the admin endpoint, and seen from the outside as a sender sees it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

import pytest

from ktt.core.settings import SandboxSettings
from ktt.testing.conformance.errors import NothingToTest
from ktt.testing.conformance.receiver.harness import Bench
from ktt.testing.conformance.receiver.http import SILENCE, Heard
from ktt.testing.conformance.receiver.submission import Post
from ktt.testing.conformance.receiver.target import target_from
from ktt.testing.sandbox.errors import KnobRefused, SandboxNotFound
from ktt.testing.sandbox.faults.admin_client import Admin
from ktt.testing.sandbox.faults.faults import KINDS, Fault, Knobs, read_fault
from ktt.testing.sandbox.faults.token_faults import TokenOrder
from ktt.testing.sandbox.helseid.issuer import TOKEN_PATH
from ktt.testing.sandbox.sandbox import Sandbox
from ktt.wire import jws
from ktt.wire.answers import AnswerCode, parse_answer
from ktt.wire.keys import parse_keys


@dataclass
class World:
    sandbox: Sandbox
    bench: Bench
    admin: Admin

    def stored(self) -> int:
        return len(self.sandbox.inbox.after(0, 10_000))

    def post(self) -> Heard:
        self.bench.begin()
        return self.bench.send(Post())

    def newest(self, path: str = "/message") -> dict:
        return [one for one in self.admin.requests() if one["path"] == path][-1]


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("knobs")
    settings = SandboxSettings(folder=folder / "sandbox", helseid_port=0, mottak_port=0)
    with Sandbox(settings, ingest=lambda _inbox: None) as sandbox, Admin(folder / "sandbox") as admin:
        target = target_from({**sandbox.config, "sandbox": {"folder": str(folder / "sandbox")}})
        yield World(sandbox, Bench(target, admin), admin)


@pytest.fixture
def world(running: World):
    running.admin.reset()
    running.bench.tokens.forget()
    running.bench.forget_keys()
    return running


MESSAGE = {  # kind → what is heard: status, and a part of the body
    "lose": (None, b""),
    "cut": (None, b""),
    "reset": (None, b""),
    "slow": (200, b'"delivered":true'),
    "html": (502, b"<html>"),
    "empty": (200, b""),
    "undelivered": (200, b'"delivered":false'),
    "nonce": (401, b"Unauthorized"),
    "redirect": (307, b'"delivered":false'),
    "storage": (503, b"StorageError"),
    "unknown-code": (400, b"1999"),
    "anonymous": (200, b'"delivered":true'),
    "created": (201, b'"delivered":true'),
}


def test_every_kind_has_a_test_here():
    tested = {*MESSAGE, "code", "status", "keys-expired", "keys-weak", "keys-down", "token-down", "token-nonce"}
    assert set(KINDS) == tested | {*BROKEN, "token-bearer"}


@pytest.mark.parametrize("kind", MESSAGE)
def test_a_fault_at_message_meets_one_request(world: World, kind: str):
    before, (status, part) = world.stored(), MESSAGE[kind]
    world.admin.fail(kind, seconds=0.3 if kind == "slow" else 0.0)
    began = time.monotonic()
    heard = world.post()
    assert heard.status == status
    assert part in heard.body
    assert (time.monotonic() - began >= 0.3) == (kind == "slow")
    assert world.newest()["fault"] == kind
    assert world.stored() - before == KINDS[kind].stored
    assert world.post().status == 200, "and only one"


def test_what_is_special_about_some(world: World):
    world.admin.fail("nonce")
    assert world.post().header("dpop-nonce")
    world.admin.fail("redirect")
    assert world.post().header("location") == "/elsewhere"
    world.admin.fail("anonymous")
    assert world.post().header("x-correlation-id") is None
    world.admin.fail("lose")
    assert world.post() == SILENCE


@pytest.mark.parametrize("code", [int(code) for code in AnswerCode])
def test_every_code_can_be_asked_for(world: World, code: int):
    world.admin.fail(str(code))
    heard = world.post()
    answer = parse_answer(heard.body)
    assert answer is not None
    assert [error.kind for error in answer.errors] == [AnswerCode(code)]
    assert heard.status == {2002: 401, 2009: 413, 2010: 503}.get(code, 400)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 413, 429, 500, 503, 504])
def test_a_status_can_be_asked_for(world: World, status: int):
    world.admin.fail(str(status))
    heard = world.post()
    assert heard.status == status
    assert heard.header("retry-after") == ("1" if status in {429, 503} else None)


def test_a_fault_waits_as_often_as_it_was_asked_for_and_in_order(world: World):
    assert world.admin.fail("503", count=2)["waiting"] == ["503", "503"]
    world.admin.fail("2008")
    assert [world.post().status for _ in range(4)] == [503, 503, 400, 200]


def test_faults_wait_at_their_own_places(world: World):
    world.admin.fail("token-down")
    world.admin.fail("500")
    world.bench.tokens.forget()
    with pytest.raises(NothingToTest):
        world.bench.tokens.get(world.bench.tokens.client)
    assert world.admin.state()["waiting"] == ["500"]
    assert world.post().status == 500


@pytest.mark.parametrize(("kind", "usable", "unfit"), [("keys-expired", 0, 0), ("keys-weak", 0, 1)])
def test_keys_that_a_careful_sender_refuses(world: World, kind: str, usable: int, unfit: int):
    world.admin.fail(kind)
    listed = parse_keys(world.bench.line.ask("GET", "/keys", ()).body)
    now = world.bench.clock.now()
    assert len([key for key in listed.keys if key.expires_at > now]) == usable
    assert len(listed.unusable) == unfit
    assert parse_keys(world.bench.line.ask("GET", "/keys", ()).body).keys[0].expires_at > now


def test_keys_that_are_not_to_be_had(world: World):
    world.admin.fail("keys-down")
    assert [world.bench.line.ask("GET", "/keys", ()).status for _ in range(2)] == [503, 200]


def test_helseid_that_hands_out_a_useless_nonce(world: World):
    world.admin.fail("token-nonce")
    with pytest.raises(NothingToTest, match="use_dpop_nonce"):
        world.bench.tokens.get(world.bench.tokens.client)
    assert world.bench.tokens.get(world.bench.tokens.client), "the next nonce does"
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
def test_a_broken_token_is_refused_by_the_receiver(world: World, kind: str):
    world.admin.fail(kind)
    token = world.bench.tokens.get(world.bench.tokens.client)
    claims, bound = jws.parse(token).payload, world.bench.tokens.client.thumbprint
    assert BROKEN[kind](claims, world.bench.now())
    assert (claims["cnf"]["jkt"] != bound) == (kind == "token-binding")
    assert world.post().status == 401
    world.bench.tokens.forget()
    assert world.post().status == 200


def test_a_token_without_binding(world: World):
    world.admin.fail("token-bearer")
    world.bench.tokens.get(world.bench.tokens.client)
    given = [one["answer"] for one in world.admin.requests() if one["path"] == TOKEN_PATH][-1]
    assert given["token_type"] == "Bearer"


def test_rotation_at_the_receiver_puts_a_new_key_first(world: World):
    before = [key.id for key in parse_keys(world.bench.line.ask("GET", "/keys", ()).body).keys]
    made = world.admin.rotate("mottak")
    assert [key.id for key in parse_keys(world.bench.line.ask("GET", "/keys", ()).body).keys] == [made, *before]


def test_rotation_at_helseid_signs_with_another_key(world: World):
    before = jws.parse(world.bench.tokens.get(world.bench.tokens.client)).header["kid"]
    made = world.admin.rotate("helseid")
    world.bench.tokens.forget()
    after = jws.parse(world.bench.tokens.get(world.bench.tokens.client)).header["kid"]
    assert (after, after == before) == (made, False)
    assert world.post().status == 200


def test_the_clock_can_be_turned_and_is_put_right_by_reset(world: World):
    assert world.post().status == 200
    assert world.admin.clock(25)["clock_offset"] == 25
    assert world.post().status == 401
    assert world.admin.reset()["clock_offset"] == 0
    assert world.post().status == 200


def test_reset_clears_faults_and_memory(world: World):
    world.admin.fail("500", count=5)
    world.post()
    state = world.admin.reset()
    assert state["waiting"] == []
    assert world.admin.requests() == []
    assert state["last_request"] > 0, "numbers go on"


def test_the_record_opens_what_came_and_shows_no_token(world: World):
    world.post()
    shown = world.newest()
    token = world.bench.tokens.get(world.bench.tokens.client)
    assert json.loads(shown["payload"])[0]["tjeneste"]
    assert shown["proof"]["claims"]["htm"] == "POST"
    assert token not in json.dumps(world.admin.requests())
    assert [one["number"] for one in world.admin.requests(after=shown["number"] - 1)] == [shown["number"]]


def test_a_record_is_complete_as_soon_as_the_sender_has_its_answer(world: World):
    """Whoever has heard the answer, or the silence, finds the fault and the end in the record at once."""
    recorder = world.sandbox.desk.recorder
    for kind in ("500", "lose", "reset", "cut", "undelivered", "created", "200"):
        for _ in range(5):
            if kind != "200":
                world.admin.fail(kind)
            world.post()
            note = [one for one in recorder.after() if one.path == "/message"][-1]
            assert note.ended is not None, kind
            assert note.fault == (None if kind == "200" else kind)


def test_a_recorded_message_can_be_sent_again(world: World):
    assert world.post().status == 200
    assert world.admin.replay(world.newest()["number"])["outcome"] == "Accepted"
    with pytest.raises(KnobRefused):
        world.admin.replay(10**6)


def test_an_expired_key_is_known_and_not_listed(world: World):
    key = parse_keys(world.admin.expired_key()).keys[0]
    assert key.id not in {one.id for one in parse_keys(world.bench.line.ask("GET", "/keys", ()).body).keys}
    world.bench.begin()
    heard = world.bench.send(Post(receiver_key=lambda _bench: key))
    answer = parse_answer(heard.body)
    assert answer is not None
    assert [error.code for error in answer.errors] == [1007]


def test_a_token_can_be_ordered(world: World):
    claims = jws.parse(world.admin.token("j" * 43, TokenOrder({"aud": "x"}, without=frozenset({"scope"})))).payload
    assert (claims["aud"], "scope" in claims, claims["cnf"]) == ("x", False, {"jkt": "j" * 43})


@pytest.mark.parametrize("wrong", ["nonsense", "99", "200", "1998", "code", "status", "9999"])
def test_what_is_no_fault_is_refused(world: World, wrong: str):
    with pytest.raises(KnobRefused):
        world.admin.fail(wrong)


@pytest.mark.parametrize("wish", [{"count": 0}, {"count": 1001}, {"seconds": -1.0}, {"seconds": 601.0}])
def test_what_is_out_of_bounds_is_refused(world: World, wish: dict):
    with pytest.raises(KnobRefused):
        world.admin.fail("slow", **wish)


def test_the_admin_endpoint_is_for_whoever_can_read_the_folder(world: World, tmp_path):
    place = json.loads((world.sandbox._folder / "admin.json").read_text(encoding="utf-8"))
    stranger = tmp_path / "admin.json"
    stranger.write_text(json.dumps({**place, "token": "guess"}), encoding="utf-8")
    stranger.chmod(0o600)
    with Admin(tmp_path) as admin, pytest.raises((KnobRefused, SandboxNotFound)):
        admin.state()


def test_faults_are_taken_in_the_order_they_wait():
    knobs = Knobs()
    knobs.add(Fault("lose"))
    knobs.add(Fault("status", 503))
    assert knobs.take("keys") is None
    assert knobs.take("message", {"status"}) == Fault("status", 503)
    assert knobs.waiting() == ["lose"]
    knobs.clear()
    assert knobs.take("message") is None
    assert read_fault("slow", 2.0) == Fault("slow", seconds=2.0)
