"""Runs the cases against a receiver, one after another, and returns the results."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import orjson

from ktt.core.clock import Clock
from ktt.core.errors import KttError
from ktt.core.text import Text
from ktt.testing.conformance.case import OnResult, Result, Verdict
from ktt.testing.conformance.errors import NothingToTest
from ktt.testing.conformance.receiver.case import Need, ReceiverCase
from ktt.testing.conformance.receiver.harness import ReceiverHarness
from ktt.testing.conformance.receiver.http import RawExchange
from ktt.testing.conformance.receiver.target import Target
from ktt.testing.conformance.report.evidence import MOST_CONTENT, hidden
from ktt.testing.sandbox.faults.admin_client import AdminClient
from ktt.testing.sandbox.faults.request_view import decoded
from ktt.wire import headers
from ktt.wire.keys import BadKeys


def run_suite(
    target: Target, cases: Sequence[ReceiverCase], *, clock: Clock | None = None, on_result: OnResult = lambda _: None
) -> list[Result]:
    """Every case's result, in order. NothingToTest when no receiver or no HelseID answers."""
    with ExitStack() as stack:
        admin = None if target.sandbox is None else stack.enter_context(AdminClient(target.sandbox))
        if admin is not None:
            admin.reset()  # a fault that somebody asked for before is not the receiver's
        harness = ReceiverHarness(_completed(target, admin), admin, clock)
        harness.expect_receiver()
        results = []
        for case in cases:
            results.append(_run_case(harness, case))
            on_result(results[-1])
    return results


def _completed(target: Target, admin: AdminClient | None) -> Target:
    """The target with what a sandbox tells about its own receiver."""
    if admin is None or not target.controlled:
        return target
    state = admin.state()
    announced = target.announced or next(iter(map(tuple, state["announced"])), None)
    return dataclasses.replace(target, test_mode=state["test_mode"], announced=announced)


def _missing(harness: ReceiverHarness, needs: frozenset[Need]) -> list[Text]:
    lacking = {
        Need.ISSUER: harness.admin is None,
        Need.FAULTS: harness.admin is None or not harness.target.controlled,
        Need.ANNOUNCED: harness.target.announced is None,
    }
    return [need.value for need in Need if need in needs and lacking[need]]


def _run_case(harness: ReceiverHarness, case: ReceiverCase) -> Result:
    missing = _missing(harness, case.needs)
    if missing:
        return Result(case, Verdict.SKIPPED, tuple(missing))
    harness.begin()
    began = time.perf_counter()
    try:
        reasons = list(_deviations(harness, case))
    except NothingToTest:
        raise
    except (KttError, BadKeys, ValueError, LookupError, TypeError) as fault:
        reasons = [Text(f"Prøven stanset: {type(fault).__name__}.", f"The case stopped: {type(fault).__name__}.")]
    verdict = Verdict.FAILED if reasons else Verdict.PASSED
    requests = tuple(_view(one) for one in harness.exchanges)
    return Result(case, verdict, tuple(reasons), requests, time.perf_counter() - began)


def _deviations(harness: ReceiverHarness, case: ReceiverCase) -> Iterator[Text]:
    """The deviations of the first step that has any. The case ends there, since later steps depend on it."""
    several = len(case.steps) > 1
    for number, step in enumerate(case.steps, 1):
        response = step.action(harness)
        found = [] if step.expectation is None else step.expectation.check(harness, response)
        for deviation in found:
            yield Text(f"Trinn {number}: {deviation.nb}", f"Step {number}: {deviation.en}") if several else deviation
        if found:
            return


def _view(exchange: RawExchange) -> dict[str, Any]:
    """An exchange for the report: tokens and proofs decoded, so that they cannot be used; persons' numbers masked."""
    secret = {headers.AUTHORIZATION.lower(), headers.DPOP.lower()}
    fields = {name.lower(): value for name, value in exchange.headers}
    view = {
        "method": exchange.method,
        "path": exchange.path,
        "headers": [[name, value[:200]] for name, value in exchange.headers if name.lower() not in secret],
        "token": decoded(fields.get("authorization", "").partition(" ")[2]),
        "proof": decoded(fields.get("dpop", "")),
        "payload": None if exchange.content is None else exchange.content.decode("utf-8", "replace"),
        "body_bytes": exchange.body_bytes,
        "status": exchange.response.status,
        "answer_headers": [list(field) for field in exchange.response.headers],
        "answer": _answer(exchange.response.body),
    }
    return dict(hidden(view))


def _answer(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError:
        return body[:MOST_CONTENT].decode("utf-8", "replace") or None
