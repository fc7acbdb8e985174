"""Reading: the content of a message, however it is written, and the line of each record."""

from __future__ import annotations

import re

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ktt.messages.iplos_3_7 import stream
from ktt.messages.iplos_3_7.reader import read
from ktt.messages.iplos_3_7.tokens import plain_tokens
from ktt.rules.annual.catalogue import by_id
from ktt.rules.annual.schema_rules import SCHEMA_RULES
from ktt.testing.synthetic import annual_message
from support.annual_messages import blocks, validate, written

MANY = written(annual_message.people(60, 2025))


def frames(data, size=50_000):
    """Element → everything that was read of it."""
    batches = list(read("m.xml", blocks(data, size)))
    names = batches[0].elements
    return {name: pl.concat(batch.elements[name].frame.drop("id") for batch in batches) for name in names}


def same(data, other, *, lines=True):
    for (name, one), two in zip(frames(data).items(), frames(other).values(), strict=True):
        kept = [column for column in one.columns if lines or column != "line"]
        assert_frame_equal(one.select(kept), two.select(kept), check_exact=True), name


def test_a_record_stands_on_its_line():
    lines = MANY.decode().split("\n")
    for name, frame in frames(MANY).items():
        assert frame.height
        for line in frame["line"]:
            assert lines[line - 1].strip().startswith(f"<{name}")


def test_both_ways_of_making_tokens_give_the_same(monkeypatch):
    quick = frames(MANY)
    monkeypatch.setattr(stream, "plain_tokens", lambda *_: None)
    for name, frame in frames(MANY).items():
        assert_frame_equal(frame, quick[name], check_exact=True)


def test_the_quick_way_is_taken(monkeypatch):
    taken = []

    def watched(*given):
        tokens = plain_tokens(*given)
        taken.append(tokens is not None)
        return tokens

    monkeypatch.setattr(stream, "plain_tokens", watched)
    assert frames(MANY, 100_000)["PERSON"].height == 60
    assert taken
    assert all(taken)


@pytest.mark.parametrize("size", [1_000, 77_777, 10_000_000])
def test_the_size_of_the_blocks_does_not_matter(size):
    whole = frames(MANY, 10_000_000)
    for name, frame in frames(MANY, size).items():
        assert_frame_equal(frame, whole[name], check_exact=True)


OTHERWISE = {
    "Windows line ends": lambda text: text.replace("\n", "\r\n"),
    "old line ends": lambda text: text.replace("\n", "\r"),
    "comments": lambda text: text.replace("<PERSON ", "<!-- <PERSON> & --><PERSON "),
    "a comment with an end tag in it": lambda text: text.replace("<PERSON ", "<!-- </PERSON> --><PERSON ", 9),
    "a comment over a boundary": lambda text: text.replace("<PERSON ", f"<!-- {'</PERSON> ' * 900} --><PERSON ", 1),
    "instructions": lambda text: text.replace("<TJENESTE ", "<?x y?><TJENESTE "),
    "CDATA": lambda text: re.sub(r">(\d+)</tj", r"><![CDATA[\1]]></tj", text),
    "references": lambda text: text.replace(">2</tjVedtak>", ">&#50;</tjVedtak>"),
    "single quotes": lambda text: re.sub(r'ID="(\d+)"', r"ID='\1'", text),
    "spaces in tags": lambda text: re.sub(r'PeID="(\d+)"', r'PeID = "\1" ', text).replace("</PERSON>", "</PERSON >"),
    "prefixes": lambda text: re.sub(r"<(/?)(\w)", r"<\1i:\2", text).replace("xmlns=", "xmlns:i="),
    "a namespace declared again": lambda text: text.replace("<PERSON ", '<PERSON xmlns="http://www.npr.no/xmlstds/iplos/2019" '),
    "a place to find the schema": lambda text: text.replace(
        "<IPLOS ",
        '<IPLOS xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="u iplos.xsd" ',
    ),
}  # fmt: skip


@pytest.mark.parametrize("write", OTHERWISE.values(), ids=OTHERWISE)
def test_the_same_message_written_otherwise(write):
    other = write(MANY.decode()).encode()
    assert other != MANY
    same(MANY, other)
    findings, _ = validate(other)
    assert findings.is_empty()


def test_no_line_breaks_at_all():
    other = re.sub(rb">\s+<", b"><", MANY)
    same(MANY, other, lines=False)


def test_empty_elements_are_there_without_a_value():
    open_, closed = (re.sub(rb"<peAlder>\d+</peAlder>", text, MANY) for text in (b"<peAlder></peAlder>", b"<peAlder/>"))
    same(open_, closed)
    assert set(frames(closed)["PERSON"]["peAlder"]) == {""}


def test_a_byte_order_mark_is_noted_and_the_message_is_judged():
    findings, validation = validate(b"\xef\xbb\xbf" + MANY)
    assert findings["rule"].to_list() == [SCHEMA_RULES["marked"].id]
    assert validation.counts.kept == validation.counts.read > 0
    assert not validation.counts.rejected


SHAPES = [(rule.keeps, rule.breaks, rule.id) for rule in SCHEMA_RULES.values() if rule.breaks]


@pytest.mark.parametrize(("keeps", "breaks", "rule"), SHAPES, ids=[rule for *_, rule in SHAPES])
def test_the_example_of_each_way_to_break_the_schema(keeps, breaks, rule):
    for fragment, found in ((keeps, set()), (breaks, {rule})):
        head, _, _ = MANY.decode().partition("<PERSON ")
        data = f'{head}<PERSON pePeID="1">{fragment}</PERSON></IPLOS>'.encode()
        findings, validation = validate(data)
        assert set(findings["rule"]) == found
        assert validation.counts.rejected is bool(found)


HEADS = {
    "no head": (lambda text: re.sub(r"<INNHINFO>.*</INNHINFO>", "", text, flags=re.DOTALL), "too_few"),
    "no person": (lambda text: re.sub(r"<PERSON .*</PERSON>", "", text, flags=re.DOTALL), "too_few"),
    "one contact": (lambda text: re.sub(r"<iiKontakt>.*?</iiKontakt>", "", text, count=1, flags=re.DOTALL), "too_few"),
    "two heads": (lambda text: re.sub(r"(<INNHINFO>.*</INNHINFO>)", r"\1\1", text, flags=re.DOTALL), "repeated"),
    "the head last": (
        lambda text: re.sub(r"(<INNHINFO>.*</INNHINFO>)(.*)(</IPLOS>)", r"\2\1\3", text, flags=re.DOTALL),
        "order",
    ),
    "another kind of content": (lambda text: text.replace(">P<", ">Q<"), "fixed"),
    "text between persons": (lambda text: text.replace("<PERSON ", "x<PERSON ", 1), "text"),
    "an attribute on a field": (lambda text: text.replace("<peAlder>", '<peAlder enhet="år">', 1), "attribute"),
    "an attribute on the root": (lambda text: text.replace("<IPLOS ", '<IPLOS nr="1" ', 1), "attribute"),
    "a record outside a person": (lambda text: text.replace("<PERSON ", "<TJENESTE><tjVedtak/></TJENESTE><PERSON ", 1), "unknown"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "kind"), HEADS.values(), ids=HEADS)
def test_the_whole_message_has_its_shape(change, kind):
    findings, validation = validate(change(MANY.decode()).encode())
    assert set(findings["rule"]) == {SCHEMA_RULES[kind].id}
    assert findings.height == 1
    assert validation.counts.rejected


def test_a_fault_is_told_where_it_stands():
    text = MANY.decode().replace("<tjVedtak>2<", "<tjVedtak>7<", 1)
    findings, _ = validate(text.encode())
    (found,) = findings.to_dicts()
    assert "<tjVedtak>7" in text.split("\n")[found["line"] - 1]
    assert re.fullmatch(r"/IPLOS/PERSON\[\d+\]/TJENESTE\[\d+\]/tjVedtak", found["pointer"])
    assert found["value"] is None
    assert by_id()[found["rule"]].id == "IPLOS-TJVEDTAK-KODE"


def test_a_local_number_that_may_be_a_persons_is_never_shown():
    text = MANY.decode().replace("100001", "08844110015").replace("<peKjonn>", "<peFnr>08844110015</peFnr><peKjonn>", 1)
    findings, _ = validate(text.encode(), values=True)
    assert {"IPLOS-PEPEID-FORM", SCHEMA_RULES["withdrawn"].id} <= set(findings["rule"])
    assert "08844110015" not in str(findings.to_dicts())


def test_names_and_telephones_are_not_shown_as_values():
    findings, _ = validate(written(annual_message.people(1, 2025), head={"iiKontakt.Type": "AA"}), values=True)
    assert findings["value"].to_list() == [None]


@pytest.mark.parametrize("end", ["</peAlder>", "</Navn>", "</tjVedtak>"])
def test_an_element_inside_a_value_is_a_fault_of_what_holds_the_field(end):
    findings, _ = validate(MANY.replace(end.encode(), f"<TJENESTE/>{end}".encode(), 1))
    assert set(findings["rule"]) == {SCHEMA_RULES["unknown"].id, SCHEMA_RULES["text"].id}
    unknown = findings.filter(rule=SCHEMA_RULES["unknown"].id)
    assert re.fullmatch(r"/IPLOS/.*/TJENESTE", unknown["pointer"][0])
