"""Every case of the suite for a sender dies by a defect, for the reason that it is about, and passes without it.

By default some of the defects are tried, with full effort all of them.
"""

from __future__ import annotations

import pytest

from ktt.testing.conformance.case import Level, Verdict, select_cases
from ktt.testing.conformance.sender.cases import SENDER_CASES
from ktt.testing.conformance.sender.harness import open_harness
from ktt.testing.conformance.sender.run import run_suite
from support.altered_sender import ALTERED, AlteredDriver
from support.effort import FULL
from support.scripted_driver import ScriptedDriver
from support.scripted_sender import DEFECTS

SHARE = 1 if FULL else 4
WITHOUT_DEFECT: tuple[str, ...] = ()
"""Cases that no defect breaks yet. They do not count; the list may only become shorter."""


def names(cases: str) -> list[str]:
    return cases.split()


def covered() -> set[str]:
    lists = [*DEFECTS.values(), *(cases for cases, _, _ in ALTERED.values())]
    return {name for cases in lists for name in names(cases)}


def test_every_case_has_a_defect():
    assert covered() | set(WITHOUT_DEFECT) == {case.name for case in SENDER_CASES}
    assert not covered() & set(WITHOUT_DEFECT)


@pytest.fixture(scope="module")
def harness(tmp_path_factory):
    with open_harness(ScriptedDriver(), tmp_path_factory.mktemp("harness")) as running:
        yield running


@pytest.mark.timeout(600)
def test_without_a_defect_it_passes_whatever_it_can_be_asked(harness):
    """It shares no code with our own sender, so the cases do not ask for ours."""
    harness.driver = ScriptedDriver()
    cases = [case for place, case in enumerate(SENDER_CASES) if FULL or place % SHARE == 0]
    results = run_suite(harness, cases)
    assert [(one.case.name, one.verdict, one.reasons) for one in results if one.verdict is not Verdict.PASSED] == []


def dies(harness, driver, cases: str) -> None:
    """Each of the cases does not hold with that driver, and says why."""
    harness.driver = driver
    for result in run_suite(harness, select_cases(SENDER_CASES, cases.replace(" ", ","))):
        wanted = Verdict.FAILED if result.case.level is Level.MUST else Verdict.ADVICE
        assert result.verdict is wanted, (result.case.name, result.reasons)
        assert all(reason.nb and reason.en for reason in result.reasons)
        assert not any(reason.en.startswith("Could not be read") for reason in result.reasons), result.case.name


@pytest.mark.parametrize("defect", list(DEFECTS)[::SHARE])
def test_a_habit_is_seen(harness, defect: str):
    dies(harness, ScriptedDriver(defect), DEFECTS[defect])


@pytest.mark.parametrize("what", list(ALTERED)[::SHARE])
def test_an_alteration_is_seen(harness, what: str):
    cases, place, change = ALTERED[what]
    dies(harness, AlteredDriver(place, change), cases)
