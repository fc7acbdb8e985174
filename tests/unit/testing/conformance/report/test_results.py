"""What becomes of results: known failures, comparison, JUnit's XML, a signature, and what to do about each case."""

from __future__ import annotations

import datetime as dt
import json
import os
from xml.etree import ElementTree as ET

import orjson
import pytest

from ktt.testing.conformance.case import Level, Result, Verdict
from ktt.testing.conformance.errors import ExpectationsUnreadable, NoSuchCase, ResultAltered, ResultUnreadable
from ktt.testing.conformance.receiver.cases import RECEIVER_CASES
from ktt.testing.conformance.report.about import About, versions
from ktt.testing.conformance.report.compare import compare
from ktt.testing.conformance.report.document import document, read_document
from ktt.testing.conformance.report.expected import judge, read_expected
from ktt.testing.conformance.report.junit import as_junit
from ktt.testing.conformance.report.remedies import links, remedy
from ktt.testing.conformance.report.signature import beside, signature_of, verify_result
from ktt.testing.conformance.sender.cases import SENDER_CASES
from ktt.wire import jwk
from ktt.wire.dpop import ProofKey

TODAY = dt.date(2026, 3, 2)
NAMED = {case.name: case for case in SENDER_CASES}
ABOUT = About("sender", "a sender", dt.datetime(2026, 3, 2, 6, tzinfo=dt.UTC), versions(SENDER_CASES))


def result(name: str, verdict: str) -> Result:
    return Result(NAMED[name], Verdict(verdict))


def expected(tmp_path, *rows: str):
    path = tmp_path / "known.toml"
    path.write_text("\n".join(f"[[case]]\n{row}" for row in rows), encoding="utf-8")
    return read_expected(path, SENDER_CASES)


def row(name: str, until: str = "2026-12-31") -> str:
    return f'name = "{name}"\nreason = "later"\nuntil = {until}'


@pytest.mark.parametrize(
    ("verdict", "until", "unexpected_resolved_overdue"),
    [
        ("failed", "2026-03-02", (0, 0, 0)),  # the last day counts
        ("failed", "2026-03-01", (1, 0, 1)),
        ("passed", "2026-03-02", (0, 1, 0)),
        ("passed", "2026-03-01", (0, 1, 0)),
        ("skipped", "2026-03-02", (0, 0, 0)),
    ],
)
def test_a_known_failure(tmp_path, verdict, until, unexpected_resolved_overdue):
    known = expected(tmp_path, row("N212", until))
    judged = judge([result("N212", verdict), result("N200", "passed")], known, TODAY)
    found = (len(judged.unexpected), len(judged.resolved), len(judged.overdue))
    assert found == unexpected_resolved_overdue


def test_what_is_not_known_counts_and_advice_only_when_it_is_to(tmp_path):
    known = expected(tmp_path, row("N212"))
    results = [result("N212", "failed"), result("N200", "failed"), result("N129", "advice")]
    assert [one.case.name for one in judge(results, known, TODAY).unexpected] == ["N200"]
    assert [one.case.name for one in judge(results, known, TODAY, strict=True).unexpected] == ["N200", "N129"]


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (['name = "N212"'], ExpectationsUnreadable),
        ([row("N212"), row("N212")], ExpectationsUnreadable),
        ([row("N212", '"soon"')], ExpectationsUnreadable),
        ([row("N212") + "\nmore = 1"], ExpectationsUnreadable),
        ([row("N999")], NoSuchCase),
        ([], ExpectationsUnreadable),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path, rows, fault):
    with pytest.raises(fault):
        expected(tmp_path, *rows)


def test_two_results_side_by_side():
    first = {"N200": "passed", "N212": "failed", "N129": "advice", "N100": "passed", "F800": "skipped"}
    second = {"N200": "failed", "N212": "passed", "N129": "failed", "F800": "failed"}
    found = compare(*({"cases": [{"name": k, "verdict": v} for k, v in one.items()]} for one in (first, second)))
    assert found.as_data() == {
        "failing": ("N200",),
        "held": ("N212",),
        "still_failing": ("N129",),
        "no_longer_played": ("N100",),
        "newly_played": ("F800",),
    }


def test_junit_counts_what_was_not_expected():
    results = [result("N200", "passed"), result("N212", "failed"), result("F800", "failed"), result("N129", "advice")]
    suite = ET.fromstring(as_junit(results, ABOUT, {"F800"}))
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("4", "1", "1")
    kinds = {case.get("name").split()[0]: [child.tag for child in case] for case in suite.iter("testcase")}
    assert kinds == {"N200": [], "N212": ["failure"], "F800": ["skipped"], "N129": ["system-out"]}
    assert "docs/reference/protocol/helseid.md#13-check-table-d-the-dpop-proof" in suite.find(".//failure").text


@pytest.fixture
def signed(tmp_path):
    content = orjson.dumps(document([result("N200", "passed")], ABOUT), default=lambda text: text.both())
    path, key = tmp_path / "result.json", ProofKey(jwk.generate("ES256"))
    path.write_bytes(content)
    beside(path).write_text(signature_of(content, key, ABOUT, json.loads(content)["counts"]), encoding="ascii")
    return path, key


def test_a_result_that_is_as_it_was_signed(signed):
    path, key = signed
    read, signer = verify_result(path)
    assert (signer, read["about"]["whom"]) == (key.thumbprint, "a sender")
    assert read["about"]["versions"]["suite"].startswith(f"{len(SENDER_CASES)}-")


@pytest.mark.parametrize("old", [b'"passed"', b'"a sender"', b'"N200"'])
def test_a_result_that_was_altered(signed, old: bytes):
    path, _ = signed
    path.write_bytes(path.read_bytes().replace(old, b'"another"', 1))
    with pytest.raises(ResultAltered):
        verify_result(path)


def test_a_signature_of_something_else(signed):
    path, key = signed
    beside(path).write_text(key.proof("POST", "https://x.example", ABOUT.at), encoding="ascii")
    with pytest.raises(ResultAltered):
        verify_result(path)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"about": {}, "cases": [1], "counts": {}}'])
def test_what_is_no_result(tmp_path, content: bytes):
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(ResultUnreadable):
        read_document(path)
    with pytest.raises(ResultUnreadable):
        verify_result(tmp_path / "missing.json")


@pytest.mark.parametrize(("end", "cases"), [("sender", SENDER_CASES), ("receiver", RECEIVER_CASES)])
def test_every_case_says_what_to_do_and_where_it_is_written(end: str, cases):
    for case in cases:
        told = remedy(end, case)
        assert told.nb.endswith("."), case.name
        assert told.en.endswith("."), case.name
        assert links(case) or all(citation.startswith("RFC") for citation in case.source.split("; ")), case.name


def test_the_suite_s_version_follows_what_it_asks_for():
    before = versions(SENDER_CASES).suite
    assert before == versions(list(SENDER_CASES)).suite
    assert before != versions(SENDER_CASES[1:]).suite
    assert all(case.level in Level for case in SENDER_CASES)
    assert os.sep not in before
