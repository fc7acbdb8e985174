"""Plays the cases against a receiver, one after another, and writes down what came of each."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import orjson

from ktt.core.clock import Clock
from ktt.core.errors import KttError
from ktt.core.text import Text
from ktt.testing.conformance.case import Result, Verdict
from ktt.testing.conformance.errors import NothingToTest
from ktt.testing.conformance.receiver.case import Need, ReceiverCase
from ktt.testing.conformance.receiver.harness import Bench
from ktt.testing.conformance.receiver.http import Said
from ktt.testing.conformance.receiver.target import Target
from ktt.testing.conformance.report.evidence import MOST_CONTENT, hidden
from ktt.testing.sandbox.faults.admin_client import Admin
from ktt.testing.sandbox.faults.request_view import decoded
from ktt.wire import headers

Told = Callable[[Result], None]


def play(
    target: Target, cases: Sequence[ReceiverCase], *, clock: Clock | None = None, told: Told = lambda _: None
) -> list[Result]:
    """Every case's result, in order; `told` hears each as it comes. NothingToTest when nobody is there."""
    with ExitStack() as stack:
        admin = None if target.sandbox is None else stack.enter_context(Admin(target.sandbox))
        bench = Bench(_informed(target, admin), admin, clock)
        bench.receiver_keys()
        results = []
        for case in cases:
            results.append(_play(bench, case))
            told(results[-1])
    return results


def _informed(target: Target, admin: Admin | None) -> Target:
    """What a sandbox can tell about itself."""
    if admin is None:
        return target
    state = admin.state()
    announced = target.announced or next(iter(map(tuple, state["announced"])), None)
    return dataclasses.replace(target, test_mode=state["test_mode"], announced=announced)


def _missing(bench: Bench, needs: frozenset[Need]) -> list[Text]:
    lacking = {
        Need.ISSUER: bench.admin is None,
        Need.KNOBS: bench.admin is None,
        Need.PACK: bench.target.example is not None,
        Need.ANNOUNCED: bench.target.announced is None,
    }
    return [need.value for need in Need if need in needs and lacking[need]]


def _play(bench: Bench, case: ReceiverCase) -> Result:
    missing = _missing(bench, case.needs)
    if missing:
        return Result(case, Verdict.SKIPPED, tuple(missing))
    bench.begin()
    began = time.perf_counter()
    try:
        reasons = list(_judge(bench, case))
    except NothingToTest:
        raise
    except (KttError, ValueError, LookupError, TypeError) as fault:
        reasons = [Text(f"Prøven stanset: {type(fault).__name__}.", f"The case stopped: {type(fault).__name__}.")]
    verdict = Verdict.FAILED if reasons else Verdict.PASSED
    requests = tuple(shown(one) for one in bench.said)
    return Result(case, verdict, tuple(reasons), requests, time.perf_counter() - began)


def _judge(bench: Bench, case: ReceiverCase) -> Iterator[Text]:
    """The first step that does not hold ends the case: what follows would say nothing."""
    several = len(case.steps) > 1
    for number, step in enumerate(case.steps, 1):
        heard = step.act(bench)
        found = [] if step.expect is None else step.expect.judge(bench, heard)
        for fault in found:
            yield Text(f"Trinn {number}: {fault.nb}", f"Step {number}: {fault.en}") if several else fault
        if found:
            return


def shown(said: Said) -> dict[str, Any]:
    """A request as the report has it: tokens and proofs decoded, never as they travel; persons' numbers masked."""
    secret = {headers.AUTHORIZATION.lower(), headers.DPOP.lower()}
    fields = {name.lower(): value for name, value in said.headers}
    shown = {
        "method": said.method,
        "path": said.path,
        "headers": [[name, value[:200]] for name, value in said.headers if name.lower() not in secret],
        "token": decoded(fields.get("authorization", "").partition(" ")[2]),
        "proof": decoded(fields.get("dpop", "")),
        "payload": None if said.content is None else said.content.decode("utf-8", "replace"),
        "body_bytes": said.body_bytes,
        "status": said.heard.status,
        "answer_headers": [list(field) for field in said.heard.headers],
        "answer": _answer(said.heard.body),
    }
    return dict(hidden(shown))


def _answer(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError:
        return body[:MOST_CONTENT].decode("utf-8", "replace") or None
