"""Rendering pages: what is given is escaped, what is missing is an error, and both languages have their words."""

from __future__ import annotations

import jinja2
import pytest

from ktt.core.html.environment import both, marked, render
from ktt.core.text import Text

TITLE = Text(nb="Tittel <1>", en="Title <1>")


@pytest.fixture
def rendered(tmp_path):
    def from_template(source, **facts):
        (tmp_path / "page.html.jinja").write_text(source)
        return render(tmp_path, "page.html.jinja", title=TITLE, **facts).decode()

    return from_template


def test_a_page_is_escaped_and_in_both_languages(rendered):
    source = '{% extends "two_languages.html.jinja" %}{% block content %}<p>{{ t("ja", "yes") }} {{ given }}</p>{% endblock %}'
    page = rendered(source, given="<script>")
    assert "<p>ja &lt;script&gt;</p>" in page
    assert "<p>yes &lt;script&gt;</p>" in page
    assert page.index('id="choose-nb" checked') < page.index("<p>ja") < page.index("<p>yes")
    assert "<title>Tittel &lt;1&gt;</title>" in page
    assert "default-src 'none'" in page


def test_a_name_that_is_missing_is_an_error(rendered):
    with pytest.raises(jinja2.UndefinedError):
        rendered("{{ nosuch }}")


def test_what_stands_between_grave_accents_is_code():
    assert str(marked("a `b<c>` <d>")) == "a <code>b&lt;c&gt;</code> &lt;d&gt;"


def test_both_languages_of_which_the_page_shows_one():
    assert str(both(Text("én & to", "one"))) == '<span lang="nb">én &amp; to</span><span lang="en">one</span>'
    assert str(both(Text("OK", "OK"))) == "OK"
