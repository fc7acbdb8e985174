"""Each case can fail: a sender that is right in all but one thing is told so by the case that is about that thing."""

from __future__ import annotations

import pytest

from ktt.testing.conformance.case import Verdict, failures, select_cases
from ktt.testing.conformance.sender.cases import SENDER_CASES
from ktt.testing.conformance.sender.harness import open_harness
from ktt.testing.conformance.sender.run import run_suite
from support.scripted_driver import ScriptedDriver
from support.scripted_sender import DEFECTS


@pytest.fixture(scope="module")
def harness(tmp_path_factory):
    with open_harness(ScriptedDriver(), tmp_path_factory.mktemp("harness")) as running:
        yield running


def test_without_a_defect_it_passes_whatever_it_can_be_asked(harness):
    """It shares no code with our own sender, so the cases do not ask for ours."""
    harness.driver = ScriptedDriver()
    results = run_suite(harness, SENDER_CASES)
    assert [(one.case.name, one.reasons) for one in failures(results, strict=True)] == []
    assert sum(one.verdict is Verdict.PASSED for one in results) > 180


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_defect_is_seen(harness, defect: str):
    harness.driver = ScriptedDriver(defect)
    (result,) = run_suite(harness, select_cases(SENDER_CASES, DEFECTS[defect]))
    assert result.verdict in {Verdict.FAILED, Verdict.ADVICE}, result.reasons
    assert all(reason.nb and reason.en for reason in result.reasons)
