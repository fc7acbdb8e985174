"""The admin address over plain HTTP: each documented operation does what it says, and answers as the document describes."""

from __future__ import annotations

import http.client
import inspect
import json
import re
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema
import pytest

from ktt.messages.register import pack
from ktt.testing.sandbox import Sandbox
from ktt.testing.sandbox.faults.admin_app import OPERATIONS
from ktt.testing.sandbox.settings import SandboxSettings
from ktt.wire import jws

EXAMPLE = next(one for one in pack("ktt_v1") if one.message_type == "KTT_Vedtak").examples()["N01-everyday"].decode()
MESSAGE = {"message_type": "KTT_Vedtak", "version": "1", "content": EXAMPLE}


@dataclass
class Admin:
    """Somebody's own test, which knows `admin.json` and the document only."""

    url: str
    token: str
    document: dict

    def ask(
        self, method: str, path: str, content: object = None, *, token: str | None = None
    ) -> tuple[int, str, object]:
        place = urlsplit(self.url)
        line = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
        body = b"" if content is None else json.dumps(content).encode()
        try:
            line.request(method, path, body, {"Authorization": f"Bearer {token or self.token}"})
            answer = line.getresponse()
            return answer.status, answer.headers["content-type"], json.loads(answer.read())
        finally:
            line.close()

    def does(self, method: str, path: str, content: object = None, status: int = 200) -> object:
        """The answer, after it was compared with the schema that the document gives for it."""
        found, media, answer = self.ask(method, path, content)
        described = re.sub(r"/\d+", "/{number}", path.partition("?")[0]).replace("/states/base", "/states/{name}")
        operation = self.document["paths"][described][method.lower()]
        assert found == status, answer
        shape = operation["responses"][str(status)]["content"][media]["schema"]
        whole = {**shape, "components": self.document["components"]}
        jsonschema.Draft202012Validator(whole).validate(answer)
        if content is not None and status == 200:
            asked = {
                **operation["requestBody"]["content"]["application/json"]["schema"],
                "components": whole["components"],
            }
            jsonschema.Draft202012Validator(asked).validate(content)
        return answer


@pytest.fixture(scope="module")
def admin(tmp_path_factory):
    folder = tmp_path_factory.mktemp("admin") / "sandbox"
    with Sandbox(SandboxSettings(folder=folder, helseid_port=0, mottak_port=0)):
        place = json.loads((folder / "admin.json").read_text(encoding="utf-8"))
        admin = Admin(place["url"], place["token"], {})
        admin.document = admin.ask("GET", "/openapi.json", token="none")[2]
        yield admin


@pytest.fixture(autouse=True)
def _as_new(admin):
    admin.ask("POST", "/reset")


def newest(admin):
    return [one for one in admin.does("GET", "/requests") if one["path"] == "/message"][-1]


def state_and_config(admin):
    state, config = admin.does("GET", "/state"), admin.does("GET", "/config")
    assert state["mottak"] == config["mottak"]["base_url"]
    assert config["helseid"]["client_id"] == state["client_id"]


def faults(admin):
    asked = {"what": "503", "count": None, "every": 2, "message_type": "KTT_Vedtak", "unit": "312000008"}
    asked["headers"] = [{"name": "x-vendor-name", "pattern": "*"}]
    assert admin.does("POST", "/faults", asked)["waiting"] == ["503"]
    assert [admin.does("POST", "/send", MESSAGE)["delivered"] for _ in range(3)] == [True, False, True]
    (armed,) = admin.does("GET", "/faults")["armed"]
    assert (armed["applied"], armed["left"]) == (1, None)
    assert admin.does("DELETE", f"/faults/{armed['number']}")["armed"] == []


def rotation(admin):
    for service in ("mottak", "helseid"):
        assert admin.does("POST", "/rotate", {"what": service})["key"]
    assert admin.does("POST", "/send", MESSAGE)["delivered"]


def clock(admin):
    assert admin.does("POST", "/clock", {"seconds": -3600})["clock_offset"] == -3600
    admin.does("POST", "/send", MESSAGE)
    assert abs(newest(admin)["at"] - (time.time() - 3600)) < 60
    assert admin.does("POST", "/reset", {"what": "faults"})["clock_offset"] == 0


def reset(admin):
    admin.does("POST", "/send", MESSAGE)
    admin.does("POST", "/faults", {"what": "lose"})
    assert admin.does("POST", "/reset", {"what": "requests"})["waiting"] == ["lose"]
    assert admin.does("GET", "/requests") == []
    assert admin.does("POST", "/reset")["waiting"] == []


def states(admin):
    admin.does("POST", "/send", MESSAGE)
    saved = admin.does("PUT", "/states/base")
    assert saved in admin.does("GET", "/states")
    assert admin.does("POST", "/reset", {"what": "all"})["last_request"] > 0
    assert admin.does("POST", "/states/base/restore")["messages"] == saved["messages"]
    assert saved not in admin.does("DELETE", "/states/base")


def sending(admin):
    assert admin.does("POST", "/send", MESSAGE)["outcome"] == "Accepted"
    number = newest(admin)["number"]
    assert admin.does("POST", "/replay", number)["delivered"]
    assert number == min(one["number"] for one in admin.does("GET", f"/requests?after={number - 1}"))
    assert newest(admin)["verdict"]["delivered"]
    assert newest(admin)["sender"] == "client"
    assert admin.does("GET", f"/requests/{number}/findings") == []
    late = {**MESSAGE, "content": EXAMPLE.replace('"soknadDato": "20', '"soknadDato": "19')}
    admin.does("POST", "/send", late)
    found = admin.does("GET", f"/requests/{newest(admin)['number']}/findings")
    assert {"KTT-DATO-01"} <= {one["rule"] for one in found}
    assert found[0]["message_fields"] == ["soknadDato"]
    broken = {**MESSAGE, "content": "[]"}
    assert admin.does("POST", "/send", broken)["code"] == 2008
    assert [one["code"] for one in newest(admin)["verdict"]["errors"]] == [2008]
    assert "helseid" in admin.does("POST", "/ingest")


def credentials(admin):
    asked = {"jkt": "j" * 43, "spec": {"claims": {"aud": "x"}, "signed_by": "stranger"}}
    token = admin.does("POST", "/token", asked)["access_token"]
    assert jws.parse(token).payload["aud"] == "x"
    assert len(admin.does("POST", "/expired-key")) == 1


@pytest.mark.parametrize("story", [state_and_config, faults, rotation, clock, reset, states, sending, credentials])
def test_the_operations_do_what_they_say(admin, story):
    story(admin)


def test_every_operation_is_tried_here_and_described(admin):
    tried = "".join(
        map(inspect.getsource, (state_and_config, faults, rotation, clock, reset, states, sending, credentials))
    )
    for one in OPERATIONS:
        assert f'"{one.method}", ' in tried
        assert one.path.partition("{")[0] in tried, one.path
        assert one.path.rpartition("}")[2] in tried, one.path
    named = {(method.upper(), path) for path, item in admin.document["paths"].items() for method in item}
    assert named == {(one.method, one.path.replace(":int", "")) for one in OPERATIONS}
    assert admin.document["servers"] == [{"url": admin.url}]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_nothing_is_done_without_the_token(admin, operation):
    path = operation.path.replace("{number:int}", "1").replace("{name}", "base")
    status, media, answer = admin.ask(operation.method, path, token="guess")
    assert (status, media, answer["status"]) == (401, "application/problem+json", 401)


def test_an_address_that_is_none_is_a_problem_too(admin):
    status, media, answer = admin.ask("GET", "/nowhere")
    assert (status, media, answer["status"]) == (404, "application/problem+json", 404)


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("POST", "/faults", {"what": "nonsense"}),
        ("POST", "/faults", {"what": "503", "count": 0}),
        ("POST", "/faults", {"what": "503", "message_type": "KTT_None"}),
        ("POST", "/faults", {"what": "503", "more": 1}),
        ("DELETE", "/faults/999999", None),
        ("POST", "/rotate", {"what": "nobody"}),
        ("POST", "/clock", {"seconds": 1e12}),
        ("POST", "/reset", {"what": "nothing"}),
        ("POST", "/states/base/restore", None),
        ("DELETE", "/states/base", None),
        ("GET", "/requests/999999/findings", None),
        ("POST", "/replay", 999_999),
        ("POST", "/replay", "one"),
        ("POST", "/send", {}),
        ("GET", "/requests?after=x", None),
    ],
)
def test_what_cannot_be_done_is_a_described_problem(admin, method, path, content):
    answer = admin.does(method, path, content, status=400)
    assert answer["title"]
    assert answer["title_nb"]


GUIDE = Path(__file__).parents[5] / "docs" / "how-to" / "first-ten-minutes.md"
CURL = re.compile(
    r"""^\$ curl -s -H "Authorization: Bearer \$token"(?: -X (\w+))?(?: -d '([^']+)')? \$url(\S+)""", re.MULTILINE
)


def test_what_the_guide_does_with_curl_is_done(admin):
    asked = CURL.findall(GUIDE.read_text(encoding="utf-8"))
    assert len(asked) == 3
    for method, body, path in asked:
        admin.does(method or ("POST" if body else "GET"), path, json.loads(body) if body else None)
    assert admin.does("GET", "/state")["armed"] == []
