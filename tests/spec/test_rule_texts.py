"""A finding read aloud: what is wrong, and what to do, to the one who must do it, in words and never with a number."""

from __future__ import annotations

import re

import pytest

from ktt.core.text import Text
from ktt.rules.catalogue import catalogue
from ktt.rules.rule import Cause

_EXPORT = ("uttrekket", "export")
_OURS = re.compile(r"\w_\w|\bNULL\b|\bJSON\b|\bframe\b|\{|\}")  # words of programs
_LONGEST_SENTENCE, _LONGEST_TEXT = 26, 220  # words, and characters: one breath, and two lines of a letter


def texts(rule) -> list[str]:
    return [rule.says.nb, rule.says.en, rule.remedy.nb, rule.remedy.en]


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.:])\s+", text)


@pytest.mark.parametrize("rule", catalogue(), ids=lambda rule: rule.id)
def test_it_can_be_read_aloud(rule):
    for text in texts(rule):
        assert text[0].isupper()
        assert "  " not in text
        assert not _OURS.search(text), text
        assert not re.search(r"\d{6}", text), "something like a national number"
        assert len(text) <= _LONGEST_TEXT, text
        assert all(len(one.split()) <= _LONGEST_SENTENCE for one in sentences(text)), text


@pytest.mark.parametrize("rule", catalogue(), ids=lambda rule: rule.id)
def test_what_is_wrong_and_what_to_do_are_two_things(rule):
    for says, remedy in ((rule.says.nb, rule.remedy.nb), (rule.says.en, rule.remedy.en)):
        assert says != remedy
        assert len(sentences(says)) <= 2, says


@pytest.mark.parametrize("rule", catalogue(), ids=lambda rule: rule.id)
def test_the_caseworker_is_not_told_what_the_export_must_do(rule):
    if rule.cause is Cause.REGISTRATION:
        assert not _about_the_export(rule.remedy), rule.remedy
    if rule.cause is Cause.EXTRACTION and rule.theme != "unit_and_ids":
        assert _about_the_export(rule.remedy) or rule.remedy.nb.startswith(("Send", "Bruk", "Gi")), rule.remedy


def _about_the_export(text: Text) -> bool:
    both = f"{text.nb} {text.en}".lower()
    return any(word in both for word in _EXPORT) or text.nb.startswith("Send ")


def test_two_rules_on_the_same_kind_of_record_do_not_say_the_same():
    rule_of: dict[tuple[str, str], str] = {}
    for rule in catalogue():
        for text in (rule.says.nb, rule.says.en):
            assert rule_of.setdefault((rule.on.name, text), rule.id) == rule.id
