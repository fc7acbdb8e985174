"""The cases of both suites as a catalogue: named, explained in both languages, and with a source that can be looked up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ktt.testing.conformance.case import NAME, Level, select_cases
from ktt.testing.conformance.errors import NoSuchCase
from ktt.testing.conformance.receiver.cases import RECEIVER_CASES
from ktt.testing.conformance.sender.cases import SENDER_CASES
from ktt.wire.answers import AnswerCode

PROTOCOL = Path(__file__).parents[4] / "docs" / "reference" / "protocol"
CITATION = re.compile(
    r"(?P<page>transport|helseid|messages|domain|annual) § (?P<section>\d+(?:\.\d+)*)"
    r"(?: (?:step |rule |point |no\. )?(?P<row>\d+[a-z]?|[AD]\d+|FK\d+))?"
)
RFC = re.compile(r"RFC \d+ § \d+(?:\.\d+)*")


@pytest.mark.parametrize(("cases", "count"), [(RECEIVER_CASES, 290), (SENDER_CASES, 209)], ids=["receiver", "sender"])
def test_all_are_there_and_no_name_twice(cases, count):
    names = [case.name for case in cases]
    assert len(names) == len(set(names)) == count
    assert all(NAME.fullmatch(name) for name in names)


@pytest.mark.parametrize("cases", [RECEIVER_CASES, SENDER_CASES], ids=["receiver", "sender"])
def test_a_case_explains_itself(cases):
    for case in cases:
        texts = [case.group, case.purpose, *case.describe_steps(), *case.describe_expectations()]
        assert all(text.nb.strip() and text.en.strip() for text in texts), case.name
        assert case.describe_steps(), case.name


def section(page: str, number: str) -> str | None:
    """A section of a protocol page with its heading; None when the page has no such section."""
    text = (PROTOCOL / f"{page}.md").read_text(encoding="utf-8")
    found = re.search(rf"^#{{2,4}} {re.escape(number)} .*?(?=^#{{2,4}} |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[0] if found else None


def unfound(citation: str) -> str | None:
    """Why a citation cannot be looked up; None when it can."""
    if RFC.fullmatch(citation):
        return None
    found = CITATION.fullmatch(citation)
    if found is None:
        return f"{citation}: not a citation"
    text = section(found["page"], found["section"])
    if text is None:
        return f"{citation}: no such section"
    if found["row"] and not re.search(rf"^\| \**{found['row']}\** \|", text, re.MULTILINE):
        return f"{citation}: no such row"
    return None


@pytest.mark.parametrize("cases", [RECEIVER_CASES, SENDER_CASES], ids=["receiver", "sender"])
def test_every_case_cites_sections_that_are_there(cases):
    faults = {case.name: [unfound(one) for one in case.source.split("; ") if unfound(one)] for case in cases}
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.parametrize(
    "wrong", ["§ 8", f"transport § {99}", "transport § 10 rule 99", "protocol § 8", "transport § 4, § 8", ""]
)
def test_what_is_no_citation_is_noticed(wrong: str):
    assert unfound(wrong)


def test_every_published_code_has_a_case():
    purposes = " ".join(case.purpose.en for case in SENDER_CASES)
    assert [int(code) for code in AnswerCode if str(int(code)) not in purposes] == []


def test_scenarios_of_one_name_have_the_same_steps():
    scenarios = {}
    for case in SENDER_CASES:
        if case.scenario is not None:
            first = scenarios.setdefault(case.scenario.name, case.scenario)
            assert [step.description for step in first.steps] == [step.description for step in case.scenario.steps]


def test_good_practice_is_told_from_the_protocol():
    levels = [case.level for case in SENDER_CASES]
    assert levels.count(Level.MUST) > 2 * levels.count(Level.SHOULD) > 0


def test_cases_are_selected_by_name_in_the_order_of_the_suite():
    assert [case.name for case in select_cases(SENDER_CASES, "f800, n100")] == ["N100", "F800"]
    with pytest.raises(NoSuchCase):
        select_cases(SENDER_CASES, "N100,N99")
