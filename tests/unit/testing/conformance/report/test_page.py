"""The report as a page: whole in one file, readable without script and without colour, and with nobody in it."""

from __future__ import annotations

import datetime as dt
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from ktt.testing.conformance.case import Verdict, select_cases
from ktt.testing.conformance.report.evidence import content, hidden, words
from ktt.testing.conformance.report.page import MARKS, WORDS, About, as_page
from ktt.testing.conformance.sender.cases import SENDER_CASES
from ktt.testing.conformance.sender.drivers.driver import Ability
from ktt.testing.conformance.sender.harness import open_harness
from ktt.testing.conformance.sender.run import run_suite
from support.scripted_driver import ScriptedDriver

ABOUT = About("sender", "send <now> & then", dt.datetime(2026, 3, 2, 6, 0, tzinfo=dt.UTC))
VOID = {"meta", "br", "input"}


class Page(HTMLParser):
    """Reads the page strictly: every element is closed, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict]] = []
        self.text: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.text.append(data)

    def all(self, name: str) -> list[dict]:
        return [attrs for tag, attrs in self.tags if tag == name]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    driver = ScriptedDriver("no ath")
    driver.abilities = frozenset({Ability.QUEUE, Ability.STARTS})
    with open_harness(driver, tmp_path_factory.mktemp("harness")) as harness:
        return run_suite(harness, select_cases(SENDER_CASES, "N100,N151,N200,N212,F800,N613,N904"))


@pytest.fixture(scope="module")
def source(results):
    return as_page(results, ABOUT).decode()


@pytest.fixture(scope="module")
def page(source):
    return Page(source)


def test_it_is_one_file_that_asks_for_nothing(page: Page, source: str):
    assert page.all("script") == page.all("link") == page.all("img") == []
    assert not re.search(r'(?:src|href)="(?!#)', source)
    assert "default-src 'none'" in source
    assert "@import" not in source
    assert not re.search(r"url\((?!\"data:)", source)


def test_it_says_its_language_and_both_languages_are_marked(page: Page):
    assert [attrs["lang"] for attrs in page.all("html")] == ["nb"]
    assert [one["id"] for one in page.all("input")] == ["choose-nb", "choose-en"]
    assert len([attrs for attrs in page.all("span") if attrs.get("lang") == "en"]) > 20
    assert page.all("title")


def test_headings_and_landmarks_are_in_order(page: Page):
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    assert len(page.all("main")) == len(page.all("header")) == 1
    assert all(attrs.get("scope") in {"col", "row"} for attrs in page.all("th"))


def test_every_link_leads_somewhere(page: Page):
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {attrs["href"].removeprefix("#") for attrs in page.all("a")} <= set(ids)


def test_each_verdict_is_a_mark_and_a_word(page: Page, results):
    said = " ".join(" ".join(page.text).split())
    for result in results:
        assert f"{MARKS[result.verdict]} {WORDS[result.verdict].nb}" in said
    assert {one.verdict for one in results} >= {Verdict.PASSED, Verdict.FAILED, Verdict.SKIPPED}


def test_what_failed_is_open_and_told_first(page: Page, source: str):
    assert 'id="N212" open' in source
    assert 'id="N100"><summary>' in source
    assert source.index('href="#N212"') < source.index('id="N212"')


def test_a_case_shows_what_was_asked_and_answered(page: Page):
    said = " ".join(page.text)
    for part in (
        "Hensikt",
        "Trinn",
        "Ventet",
        "Sett",
        "Forespørsler",
        "Bevis (dekodet)",
        '"htm": "POST"',
        "De samme som",
    ):
        assert part in said


def test_what_it_shows_is_escaped(source: str):
    assert "send &lt;now&gt; &amp; then" in source


def test_nobody_is_in_it_and_no_secret(source: str, results):
    assert "23915820158" not in source
    assert "•••" in source
    assert not re.search(r"eyJ[\w-]{40,}", source)
    assert "client_assertion&quot;" not in source
    assert "23915820158" not in str([result.requests for result in results])


@pytest.mark.parametrize(
    "text",
    [
        '{"fodselsNr": 2814010190}',  # 10 digits: the first zero is lost in a JSON number
        '{"fodselsNr":"02814010190"}',
        '{"dNr" : 41814010190}',
        '{"dufNr":201812345678}',
        '{"personId":"23915820158"}',
    ],
)
def test_numbers_are_hidden_in_every_form(text: str):
    assert not re.search(r"\d{6}", content(text))
    assert "•••" in content(text)


def test_other_content_is_shown_as_it_is():
    text = '{"orgNr":312000008,"tjenesteId":"K-1","startDato":"2026-02-02"}'
    assert content(text) == text
    assert content("x" * 5000).endswith("… (5000)")


def test_tokens_and_long_values_are_cut():
    shown = hidden({"headers": [["host", "h"]], "access_token": "eyJ" + "a" * 900, "n": "b" * 500, "answer": {"n": 1}})
    assert shown == {
        "headers": [["host", "h"]],
        "access_token": "eyJaaa… (903)",
        "n": f"{'b' * 24}… (500)",
        "answer": {"n": 1},
    }
    assert words("sent eyJhbGciOiJSUzI1NiJ9.eyJqdGkiOiIxIn0.c2ln to 23915820158") == "sent eyJ… to •••"


def test_nothing_played_is_a_page_too():
    said = " ".join(Page(as_page([], ABOUT).decode()).text)
    assert "Ingen prøver ble kjørt" in said
