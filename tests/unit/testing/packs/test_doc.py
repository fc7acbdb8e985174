"""`ktt pack doc`: the reference page of each message, with a mapping and without."""

from __future__ import annotations

import json
import re

import pytest

from ktt.cli.app import run
from ktt.domain.glossary import for_column
from ktt.testing.packs.doc.as_markdown import as_markdown
from ktt.testing.packs.doc.as_page import as_page
from ktt.testing.packs.doc.fields import fields_of
from ktt.testing.packs.doc.pages import pack_pages
from support.packs import DECISIONS, KTT_V1, PackCopy

OUTCOME = "[].vedtak[].tjenester[].resultat"


def message(pages, name=DECISIONS):
    return next(page for page in pages.messages if page.message_type == name)


def field(pages, place, name=DECISIONS):
    return next(one for one in message(pages, name).fields if one.place == place)


@pytest.fixture(scope="module")
def ours():
    return pack_pages(KTT_V1)


@pytest.fixture
def without(tmp_path):
    copy = PackCopy(tmp_path / "mine")
    (copy.folder / "mapping.toml").unlink()
    return copy


def test_fields_come_in_the_schemas_order_with_type_and_duty(ours):
    shown = [one.place for one in message(ours).fields]
    assert shown[:4] == ["[].orgNr", "[].kommuneNr", "[].bydelNr", "[].slettVedtak[]"]
    assert field(ours, "[].orgNr").types == ("integer",)
    assert field(ours, "[].orgNr").required
    assert field(ours, "[].bydelNr").types == ("string", "null")
    assert not field(ours, "[].bydelNr").required
    assert field(ours, "[].vedtak[].vedtakId").types == ("string",), "also where a part of the schema names no type"


def test_every_field_of_every_message_carries_a_column_that_the_glossary_explains(ours):
    for page in ours.messages:
        for one in page.fields:
            owner, _, column = one.column.rpartition(".")
            if column and owner:
                assert one.meaning == for_column(owner, column).meaning
        assert sum(bool(one.column) for one in page.fields) > 10


def test_codes_have_the_texts_of_their_list(ours):
    assert [(code.value, code.text) for code in field(ours, OUTCOME).codes] == [("1", "Avslag"), ("2", "Innvilget")]


def test_codes_of_the_packs_own_have_the_texts_of_ours(tmp_path):
    copy = PackCopy(tmp_path / "mine")

    def as_text(schema):
        place = schema["items"]["properties"]["vedtak"]["items"]["properties"]["tjenester"]["items"]["properties"]
        place["resultat"] = {"enum": ["NEI", "JA", None]}

    copy.schema(DECISIONS, as_text)
    copy.member('resultat = "outcome"', 'resultat = { column = "outcome", codes = { NEI = "1", JA = "2" } }')
    found = field(pack_pages(copy.folder), OUTCOME)
    assert [(code.value, code.text) for code in found.codes] == [("NEI", "Avslag"), ("JA", "Innvilget")]
    assert found.types == ("string", "null")


def test_deletion_and_an_example_are_shown(ours):
    page = message(ours)
    assert [text.en for text in page.deletions] == [
        "`decision` is deleted by its id in “[].slettVedtak[]” with erSlettet = true."
    ]
    assert page.example_name == "N01-everyday"
    assert json.loads(page.example) == json.loads((KTT_V1 / "examples" / DECISIONS / "N01-everyday.json").read_text())


def test_without_a_mapping_it_is_what_the_schema_says(without):
    pages = pack_pages(without.folder)
    page = message(pages)
    assert {one.column for one in page.fields} == {""}
    assert page.deletions == ()
    assert field(pages, "[].orgNr").description.nb == "Organisasjonsnummeret til enheten som rapporterer."
    shown = as_markdown(pages, "en")
    assert "Column" not in shown
    assert "has no mapping" in shown
    assert "Organisation number of the unit that reports." in shown


def test_schema_files_alone_are_enough(tmp_path):
    (tmp_path / "Foo.2.json").write_text(
        json.dumps(
            {"type": "object", "properties": {"a": {"anyOf": [{"type": "integer", "minimum": 3}, {"type": "null"}]}}}
        )
    )
    (page,) = pack_pages(tmp_path).messages
    assert (page.message_type, page.version, page.example) == ("Foo", "2", "")
    assert [(one.place, one.types, one.limits) for one in page.fields] == [("a", ("integer", "null"), ("≥ 3",))]


def test_lists_in_lists_are_walked():
    schema = {
        "type": "array",
        "items": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}}},
    }
    assert [one.place for one in fields_of(schema, {}, None)] == ["[][].a"]


@pytest.mark.parametrize("language", ["nb", "en"])
def test_markdown_has_one_row_for_each_field_and_no_broken_cell(ours, language):
    rows = [line for line in as_markdown(ours, language).splitlines() if line.startswith("| `")]
    assert len(rows) == sum(len(page.fields) for page in ours.messages)
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {7}


def test_the_page_has_both_languages_and_fetches_nothing(ours):
    page = as_page(ours).decode()
    assert '<main id="nb"' in page
    assert '<main id="en"' in page
    assert "Whether the service is granted or refused." in page
    assert "default-src 'none'" in page
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


def test_a_schemas_words_are_escaped(tmp_path):
    schema = {"type": "object", "properties": {"a|b": {"type": "string", "description": "<script>\n| x"}}}
    (tmp_path / "Foo.1.json").write_text(json.dumps(schema))
    pages = pack_pages(tmp_path)
    assert "<script>" not in as_page(pages).decode()
    (row,) = [line for line in as_markdown(pages, "nb").splitlines() if line.startswith("| `")]
    assert "<script>" not in row
    assert len(re.findall(r"(?<!\\)\|", row)) == 6


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_command_prints_in_the_chosen_language(capsys, monkeypatch, language):
    monkeypatch.setenv("KTT_LANG", language)
    assert run(["pack", "doc", str(KTT_V1)]) == 0
    assert capsys.readouterr().out == as_markdown(pack_pages(KTT_V1), language)


def test_the_command_writes_a_file(tmp_path, capsys):
    out = tmp_path / "pack.html"
    assert run(["pack", "doc", str(KTT_V1), "--html", "--out", str(out)]) == 0
    assert capsys.readouterr().out == ""
    assert out.read_bytes() == as_page(pack_pages(KTT_V1))


def test_a_file_that_cannot_be_written_is_told(tmp_path, capsys):
    assert run(["pack", "doc", str(KTT_V1), "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("KTT-CLI-04")


def test_a_pack_that_cannot_be_read_is_told(tmp_path, capsys):
    assert run(["pack", "doc", str(tmp_path / "nowhere")]) == 2
    assert capsys.readouterr().err.startswith("KTT-PACK-01")
