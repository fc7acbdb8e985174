"""A rule's page is the same in every format, for a rule of the daily messages, of the annual message and of its schema."""

from __future__ import annotations

import pytest

from ktt.rules.reference_pages import SHOWN, as_data, as_markdown, as_text, find_any

RULES = ("KTT-TJENESTE-01", "IPLOS-PEKJONN-KODE", "IPLOS-SKJEMA-02")


@pytest.mark.parametrize("rule_id", RULES)
def test_every_format_says_the_same(rule_id):
    rule = find_any(rule_id.lower())
    data, markdown = as_data(rule), as_markdown(rule)
    for language in ("nb", "en"):
        text = as_text(rule, language)
        for words in (data["says"][language], data["remedy"][language], data["cause"][language], data["source"]):
            assert words in text
            assert words in markdown


def test_an_example_shows_its_verdicts():
    markdown = as_markdown(find_any("KTT-TJENESTE-01"), level=3)
    assert markdown.startswith("### KTT-TJENESTE-01\n")
    assert "| T-2 | 2026-01-12 |  | ✓ |" in markdown
    assert "| T-3 | 2026-01-12 | 2026-01-11 | ✗ |" in markdown
    assert "```" not in markdown


def test_the_schema_shows_pieces_of_a_message():
    assert "✗ <DOGNTILBUD" in as_markdown(find_any("IPLOS-SKJEMA-02"))
    assert "✗ breaks: <DOGNTILBUD" in as_text(find_any("IPLOS-SKJEMA-02"), "en")


def test_a_long_example_is_cut():
    from ktt.rules.catalogue import catalogue

    long = [rule for rule in catalogue() if any(len(one["rows"]) > SHOWN for one in as_data(rule)["examples"])]
    assert long
    assert "rader til" in as_text(long[0], "nb")
    assert "| … |" in as_markdown(long[0])
