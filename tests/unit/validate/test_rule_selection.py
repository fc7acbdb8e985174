"""`--only` asks some of the rules, and helps who spells wrongly."""

from __future__ import annotations

import datetime as dt

import pytest

from ktt.rules.catalogue import catalogue
from ktt.rules.rule import Cause, Consequence
from ktt.validate.errors import ChoiceUnknown
from ktt.validate.rule_selection import select_rules, validation_request

EVERY = catalogue()


@pytest.mark.parametrize(
    ("choice", "fits"),
    [
        ("KTT-TJENESTE-01", lambda rule: rule.id == "KTT-TJENESTE-01"),
        ("ktt-tjeneste-01", lambda rule: rule.id == "KTT-TJENESTE-01"),
        ("death", lambda rule: rule.theme == "death"),
        ("pause", lambda rule: rule.on.name == "pause"),
        ("reject", lambda rule: rule.consequence is Consequence.REJECT_MESSAGE),
        ("7", lambda rule: rule.consequence is Consequence.CLEAR_FIELD),
        ("code-mapping", lambda rule: rule.cause is Cause.CODE_MAPPING),
        ("code mapping", lambda rule: rule.cause is Cause.CODE_MAPPING),
        ("vedtak", lambda rule: rule.on.name == "decision"),
        ("noter", lambda rule: rule.consequence is Consequence.NOTE),
        ("uttrekk", lambda rule: rule.cause is Cause.EXTRACTION),
        ("unit_and_ids", lambda rule: rule.theme == "unit_and_ids"),
    ],
)
def test_a_word_chooses(choice, fits):
    assert {rule.id for rule in select_rules(EVERY, [choice])} == {rule.id for rule in EVERY if fits(rule)}


def test_two_words_choose_what_either_does():
    assert len(select_rules(EVERY, ["death", "extent"])) == len(select_rules(EVERY, ["death"])) + len(
        select_rules(EVERY, ["extent"])
    )


def test_no_word_is_all():
    assert select_rules(EVERY, []) == EVERY


def test_a_word_that_fits_nothing_gets_help():
    with pytest.raises(ChoiceUnknown) as fault:
        select_rules(EVERY, ["KTT-TJENSTE-01"])
    assert "ktt-tjeneste-01" in fault.value.advises().nb


def test_the_request_names_its_rule_set():
    request = validation_request(dt.date(2026, 3, 2), choices=["note"])
    assert request.rule_set == "2026.1"
    assert {rule.consequence for rule in request.rules} == {Consequence.NOTE}
