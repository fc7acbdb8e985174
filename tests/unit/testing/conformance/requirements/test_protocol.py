"""The requirements of the protocol pages, and what the cases' citations lead to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ktt.testing.conformance.receiver.cases import RECEIVER_CASES
from ktt.testing.conformance.requirements.protocol import cited, coverage, requirements
from ktt.testing.conformance.sender.cases import SENDER_CASES

ROOT = Path(__file__).parents[5]
CASES = [*(("sender", case) for case in SENDER_CASES), *(("receiver", case) for case in RECEIVER_CASES)]


def test_each_link_leads_to_a_heading_of_a_page():
    for one in requirements():
        page, _, anchor = one.link.partition("#")
        headings = re.findall(r"^#{2,4} (.+)$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
        made = {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}
        assert anchor in made, one.name


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("transport § 10 rule 7; transport § 10.1", ["transport § 10 7", "transport § 10.1"]),
        ("helseid § 12 A5", ["helseid § 12 A5"]),
        ("messages § 6 no. 1", ["messages § 6 1"]),
        ("transport § 14.2 point 3; RFC 9449 § 4.2", ["transport § 14.2 3"]),
        (f"transport § {99}", []),
    ],
)
def test_a_citation_leads_to_its_row_or_section(source: str, names: list[str]):
    assert [one.name for one in cited(source)] == names


def test_every_case_that_cites_the_protocol_is_in_the_matrix():
    found = coverage(CASES)
    listed = {name for names in found.values() for name in names}
    outside = {f"{end} {case.name}" for end, case in CASES if case.source.split("; ")[0].startswith("RFC ")}
    assert {f"{end} {case.name}" for end, case in CASES} - listed <= outside
    bare = [one.name for one, names in found.items() if not names]
    assert "transport § 1" not in bare
    assert "transport § 9 0" not in bare
    assert bare, "what is not tested is shown"
