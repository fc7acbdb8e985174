"""Receiver cases can fail: our receiver gets one defect at a time, and the case that is about it fails."""

from __future__ import annotations

import pytest

from ktt.testing.conformance.case import Verdict, select_cases
from ktt.testing.conformance.receiver.cases import RECEIVER_CASES
from ktt.testing.conformance.receiver.run import run_suite
from ktt.testing.conformance.receiver.target import read_target
from ktt.testing.sandbox.sandbox import Sandbox
from ktt.testing.sandbox.settings import SandboxSettings
from support.broken_receiver import DEFECTS, Defect, with_defect


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    """A receiver whose defect is the one in the list."""
    folder, now = tmp_path_factory.mktemp("broken"), [Defect("")]

    def intercept(app, service):
        async def through(scope, receive, send):
            await with_defect(now[0])(app, service)(scope, receive, send)

        return through

    settings = SandboxSettings(folder=folder / "sandbox", helseid_port=0, mottak_port=0)
    with Sandbox(settings, intercept=intercept, ingest=lambda _inbox: None) as sandbox:
        sandbox.write_config(folder / "client.json")
        yield now, read_target(folder / "client.json")


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_noticed_and_nothing_without_it(broken, name: str):
    now, target = broken
    cases = select_cases(RECEIVER_CASES, DEFECTS[name].case)
    now[0] = Defect("")
    assert [one.verdict for one in run_suite(target, cases)] == [Verdict.PASSED]
    now[0] = DEFECTS[name]
    assert [one.verdict for one in run_suite(target, cases)] == [Verdict.FAILED]
