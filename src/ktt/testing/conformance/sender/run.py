"""Plays the scenes before a sender, judges the cases, and writes down what came of each."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ktt.core.text import Text
from ktt.testing.conformance.case import Level, Result, Verdict
from ktt.testing.conformance.report.evidence import hidden, words
from ktt.testing.conformance.sender.case import Scene, SenderCase
from ktt.testing.conformance.sender.cases.scenes import EVERYDAY
from ktt.testing.conformance.sender.driver import Ran, Unfulfilled
from ktt.testing.conformance.sender.harness import Stage
from ktt.testing.conformance.sender.recorded import Seen
from ktt.testing.sandbox.faults.request_view import view

Told = Callable[[Result], None]
_NOTHING = Text("Ingenting kom som denne prøven kan dømme.", "Nothing came that this case can judge.")
_MOST_SAID = 160  # characters of a command's last line


@dataclass(slots=True)
class _Played:
    """A scene that was played, or why it was not."""

    seen: Seen | None
    seconds: float
    reason: Text | None = None
    requests: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    first: str = ""  # the case that shows the requests


class Playing:
    """One run of the suite."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._played: dict[str, _Played] = {}

    def result(self, case: SenderCase) -> Result:
        """Play the case's scene, unless it was played before, and judge."""
        lacking = [need.value for need in sorted(case.needs - self._stage.driver.abilities, key=lambda one: one.name)]
        if lacking:
            return Result(case, Verdict.SKIPPED, tuple(lacking))
        if case.scene is None:
            return self._judged(case, self._everything(), shared=None)
        played = self._play(case.scene)
        if played.seen is None:
            return Result(case, Verdict.SKIPPED, (played.reason or _NOTHING,), seconds=played.seconds)
        shared = played.first or None
        played.first = played.first or case.name
        return self._judged(case, played.seen, shared=shared, played=played)

    def _judged(self, case: SenderCase, seen: Seen, *, shared: str | None, played: _Played | None = None) -> Result:
        seconds = played.seconds if played and shared is None else 0.0
        if not case.subject(seen):
            verdict, reasons = Verdict.SKIPPED, [_nothing(seen)]
        else:
            reasons = _reasons(case, seen)
            verdict = Verdict.PASSED
            if reasons:
                verdict = Verdict.FAILED if case.level is Level.MUST else Verdict.ADVICE
        requests = played.requests if played and shared is None else ()
        runs = tuple(_run(ran) for ran in seen.runs) if played and shared is None else ()
        return Result(case, verdict, tuple(reasons), requests, seconds, shared=shared, runs=runs)

    def _play(self, scene: Scene) -> _Played:
        if scene.name not in self._played:
            self._played[scene.name] = self._played_now(scene)
        return self._played[scene.name]

    def _played_now(self, scene: Scene) -> _Played:
        began = time.perf_counter()
        try:
            self._stage.begin(scene)
            for step in scene.steps:
                step.act(self._stage)
        except Unfulfilled as fault:
            return _Played(None, time.perf_counter() - began, fault.reason)
        seen = self._stage.seen()
        requests = tuple(hidden(view(note, seen.keys)) for note in seen.requests)
        return _Played(seen, time.perf_counter() - began, requests=requests)

    def _everything(self) -> Seen:
        """Every scene so far as one; an everyday one is played when there is none."""
        if not any(played.seen for played in self._played.values()):
            self._play(EVERYDAY)
        scenes = [played.seen for played in self._played.values() if played.seen is not None]
        whole = scenes[0] if scenes else self._stage.seen()
        return dataclasses.replace(
            whole,
            requests=tuple(note for seen in scenes for note in seen.requests),
            runs=tuple(ran for seen in scenes for ran in seen.runs),
        )


def play(stage: Stage, cases: Sequence[SenderCase], *, told: Told = lambda _: None) -> list[Result]:
    """Every case's result, in order; `told` hears each as it comes."""
    playing, results = Playing(stage), []
    for case in cases:
        results.append(playing.result(case))
        told(results[-1])
    return results


def _reasons(case: SenderCase, seen: Seen) -> list[Text]:
    try:
        return case.judge(seen)
    except (ValueError, LookupError, TypeError, AttributeError) as fault:  # what came was of a form nobody foresaw
        return [Text(f"Kunne ikke leses: {type(fault).__name__}.", f"Could not be read: {type(fault).__name__}.")]


def _nothing(seen: Seen) -> Text:
    """Why there is nothing to judge; a command that sent nothing at all may have said why."""
    last = seen.runs[-1] if seen.runs else None
    if seen.requests or last is None or not last.exit_code:
        return _NOTHING
    lines = words(last.said).strip().splitlines()
    end = f" {lines[-1][:_MOST_SAID]}" if lines else ""
    return Text(f"Ingenting kom; utgangskode {last.exit_code}.{end}", f"Nothing came; exit code {last.exit_code}.{end}")


def _run(ran: Ran) -> dict[str, Any]:
    known = {"exit_code": ran.exit_code, "timed_out": ran.timed_out, "seconds": round(ran.seconds, 2)}
    return {**known, "said": words(ran.said)}
