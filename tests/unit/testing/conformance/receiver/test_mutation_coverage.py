"""Every case of the suite for a receiver dies by a defect, for the reason that it is about, and passes without it.

By default a third of the defects is tried, with full effort all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from ktt.receiver.http.protocol import UniformProtocol
from ktt.testing.conformance.case import Verdict, select_cases
from ktt.testing.conformance.receiver.cases import RECEIVER_CASES
from ktt.testing.conformance.receiver.run import run_suite
from ktt.testing.conformance.receiver.target import read_target
from ktt.testing.sandbox.sandbox import Sandbox
from ktt.testing.sandbox.settings import SandboxSettings
from support.broken_receiver import with_defect
from support.effort import FULL
from support.receiver_defects import ANSWERED, BARE, OVERLOOKED, REFUSED, Intercept, bare_refusal, overlooks, refuses

SHARE = 1 if FULL else 3
WITHOUT_DEFECT: tuple[str, ...] = ()
"""Cases that no defect breaks yet. They do not count; the list may only become shorter."""


def names(cases: str) -> list[str]:
    return cases.split()


def covered() -> set[str]:
    lists = [*OVERLOOKED.values(), *(cases for cases, _ in (REFUSED | ANSWERED).values()), BARE]
    return {name for cases in lists for name in names(cases)}


def test_every_case_has_a_defect():
    assert covered() | set(WITHOUT_DEFECT) == {case.name for case in RECEIVER_CASES}
    assert not covered() & set(WITHOUT_DEFECT)


class Switched:
    """A sandbox whose receiver has the defect that was chosen last."""

    def __init__(self) -> None:
        self.defect: Intercept = lambda app, _service: app
        self.sandbox: Sandbox | None = None

    def intercept(self, app, service):
        async def through(scope, receive, send):
            await self.defect(app, service)(scope, receive, send)

        return through

    def verdicts(self, cases: str, defect: Intercept | None = None) -> dict[str, tuple[Verdict, str]]:
        self.defect = defect or (lambda app, _service: app)
        try:
            results = run_suite(self.target, select_cases(RECEIVER_CASES, cases.replace(" ", ",")))
        finally:
            self.defect = lambda app, _service: app
        return {one.case.name: (one.verdict, " ".join(reason.en for reason in one.reasons)) for one in results}


@pytest.fixture(scope="module")
def switched(tmp_path_factory) -> Iterator[Switched]:
    with opened(tmp_path_factory) as made:
        yield made


@contextmanager
def opened(tmp_path_factory) -> Iterator[Switched]:
    folder, made = tmp_path_factory.mktemp("mutations"), Switched()
    settings = SandboxSettings(folder=folder / "sandbox", helseid_port=0, mottak_port=0)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("ktt.testing.sandbox.sandbox._CRYPTO_FAILURES", 10_000)  # the cases are played many times over
        with Sandbox(settings, intercept=made.intercept, ingest=lambda _inbox: None) as sandbox:
            sandbox.write_config(folder / "client.json")
            made.sandbox, made.target = sandbox, read_target(folder / "client.json")
            yield made


def dies(switched: Switched, cases: str, defect: Intercept, reason: Callable[[str], bool] = bool) -> None:
    """Each of the cases passes without the defect, and fails with it for that reason."""
    without = switched.verdicts(cases)
    assert {verdict for verdict, _ in without.values()} == {Verdict.PASSED}, without
    for name, (verdict, said) in switched.verdicts(cases, defect).items():
        assert verdict is Verdict.FAILED, name
        assert reason(said), (name, said)


@pytest.mark.parametrize("row", sorted(OVERLOOKED)[::SHARE])
def test_a_row_that_is_overlooked(switched: Switched, row: str):
    dies(switched, OVERLOOKED[row], overlooks(row), lambda said: "Answered 200, not HTTP" in said)


ROTATES = "a key of HelseID's that is new"


def test_a_new_key_of_the_issuer_that_is_refused(tmp_path_factory):
    """In a sandbox of its own: a receiver does not look for the issuer's keys again and again."""
    with opened(tmp_path_factory) as switched:
        refused(switched, ROTATES)


@pytest.mark.parametrize("what", sorted(set(REFUSED) - {ROTATES})[::SHARE])
def test_what_is_allowed_and_refused(switched: Switched, what: str):
    refused(switched, what)


def refused(switched: Switched, what: str) -> None:
    cases, holds = REFUSED[what]
    keys = switched.sandbox.control.keys
    dies(switched, cases, refuses(holds, lambda: keys), lambda said: "Answered 400, not HTTP 200/201" in said)


@pytest.mark.parametrize("what", sorted(ANSWERED)[::SHARE])
def test_an_answer_that_is_changed(switched: Switched, what: str):
    cases, defect = ANSWERED[what]
    dies(switched, cases, with_defect(defect))


def test_an_answer_of_the_parser_that_is_bare(switched: Switched, monkeypatch):
    assert {verdict for verdict, _ in switched.verdicts(BARE).values()} == {Verdict.PASSED}
    monkeypatch.setattr(UniformProtocol, "_refuse", bare_refusal)
    for name, (verdict, said) in switched.verdicts(BARE).items():
        assert (verdict, "X-Correlation-ID" in said) == (Verdict.FAILED, True), (name, said)
