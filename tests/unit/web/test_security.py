"""Who is let in: this machine alone, by its own name, and from the page's own forms."""

from __future__ import annotations

import asyncio

import pytest
from starlette.responses import PlainTextResponse

from ktt.web.security import HEADERS, LoopbackPages

PORT = 8789
HERE = f"http://127.0.0.1:{PORT}"


def answered(method: str, *, client: str = "127.0.0.1", host: str = f"127.0.0.1:{PORT}", origin: str | None = None):
    fields = [(b"host", host.encode())] + ([(b"origin", origin.encode())] if origin is not None else [])
    scope = {"type": "http", "method": method, "path": "/", "headers": fields}
    scope |= {"client": (client, 50_000), "server": ("127.0.0.1", PORT)}
    sent: list[dict] = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    asyncio.run(LoopbackPages(PlainTextResponse("here"))(scope, receive, send))
    return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}


@pytest.mark.parametrize(
    ("method", "given", "status"),
    [
        ("GET", {}, 200),
        ("GET", {"host": f"localhost:{PORT}"}, 200),
        ("GET", {"client": "::1"}, 200),
        ("GET", {"origin": "http://evil.example"}, 200),  # it may ask, and is not shown the answer
        ("GET", {"client": "192.0.2.7"}, 403),
        ("GET", {"host": "evil.example"}, 421),
        ("GET", {"host": f"evil.example:{PORT}"}, 421),
        ("GET", {"host": f"127.0.0.1.evil.example:{PORT}"}, 421),
        ("GET", {"host": "127.0.0.1:8791"}, 421),
        ("GET", {"host": "127.0.0.1"}, 421),
        ("GET", {"host": ""}, 421),
        ("POST", {"origin": HERE}, 200),
        ("POST", {}, 403),
        ("POST", {"origin": "null"}, 403),
        ("POST", {"origin": "http://evil.example"}, 403),
        ("POST", {"origin": "http://127.0.0.1:8791"}, 403),
        ("POST", {"origin": f"https://127.0.0.1:{PORT}"}, 403),
        ("POST", {"origin": f"http://localhost:{PORT}"}, 403),
        ("POST", {"origin": f"http://evil.example:{PORT}", "host": f"evil.example:{PORT}"}, 421),
        ("DELETE", {}, 403),
    ],
)
def test_who_is_let_in(method: str, given: dict[str, str], status: int):
    assert answered(method, **given)[0] == status


@pytest.mark.parametrize("given", [{}, {"host": "evil.example"}])
def test_every_answer_says_what_a_browser_may_do(given: dict[str, str]):
    _, headers = answered("GET", **given)
    for name, value in HEADERS.items():
        assert headers[name.lower()] == value
    assert "unsafe" not in headers["content-security-policy"]
