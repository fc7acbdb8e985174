"""Whom the suite tests: a sandbox's own receiver, or another one that trusts the sandbox's HelseID."""

from __future__ import annotations

import pytest

from ktt.testing.conformance.case import Verdict, select_cases
from ktt.testing.conformance.receiver.case import Need
from ktt.testing.conformance.receiver.cases import RECEIVER_CASES
from ktt.testing.conformance.receiver.run import run_suite
from ktt.testing.conformance.receiver.target import read_target
from ktt.testing.sandbox.faults.admin_client import AdminClient
from ktt.testing.sandbox.sandbox import Sandbox
from ktt.testing.sandbox.settings import SandboxSettings

BROKEN_TOKENS = [case for case in RECEIVER_CASES if Need.ISSUER in case.needs]
KNOBS = [case for case in RECEIVER_CASES if Need.FAULTS in case.needs]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    folder = tmp_path_factory.mktemp("target")
    settings = SandboxSettings(folder=folder / "sandbox", helseid_port=0, mottak_port=0)
    with Sandbox(settings, further_addresses=("http://localhost:{port}",), ingest=lambda _inbox: None) as running:
        running.write_config(folder / "client.json")
        yield running, folder / "client.json"


def test_another_receiver_gets_the_broken_tokens_and_is_never_made_to_fail(sandbox):
    """The other one is the same receiver under another name, which is all that the suite can see."""
    running, config = sandbox
    other = read_target(config, running.mottak_url.replace("127.0.0.1", "localhost"))
    assert (other.sandbox is not None, other.controlled) == (True, False)
    results = run_suite(other, [*BROKEN_TOKENS, *KNOBS])
    verdicts = {one.case.name: one.verdict for one in results}
    assert len(BROKEN_TOKENS) >= 32
    assert {verdicts[case.name] for case in BROKEN_TOKENS} == {Verdict.PASSED}
    assert {verdicts[case.name] for case in KNOBS} == {Verdict.SKIPPED}


def test_its_own_address_written_out_is_still_its_own(sandbox):
    running, config = sandbox
    assert read_target(config, f"{running.mottak_url}/").controlled


def test_faults_that_were_asked_for_before_are_cleared(sandbox):
    _, config = sandbox
    target = read_target(config)
    with AdminClient(target.sandbox) as admin:
        admin.fail("500", count=5)
        admin.clock(90)
        (result,) = run_suite(target, select_cases(RECEIVER_CASES, "N1"))
        assert (result.verdict, admin.state()["waiting"]) == (Verdict.PASSED, [])
