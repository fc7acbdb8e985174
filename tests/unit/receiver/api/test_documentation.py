"""The OpenAPI document, the page, schemas and examples: complete, true, and nothing that must be fetched."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import jsonschema
import pytest

from ktt.messages.register import pack
from ktt.receiver.api import paths
from ktt.receiver.api.answer_models import SHAPES
from ktt.receiver.api.documentation.openapi_parts import EXAMPLES
from ktt.receiver.api.problem_texts import TEXTS
from support.receiver_api import ask, changed, check, follower, lookup, outstanding, validate
from support.receiver_harness import ReceiverHarness, message

VERSIONS = {one.message_type: one for one in pack("ktt_v1")}


@pytest.fixture(scope="module")
def document(receiver: ReceiverHarness) -> dict:
    return ask(receiver, "GET", "/openapi.json").json


def conforms(value: object, name: str) -> None:
    """By another validator than the receiver's."""
    wanted = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": SHAPES}}
    jsonschema.Draft202012Validator(wanted, format_checker=jsonschema.FormatChecker()).validate(value)


def test_every_address_is_in_it(document: dict):
    assert set(document["paths"]) == set(paths.ALL)
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": "https://mottak.example"}]


def test_what_is_closed_is_not_in_it(make_receiver):
    closed = ask(make_receiver(environment="production"), "GET", "/openapi.json").json
    assert set(paths.ALL) - set(closed["paths"]) == {paths.CHECK, paths.METRICS}


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_conforms(name: str):
    conforms(EXAMPLES[name], name)


def test_every_refusal_shown_conforms(document: dict):
    for item in document["paths"].values():
        for operation in item.values():
            for status, told in operation["responses"].items():
                for content in told["content"].values():
                    if status != "200":
                        conforms(content["example"], content["schema"]["$ref"].rpartition("/")[2])


def test_no_reference_leads_nowhere(document: dict):
    named = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))
    assert named == set(SHAPES)


def test_real_answers_conform(fresh: ReceiverHarness):
    conforms(validate(fresh).json, "Verdict")
    conforms(check(fresh, changed(message(), vedtakDato="2031-01-01")).json, "Verdict")
    conforms(check(fresh, b"[{}]").json, "Verdict")
    conforms(validate(fresh, b"[").json, "Problem")
    sent = fresh.post(changed(message(), vedtakDato="2031-01-01"))
    conforms(sent.json, "Answer")
    conforms(lookup(fresh, f"/receipts/{sent.correlation_id}").json, "Receipt")
    fresh.post(changed(message(), vedtakDato="2031-01-01"))
    follower(fresh).run()
    conforms(lookup(fresh, f"/receipts/{sent.correlation_id}").json, "Receipt")
    found = outstanding(fresh)
    assert found["findings"]
    conforms(found, "Outstanding")
    for key in fresh.get("/keys").json:
        conforms(key, "Key")


# ── schemas and examples ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", VERSIONS)
def test_schema_and_example_are_the_registers_own(receiver: ReceiverHarness, kind: str):
    schema = ask(receiver, "GET", f"/schemas/{kind}/1")
    assert (schema.body, schema.header("Content-Type")) == (VERSIONS[kind].schema, "application/schema+json")
    example = ask(receiver, "GET", f"/swagger-tools/download-example?messageType={kind}&messageVersion=1")
    assert example.body == message(kind)
    assert example.header("Content-Disposition") == f'attachment; filename="{kind}-1-N01-everyday.json"'


def test_any_example_can_be_had_by_name(receiver: ReceiverHarness):
    for name, body in VERSIONS["KTT_Vedtak"].examples().items():
        answer = ask(
            receiver, "GET", f"/swagger-tools/download-example?messageType=KTT_Vedtak&messageVersion=1&name={name}"
        )
        assert answer.body == body


# ── the page ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class Page(HTMLParser):
    """What the tests want to know of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "br", "link", "img", "input"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}>"

    def all(self, name: str) -> list[str]:
        return [attributes[name] for _, attributes in self.tags if name in attributes]


@pytest.fixture(scope="module")
def page(receiver: ReceiverHarness) -> Page:
    answer = ask(receiver, "GET", "/swagger")
    assert answer.header("Content-Type") == "text/html; charset=utf-8"
    assert "script" not in answer.header("Content-Security-Policy")
    assert ask(receiver, "GET", "/swagger/index.html").body == answer.body
    return Page(answer.body.decode())


def test_the_page_is_whole_and_fetches_nothing(page: Page):
    assert page.open == []
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "form"}
    assert not [href for href in page.all("href") if href.startswith(("http", "//"))]


def test_every_link_on_it_leads_somewhere(page: Page, receiver: ReceiverHarness):
    ids = set(page.all("id"))
    assert len(ids) == len(page.all("id")), "each id is used once"
    for href in set(page.all("href")):
        if href.startswith("#"):
            assert href[1:] in ids
        else:
            assert ask(receiver, "GET", href.replace("&amp;", "&")).status == 200, href


def test_every_problem_leads_to_its_words(page: Page):
    assert set(TEXTS) <= set(page.all("id"))


def test_both_languages_bokmal_first(page: Page):
    assert next(a["lang"] for tag, a in page.tags if tag == "html") == "nb"
    assert [a["lang"] for tag, a in page.tags if tag == "main"] == ["nb", "en"], "the first one is shown unless asked"
    assert [a["id"] for tag, a in page.tags if tag == "input" and "checked" in a] == ["choose-nb"]
