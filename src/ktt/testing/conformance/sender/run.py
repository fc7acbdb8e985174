"""Runs the scenarios with a sender, checks the cases, and returns the results."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ktt.core.text import Text
from ktt.testing.conformance.case import Level, OnResult, Result, Verdict
from ktt.testing.conformance.report.evidence import hidden, words
from ktt.testing.conformance.sender.case import SenderCase
from ktt.testing.conformance.sender.cases.scenarios import EVERYDAY
from ktt.testing.conformance.sender.drivers.driver import NotPrepared, SenderRun
from ktt.testing.conformance.sender.harness import SenderHarness
from ktt.testing.conformance.sender.recorded import RecordedScenario
from ktt.testing.conformance.sender.scenario import Scenario
from ktt.testing.sandbox.faults.request_view import view

_NOTHING = Text("Ingenting kom som denne prøven kan kontrollere.", "Nothing came that this case can check.")
_MOST_QUOTED = 160  # characters of a command's last line


@dataclass(slots=True)
class _ScenarioResult:
    """What was recorded in a scenario, or the reason why it could not be run."""

    recorded: RecordedScenario | None
    seconds: float
    reason: Text | None = None
    requests: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    first: str = ""  # the case that shows the requests; later ones refer to it


class SuiteRun:
    """One run of the suite. A scenario is run when the first case needs it."""

    def __init__(self, harness: SenderHarness) -> None:
        self._harness = harness
        self._results: dict[str, _ScenarioResult] = {}

    def result(self, case: SenderCase) -> Result:
        """Run the case's scenario, unless that was done before, and check the case."""
        lacking = [need.value for need in sorted(case.needs - self._harness.driver.abilities, key=lambda one: one.name)]
        if lacking:
            return Result(case, Verdict.SKIPPED, tuple(lacking))
        if case.scenario is None:
            return self._checked(case, self._everything())
        done = self._run(case.scenario)
        if done.recorded is None:
            return Result(case, Verdict.SKIPPED, (done.reason or _NOTHING,), seconds=done.seconds)
        if done.first:
            return dataclasses.replace(self._checked(case, done.recorded), shared=done.first)
        done.first = case.name
        runs = tuple(_run_view(run) for run in done.recorded.runs)
        checked = self._checked(case, done.recorded)
        return dataclasses.replace(checked, requests=done.requests, seconds=done.seconds, runs=runs)

    def _checked(self, case: SenderCase, recorded: RecordedScenario) -> Result:
        if not case.subject(recorded):
            return Result(case, Verdict.SKIPPED, (_nothing(recorded),))
        reasons = _deviations(case, recorded)
        if not reasons:
            return Result(case, Verdict.PASSED)
        return Result(case, Verdict.FAILED if case.level is Level.MUST else Verdict.ADVICE, tuple(reasons))

    def _run(self, scenario: Scenario) -> _ScenarioResult:
        if scenario.name not in self._results:
            self._results[scenario.name] = self._run_now(scenario)
        return self._results[scenario.name]

    def _run_now(self, scenario: Scenario) -> _ScenarioResult:
        began = time.perf_counter()
        try:
            self._harness.begin(scenario.name, scenario.address)
            for step in scenario.steps:
                step.action(self._harness)
        except NotPrepared as fault:
            return _ScenarioResult(None, time.perf_counter() - began, fault.reason)
        recorded = self._harness.recorded()
        requests = tuple(hidden(view(request, recorded.keys)) for request in recorded.requests)
        return _ScenarioResult(recorded, time.perf_counter() - began, requests=requests)

    def _everything(self) -> RecordedScenario:
        """Every scenario so far as one; the everyday one is run when there is none."""
        if not any(done.recorded for done in self._results.values()):
            self._run(EVERYDAY)
        scenarios = [done.recorded for done in self._results.values() if done.recorded is not None]
        first = scenarios[0] if scenarios else self._harness.recorded()
        return dataclasses.replace(
            first,
            requests=tuple(request for recorded in scenarios for request in recorded.requests),
            runs=tuple(run for recorded in scenarios for run in recorded.runs),
        )


def run_suite(
    harness: SenderHarness, cases: Sequence[SenderCase], *, on_result: OnResult = lambda _: None
) -> list[Result]:
    """Every case's result, in order."""
    suite, results = SuiteRun(harness), []
    for case in cases:
        results.append(suite.result(case))
        on_result(results[-1])
    return results


def _deviations(case: SenderCase, recorded: RecordedScenario) -> list[Text]:
    try:
        return case.check(recorded)
    except (
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
    ) as fault:  # the requests have a form that no check foresaw
        return [Text(f"Kunne ikke leses: {type(fault).__name__}.", f"Could not be read: {type(fault).__name__}.")]


def _nothing(recorded: RecordedScenario) -> Text:
    """Why there is nothing to check; the output of a command that sent nothing at all may say it."""
    last = recorded.runs[-1] if recorded.runs else None
    if recorded.requests or last is None or not last.exit_code:
        return _NOTHING
    lines = words(last.output).strip().splitlines()
    end = f" {lines[-1][:_MOST_QUOTED]}" if lines else ""
    return Text(f"Ingenting kom; utgangskode {last.exit_code}.{end}", f"Nothing came; exit code {last.exit_code}.{end}")


def _run_view(run: SenderRun) -> dict[str, Any]:
    return {
        "exit_code": run.exit_code,
        "timed_out": run.timed_out,
        "seconds": round(run.seconds, 2),
        "said": words(run.output),
    }
