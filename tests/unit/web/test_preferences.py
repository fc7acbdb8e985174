"""The reader's language and colours: bokmål first, kept in a cookie, and nothing but what there is."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from ktt.web.preferences import Preferences, address_with, choice_in, preferences_of


def request(path: str, cookie: str = "") -> Request:
    plain, _, query = path.partition("?")
    scope = {"type": "http", "method": "GET", "scheme": "http", "server": ("127.0.0.1", 8789), "path": plain}
    return Request({**scope, "query_string": query.encode(), "headers": [(b"cookie", cookie.encode())]})


@pytest.mark.parametrize(
    ("cookie", "language", "scheme"),
    [
        ("", "nb", "auto"),
        ("ktt-language=en; ktt-scheme=dark", "en", "dark"),
        ("ktt-language=fr; ktt-scheme=<b>", "nb", "auto"),
    ],
)
def test_what_was_chosen(cookie: str, language: str, scheme: str):
    assert preferences_of(request("/", cookie)) == Preferences(language, scheme)


def test_a_page_without_a_choice_is_shown():
    assert choice_in(request("/requests?all=1")) is None


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/?language=en", "/"),
        ("/requests?all=1&language=en&scheme=dark", "/requests?all=1"),
        ("//evil.example/?language=en", "/evil.example/"),
    ],
)
def test_a_choice_is_kept_and_leads_back(path: str, leads_to: str):
    response = choice_in(request(path))
    assert response is not None
    assert (response.status_code, response.headers["location"]) == (303, leads_to)
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("ktt-language=en;")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


def test_the_address_of_a_choice_keeps_what_the_page_was_asked():
    assert address_with(request("/rules?search=dato&language=nb"), language="en") == "/rules?search=dato&language=en"
