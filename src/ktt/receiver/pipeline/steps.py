"""One step of the checks as it runs: announced by name, timed in some submissions, and failing only with a `Refusal`."""

from __future__ import annotations

from time import perf_counter
from types import TracebackType

from sqlalchemy.exc import SQLAlchemyError

from ktt.receiver.errors import IssuerUnavailable
from ktt.receiver.http.refusal import Refusal, envelope_refusal, refuse, refuse_with_status, unauthorized
from ktt.receiver.pipeline.services import Services
from ktt.receiver.pipeline.stages import Authenticated
from ktt.receiver.store.submissions.group_commit import NotStored
from ktt.storage.errors import DatabaseUnavailable
from ktt.wire.answers import AnswerCode
from ktt.wire.envelope import Fault

_MEASURED = frozenset({"proof", "jti", "ledger", "envelope", "schema", "store"})  # the others take some microseconds
_UNAVAILABLE = (NotStored, DatabaseUnavailable, SQLAlchemyError)


class Step:
    """A context in which one step runs. Whatever the database or HelseID fails with leaves it as a refusal."""

    __slots__ = ("_began", "_name", "_services", "_timed")

    def __init__(self, name: str, services: Services, *, timed: bool) -> None:
        self._name, self._services, self._timed = name, services, timed and name in _MEASURED

    def __enter__(self) -> None:
        self._began = perf_counter() if self._timed else 0.0
        self._services.reached(self._name)

    def __exit__(self, _kind: object, fault: BaseException | None, _trace: TracebackType | None) -> None:
        if fault is None:
            if self._timed:
                self._services.metrics.step_passed(self._name, perf_counter() - self._began)
            return
        refusal = self._refusal(fault)
        if refusal is not None:
            self._services.metrics.step_refused(self._name, refusal)
            if refusal is not fault:
                raise refusal from None

    def _refusal(self, fault: BaseException) -> Refusal | None:
        """The refusal that the fault is or becomes: a database that cannot be written to is 2010. None for a bug."""
        if isinstance(fault, Refusal):
            return fault
        if isinstance(fault, IssuerUnavailable):
            return refuse_with_status(503, why=str(fault), headers=(("Retry-After", "60"),))
        if isinstance(fault, _UNAVAILABLE):
            return refuse(AnswerCode.STORAGE_ERROR, why=f"{self._name}: {type(fault).__name__}")
        return None


def refuse_envelope(request: Authenticated, services: Services, found: Fault) -> Refusal:
    """An envelope did not open, which counts against its client."""
    services.limits.record_failure(request.caller.client_id, request.received.received_at)
    return envelope_refusal(found, test_mode=services.settings.test_mode)


def refuse_replay() -> Refusal:
    """A proof, and with it a request, that was used before."""
    return unauthorized("invalid_dpop_proof", why="D14 replay")


def refuse_organisation(why: str, details: object = None) -> Refusal:
    """2001: the token does not speak for that."""
    code = AnswerCode.SHOULD_NOT_RECEIVE_MESSAGE_FOR_GIVEN_ORGANIZATION_AND_MESSAGE_TYPE
    return refuse(code, details=details, why=why)
