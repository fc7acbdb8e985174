"""Whole senders, each wrong in one habit or right in a way of its own, in both modes: started for each run, and listened to.

For each one stands which cases must not hold; every other case is as for a sender that is right. By default each plays the
cases that are about its habit and some others; with full effort a sender that is started plays all of them, and one that is
listened to, which takes as long as a scenario waits, those of its table and every fifth other.
"""

from __future__ import annotations

import re

import pytest

from ktt.testing.conformance.case import Verdict
from ktt.testing.conformance.sender.cases import SENDER_CASES
from ktt.testing.conformance.sender.drivers.driver import Ability
from ktt.testing.conformance.sender.harness import open_harness
from ktt.testing.conformance.sender.run import run_suite
from support.effort import FULL
from support.scripted_driver import ScriptedDriver, ServiceDriver
from support.scripted_sender import DEFECTS

REASONS = {
    "newest first": ("F831", "another message, before no."),
    "hammers": ("F830", " ms."),
    "undelivered is a receipt": ("F810", "It was not sent again."),
    "empty is a receipt": ("F809", "It was not sent again."),
    "body against status": ("F829", "another message, before no."),
    "same proof again": ("F803", "the same as in no."),
    "goes on after rejection": ("F928", "another message than the first."),
    "skips what fails": ("F800", "another message, before no."),
}
"""A habit that is wrong, the case that is about it, and what it must say. Which cases do not hold stands in `DEFECTS`."""

WRONG = {habit: set(DEFECTS[habit].split()) for habit in REASONS}

RIGHT = {"restarts at the same head": set(), "encrypted once": {"F832"}, "slow": set()}
"""A habit that is right, and the advice that it does not follow."""

SOME = {"N200", "N701", "F803", "F921"}
EVERY = {
    "command": {case.name for case in SENDER_CASES},
    "service": {case.name for case in SENDER_CASES[::5]},
}
MODES = {"command": ScriptedDriver, "service": ServiceDriver}


@pytest.fixture(scope="module")
def harness(tmp_path_factory):
    with open_harness(ScriptedDriver(), tmp_path_factory.mktemp("senders")) as running:
        yield running


def played(harness, mode: str, habit: str, about: set[str]) -> dict:
    harness.driver = MODES[mode](habit)
    about = about | (EVERY[mode] | WRONG.get(habit, set()) if FULL else set())
    cases = [case for case in SENDER_CASES if case.name in about]
    return {one.case.name: one for one in run_suite(harness, cases)}


def unheld(results: dict) -> set[str]:
    return {name for name, one in results.items() if one.verdict in {Verdict.FAILED, Verdict.ADVICE}}


def able(mode: str, names: set[str]) -> set[str]:
    """Those of the cases that a sender in that mode can be asked for."""
    abilities = MODES[mode]().abilities
    return {case.name for case in SENDER_CASES if case.name in names and case.needs <= abilities}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("habit", WRONG)
def test_a_wrong_habit_fails_the_cases_about_it_and_no_other(harness, mode: str, habit: str):
    case, reason = REASONS[habit]
    results = played(harness, mode, habit, {case, "N701"} | (SOME if mode == "command" else set()))
    assert unheld(results) == able(mode, WRONG[habit]) & results.keys()
    assert results[case].verdict is Verdict.FAILED
    assert any(reason in one.en for one in results[case].reasons), results[case].reasons


@pytest.mark.timeout(900)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("habit", RIGHT)
def test_a_right_habit_passes(harness, mode: str, habit: str):
    """An envelope that is sent again as it was, with a new proof, costs one advice and fails nothing."""
    about = {
        "restarts at the same head": {"F950"},
        "encrypted once": {"F803", "F832", "N902", "N903"},
        "slow": {"N701"},
    }
    results = played(harness, mode, habit, about[habit] | (SOME if mode == "command" else set()))
    assert unheld(results) == RIGHT[habit] & results.keys()
    assert {results[name].verdict for name in unheld(results)} <= {Verdict.ADVICE}


def test_months_that_are_one_month_have_no_order_to_judge(harness):
    """A sender whose history is of one month is not told that its order is right."""
    harness.driver = OneMonth()
    results = {
        one.case.name: one for one in run_suite(harness, [c for c in SENDER_CASES if c.name in {"N702", "N703"}])
    }
    assert results["N703"].verdict is Verdict.SKIPPED


def test_too_few_delivered_says_why_they_were_refused(harness):
    harness.driver = Misspelt()
    (result,) = run_suite(harness, [case for case in SENDER_CASES if case.name == "N607"])
    assert result.verdict is Verdict.FAILED
    assert "refused with 2008 SchemaValidationFailed: /0" in " ".join(reason.en for reason in result.reasons)


class Misspelt(ScriptedDriver):
    """Writes the name of a member in another way than the schema."""

    def prepare(self, preparation) -> None:
        super().prepare(preparation)
        for message in self.queue.messages.waiting:
            message.content = message.content.replace(b'"orgNr"', b'"orgnr"')


class OneMonth(ScriptedDriver):
    """Its months are all the same month."""

    def prepare(self, preparation) -> None:
        super().prepare(preparation)
        for message in self.queue.messages.waiting:
            message.content = re.sub(rb"2017-\d\d-\d\d", b"2017-01-02", message.content)


def test_a_given_message_that_was_not_delivered_and_exit_code_0(harness):
    """Where the suite keeps the queue, the exit code is all that a sender says about its delivery."""
    harness.driver = Given("undelivered is a receipt")
    wanted = [case for case in SENDER_CASES if case.name in {"F803", "F809", "F810"}]
    results = {one.case.name: one.verdict for one in run_suite(harness, wanted)}
    assert results == {"F803": Verdict.PASSED, "F809": Verdict.PASSED, "F810": Verdict.FAILED}


class Given(ScriptedDriver):
    """Is given one message at a time, and says by its exit code whether it was delivered."""

    def __init__(self, defect: str) -> None:
        super().__init__(defect)
        self.abilities = frozenset({Ability.STARTS})

    def run(self):
        runs, waiting = [], self.queue.messages.waiting
        while waiting:
            after, given = self.context.last(), waiting[0]
            self.queue.messages.waiting = [given]
            runs += super().run()
            if not self.context.delivered(after):
                break
            waiting = waiting[1:]
        self.queue.messages.waiting = waiting
        return runs
