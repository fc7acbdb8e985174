"""A change of units from beginning to end: written down in every store, then each unit that leaves is withdrawn.

Stopped anywhere, it is simply run again: it finds the change that it began, and goes on with what is left. The units that
come after are told first, so that none of them can load while one before it is still in the registry.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace

from ktt.core.clock import Clock
from ktt.core.errors import KttError
from ktt.core.text import Text
from ktt.domain.unit import ReportingUnit
from ktt.sender.outbox.dispatch import DispatchReport, SendOptions, locked
from ktt.sender.outbox.errors import AccessRefused, OutcomeUncertain
from ktt.sender.outbox.message import State
from ktt.sender.unit_changes.change import Kind, Predecessor, UnitChange, Withdrawn, concerning
from ktt.sender.unit_changes.errors import AccessGone, UnitsWrong
from ktt.sender.unit_changes.free_units import check_free
from ktt.sender.unit_changes.registry_rest import Way
from ktt.sender.unit_changes.report import ChangeReport, ComingReport, LeavingReport, Next
from ktt.sender.unit_changes.units_check import check_units
from ktt.sender.unit_changes.withdrawal import UnitStores, Withdrawal, close_findings, planned, told

_ENVIRONMENTS = Text(nb="de er i forskjellige miljøer: {names}", en="they are in different environments: {names}")
_NO_REASON = Text(nb="grunnen er ikke oppgitt", en="no reason is given")
_REPORTED_BEFORE = Text(
    nb="Enhet {unit} har allerede sendt {count:melding|meldinger}. Personer som også sto på den gamle enheten, har vært talt to "
    "ganger til nå.",
    en="Unit {unit} has sent {count:message|messages} already. Persons who were in the old unit as well have been counted "
    "twice until now.",
)


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """What is to be done, why and by whom.

    `deleted_by_registry` is who has confirmed that the registry itself deleted what was left of the units that leave.
    """

    kind: Kind
    day: dt.date
    reason: str
    by: str
    deleted_by_registry: str | None = None


def plan_change(request: ChangeRequest, leaving: Sequence[UnitStores], coming: Sequence[ReportingUnit]) -> ChangeReport:
    """What the change would delete. Nothing is written or sent."""
    warnings = _checked(request, leaving, coming)
    reports = [_before(one, request) for one in leaving]
    return ChangeReport(request.kind, request.day, reports, [ComingReport(unit, None) for unit in coming], warnings)


@dataclass(frozen=True, slots=True)
class Changing:
    """A change under way: what is kept of the units that leave and of those that come after, and the ways to the receiver.

    `ways` has one for each unit that leaves; none is needed when the registry has deleted everything itself.
    """

    request: ChangeRequest
    leaving: Sequence[UnitStores]
    coming: Sequence[UnitStores]
    ways: Mapping[ReportingUnit, Way]
    clock: Clock
    options: SendOptions = field(default_factory=SendOptions)

    def carry_out(self) -> ChangeReport:
        """Withdraw every unit that leaves. What stops one unit stops no other.

        UnitsWrong, PlaceUnknown or UnitNotFree before anything is written; QueueBusy when a run of a unit is under way.
        """
        warnings = [*_checked(self.request, self.leaving, _units(self.coming)), *self._reported_before()]
        _check_environments(self._everyone)
        with self._all_locked():
            change = self._begin()
            reports = [self._leave(one, change) for one in self.leaving]
        after = [ComingReport(one.unit, _next(one)) for one in self.coming]
        return ChangeReport(self.request.kind, change.day, reports, after, warnings, id=change.id)

    @property
    def _everyone(self) -> list[UnitStores]:
        return [*self.coming, *self.leaving]

    def _begin(self) -> UnitChange:
        """The change, written into every store; the one that an earlier run began, when it is the same."""
        change = self._begun()
        if change is None:
            check_free(self.leaving, self.coming)
            change = self._new()
        for one in self._everyone:
            one.changes.begin(change)
        return change

    def _new(self) -> UnitChange:
        known = [change.begun_at for one in self._everyone for change in one.changes.changes()]
        # After every change that is known, also on a clock that was set back: the newest one is what counts.
        later = [at + dt.timedelta(microseconds=1) for at in known]
        return UnitChange(
            id=secrets.token_hex(8),
            kind=self.request.kind,
            day=self.request.day,
            reason=self.request.reason,
            by=self.request.by,
            begun_at=max([self.clock.now(), *later]),
            predecessors=tuple(Predecessor(unit) for unit in _units(self.leaving)),
            successors=tuple(_units(self.coming)),
        )

    def _begun(self) -> UnitChange | None:
        """The newest change of the units that leave, as far as any store knows it, when it is this one."""
        units = _units(self.leaving)
        known = [change for one in self._everyone for change in one.changes.changes()]
        theirs = [change for change in known if any(concerning([change], unit) for unit in units)]
        newest = max(theirs, key=lambda change: change.begun_at, default=None)
        if newest is None or not newest.is_same(self.request.kind, units, _units(self.coming)):
            return None
        return _together([change for change in theirs if change.id == newest.id])

    def _leave(self, stores: UnitStores, change: UnitChange) -> LeavingReport:
        """Withdraw one unit, unless it is done already, and tell every store."""
        report, predecessor = _before(stores, self.request), change.of(stores.unit)
        withdrawn = predecessor.withdrawn if predecessor is not None else None
        if withdrawn is None:
            report = self._withdraw(stores, report)
            if report.stopped is not None:
                return report
            withdrawn = Withdrawn(self.clock.now(), self.request.by, self.request.deleted_by_registry)
        others = [one for one in self._everyone if one is not stores]
        for one in [stores, *others]:  # its own store first: the others are told again by the next run
            one.changes.mark_withdrawn(change.id, stores.unit, withdrawn)
        return replace(report, withdrawn=withdrawn)

    def _withdraw(self, stores: UnitStores, report: LeavingReport) -> LeavingReport:
        request = self.request
        if request.deleted_by_registry is not None:
            _empty_queue(stores, request)
            close_findings(stores, request.day)
            return report
        withdrawal = Withdrawal(stores, request.day, self.ways[stores.unit], self.options)
        done = withdrawal.run(request.by, request.reason)
        return replace(
            report,
            accepted=done.sent.delivered,
            undelivered=done.sent.undelivered,
            checked=done.checked,
            surplus=done.surplus,
            stopped=_explained(stores, done.sent),
        )

    def _reported_before(self) -> Iterator[Text]:
        """Units that have reported before they should; one that takes others up, or comes back, did so rightly."""
        for one in self.coming if self.request.kind is not Kind.MERGE else ():
            count = one.outbox.queue(one.unit).delivered
            if count and not concerning(one.changes.changes(), one.unit):
                yield _REPORTED_BEFORE.format(unit=one.unit.key, count=count)

    @contextmanager
    def _all_locked(self) -> Iterator[None]:
        with ExitStack() as held:
            for one in self._everyone:
                held.enter_context(locked(one.outbox, one.unit))
            yield


def _checked(request: ChangeRequest, leaving: Sequence[UnitStores], coming: Sequence[ReportingUnit]) -> list[Text]:
    if not request.reason.strip() or (
        request.deleted_by_registry is not None and not request.deleted_by_registry.strip()
    ):
        raise UnitsWrong(why=_NO_REASON)
    return check_units(request.kind, _units(leaving), coming, request.day)


def _together(copies: Sequence[UnitChange]) -> UnitChange:
    """One change as the stores know it together: a unit is withdrawn when one of them knows it."""
    found = {one.unit: one.withdrawn for copy in copies for one in copy.predecessors if one.withdrawn is not None}
    return replace(copies[0], predecessors=tuple(Predecessor(unit, found.get(unit)) for unit in copies[0].leaving))


def _empty_queue(stores: UnitStores, request: ChangeRequest) -> None:
    """Take out what waits. A message whose outcome is unknown stays, and tells later what happened to it."""
    first = stores.outbox.first_undelivered(stores.unit)
    if first is not None and first.state is not State.UNCERTAIN:
        stores.outbox.rebuild(stores.unit, by=request.by, reason=request.reason)


def _explained(stores: UnitStores, done: DispatchReport) -> KttError | None:
    """Why it stopped; when the unit is not let in any more, with the ways out."""
    attempt = stores.outbox.queue(stores.unit).last_attempt
    refused = attempt is not None and attempt.outcome == "refused"
    if refused and isinstance(done.stopped, AccessRefused | OutcomeUncertain):
        return AccessGone(unit=stores.unit.key, left=sum(told(stores).values()), why=done.stopped.says())
    return done.stopped


def _before(stores: UnitStores, request: ChangeRequest) -> LeavingReport:
    messages = sum(1 for _ in planned(stores, request.day))
    return LeavingReport(stores.unit, told(stores), messages, stores.outbox.queue(stores.unit).undelivered)


def _next(stores: UnitStores) -> Next:
    load = stores.outbox.queue(stores.unit).load
    return "load" if load is None or load.finished_at is None else "daily"


def _check_environments(everyone: Sequence[UnitStores]) -> None:
    names = sorted({one.environment for one in everyone})
    if len(names) > 1:
        raise UnitsWrong(why=_ENVIRONMENTS.format(names=", ".join(names)))


def _units(stores: Sequence[UnitStores]) -> list[ReportingUnit]:
    return [one.unit for one in stores]
