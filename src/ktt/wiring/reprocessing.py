"""The module that brings receiver and registry together when stored messages are judged and read by other rules and packs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ktt.core.clock import SystemClock, norwegian_day
from ktt.core.errors import KttError
from ktt.storage.vault import Vault
from ktt.wiring.receiver import RegistryPlace, registry_at

if TYPE_CHECKING:
    from ktt.receiver.findings.rejudging import Rejudging
    from ktt.receiver.findings.rewritten_findings import FindingDifferences
    from ktt.registry import HeldUnit
    from ktt.registry.reprocessing import ReadAnew, Who

Step = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A stored message that was read before and cannot be now: its units are left as they are."""

    unit: str
    position: int
    code: str


@dataclass(slots=True)
class UnitReprocessed:
    """What differs of one unit: findings by rule, records by type; and why it was left as it is (empty: it was not)."""

    unit: str
    findings: list[dict[str, object]] = field(default_factory=list)  # rule, consequence, kind, findings
    validated: int = 0  # messages that could not be validated, and now can
    records: dict[str, dict[str, int]] = field(default_factory=dict)  # record type → new, changed, gone
    left: str = ""

    def __bool__(self) -> bool:
        return bool(self.findings or self.validated or self.records or self.left)


@dataclass(slots=True)
class Reprocessed:
    """All of it: what was read, by what, what differs of each unit that differs, and who waits no longer."""

    rules: str
    packs: str
    messages: int
    not_stored: int
    units: list[UnitReprocessed] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    readable: list[HeldUnit] = field(default_factory=list)
    written: bool = False


class Reprocessing:
    """The stored messages judged and read anew, beside the registry as it is."""

    def __init__(self, rejudging: Rejudging, read: ReadAnew, by: tuple[str, str], unit: str | None = None) -> None:
        """`by`: the rule set and the packs; `unit`: nothing is told or written of any other."""
        self._rejudging, self._read, self._unit = rejudging, read, unit
        self._found = Reprocessed(*by, rejudging.messages, rejudging.not_stored)
        lost = [Unreadable(one.unit, one.position, one.code) for one in rejudging.unreadable]
        lost += [Unreadable(one.unit, one.position, one.code) for one in read.unreadable]
        lost = [one for one in lost if self._is_wanted(one.unit)]
        self._found.unreadable = sorted(set(lost), key=lambda one: (one.unit, one.position))
        self._found.readable = [one for one in read.readable_now() if self._is_wanted(one.unit)]

    def _is_wanted(self, unit: str) -> bool:
        return self._unit in {None, unit}

    def plan(self, step: Step = lambda _done: None) -> Reprocessed:
        """What differs; nothing is written."""
        return self._each(self._planned, step)

    def write(self, by: str, why: str, step: Step = lambda _done: None) -> Reprocessed:
        """The same, written a unit at a time; one that fails is left as it is, and the others go on."""
        from ktt.registry.reprocessing import Who
        from ktt.registry.reprocessing.errors import ReprocessingUnexplained

        if not (by.strip() and why.strip()):
            raise ReprocessingUnexplained
        who = Who(by, why, self._found.packs)
        found = self._each(lambda unit: self._written(unit, who), step)
        if found.readable:
            self._read.release([one.unit for one in found.readable], who)
        found.written = True
        return found

    def _each(self, of: Callable[[str], UnitReprocessed], step: Step) -> Reprocessed:
        lost = {one.unit for one in self._found.unreadable}
        units = sorted(filter(self._is_wanted, {*self._rejudging.units, *self._read.units} - lost))
        for done, unit in enumerate(units, start=1):
            one = of(unit)
            if one:
                self._found.units.append(one)
            step(done)
        return self._found

    def _planned(self, unit: str) -> UnitReprocessed:
        one = UnitReprocessed(unit)
        if unit in self._rejudging.units:
            _with_findings(one, self._rejudging.of(unit))
        if unit in self._read.units:
            one.records = self._read.of(unit).counts()
        return one

    def _written(self, unit: str, who: Who) -> UnitReprocessed:
        from sqlalchemy.exc import SQLAlchemyError

        from ktt.registry.reprocessing import UnitMovedOn

        one = UnitReprocessed(unit)
        try:
            if unit in self._rejudging.units:
                _with_findings(one, self._rejudging.write(unit, who.by, who.why))
            if unit in self._read.units:
                one.records = self._read.write(unit, who).counts()
        except UnitMovedOn:
            one.left = "moved-on"
        except (KttError, SQLAlchemyError) as fault:
            one.left = fault.code if isinstance(fault, KttError) else type(fault).__name__
        return one


def _with_findings(one: UnitReprocessed, found: FindingDifferences | None) -> None:
    if found is None:
        one.left = "moved-on"
        return
    one.findings = found.counts().drop("unit").to_dicts()
    one.validated = len(found.readable)


@contextmanager
def reprocessing_at(
    place: RegistryPlace,
    packs: Sequence[str] = (),
    rules: str | None = None,
    step: Step = lambda _seen: None,
    *,
    unit: str | None = None,
) -> Iterator[Reprocessing]:
    """Everything stored, judged and read by these packs and rules; by those in use today when none are named.

    All is read whatever the unit, since one message may be about several. UnitUnknown. `step` is told how many messages have been judged, and then how many have been read.
    """
    from ktt.messages.register import register_of
    from ktt.receiver.findings.rejudging import JudgedBy, Rejudging
    from ktt.receiver.service import preflight
    from ktt.receiver.store import tables
    from ktt.receiver.store.inbox import SqlInbox
    from ktt.registry.coverage.known_unit import check_unit
    from ktt.registry.reprocessing import Reading, reading_anew
    from ktt.rules.rule_sets.published import rule_set, rule_set_on

    clock = SystemClock()
    chosen = rule_set(rules) if rules else rule_set_on(norwegian_day(clock.now()))
    named = tuple(packs) or place.packs
    find, shown = register_of(named).find, ", ".join(pack_name(name) for name in named)
    vaults = Vault.from_file(place.key_file), Vault.from_file(place.identity_key_file)
    with registry_at(place) as database, ExitStack() as opened:
        with database.reading() as connection:
            check_unit(connection, unit)
        receiver = preflight.open_migrated(place.receiver_url, tables.SCHEMA)
        opened.callback(receiver.close)
        vault = Vault.from_file(place.receiver_key_file)
        rejudging = Rejudging(receiver, vault, clock, JudgedBy(chosen, shown, find, place.production))
        rejudging.judge(step)
        given = Reading(database, vaults, SqlInbox(receiver, vault), clock, find)
        read = opened.enter_context(reading_anew(given, place.key_file.parent, step))
        yield Reprocessing(rejudging, read, (chosen.version, shown), unit)


def pack_name(name: str) -> str:
    """A pack as it is kept: its own name, not the folder that it lies in."""
    from ktt.messages.register import named_pack

    return named_pack(name).name
