"""The settings of a fleet: what is common, and one entry for each unit, in one file.

What stands outside the entries is common, in the sections of a `sender.toml`; an entry gives its unit and overrides any
setting. `{unit}` in a text is the unit's key. What is wrong with the common part, or with the entries taken together, is
a fault of the file; what is wrong with one entry is that unit's own.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field, ValidationError

from ktt.alarms.settings import AlarmSettings
from ktt.core.errors import KttError
from ktt.core.settings import DatabaseUrl, SettingsSection, explained, faults_of, read_settings
from ktt.sender.fleet.errors import NoUnits, StoreShared, UnitNotInFleet, UnitTwice
from ktt.sender.settings import NetworkSettings, SenderSettings, UnitSettings

UNIT_MARK = "#"
"""Between the file and a unit where both are named at once: `fleet.toml#312000008-1114`."""
Section = TypeVar("Section", bound=SettingsSection)
_PLACEHOLDER = "{unit}"
_NUMBERS = ("organisation", "municipality", "district")
_A_UNIT = {"organisation": "0" * 9, "municipality": "0" * 4}  # in the place of a unit where the common part is judged


class FleetSection(SettingsSection):
    """How a fleet runs. `store` keeps the alarms that are common, and the lock.

    `workers` units are under way at the same time, `readers` of them with an extract in memory that is not sent yet. A
    run that has gone on for `slow_after_minutes` leaves its place to another, and after `give_up_after_minutes` is
    abandoned. An initial load goes on for `load_turn_minutes` at a time, and begins no turn after `load_hours`.
    """

    store: DatabaseUrl = Field(default="sqlite:///fleet.sqlite", repr=False, validate_default=True)
    workers: int = Field(default=8, ge=1, le=64)
    readers: int = Field(default=2, ge=1, le=64)
    slow_after_minutes: float = Field(default=10, gt=0)
    give_up_after_minutes: float = Field(default=60, gt=0)
    load_turn_minutes: float = Field(default=5, gt=0)
    load_hours: float = Field(default=6, gt=0)


class _Entries(SettingsSection):
    unit: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class FleetUnit:
    """One entry: its settings, or why it has none. `name` is the unit's key, or the entry's number when it has no unit."""

    name: str
    settings: SenderSettings | None
    fault: KttError | None = None


@dataclass(frozen=True, slots=True)
class Fleet:
    """All of the file. `alarms` and `network` are the common ones; a unit's settings have only alarms of its own."""

    path: Path
    section: FleetSection
    units: tuple[FleetUnit, ...]
    common: Mapping[str, Any] = field(repr=False)
    alarms: AlarmSettings
    network: NetworkSettings

    @classmethod
    def load(cls, path: Path) -> Fleet:
        """Read a file; what is wrong with the common part, UnitTwice, StoreShared, NoUnits.

        What is wrong with one entry is in its `fault`.
        """
        raw = read_settings(path)
        entries, section = raw.pop("unit", []), raw.pop("fleet", {})
        own = _checked(FleetSection, section, path, "fleet.")
        _check_common(raw, path)
        listed = _checked(_Entries, {"unit": entries}, path, "").unit
        if not listed:
            raise NoUnits(path=path)
        units = tuple(_unit(raw, entry, number, path) for number, entry in enumerate(listed, 1))
        _refuse_twice(units, path)
        _refuse_shared(units, path)
        alarms = _checked(AlarmSettings, raw.get("alarms", {}), path, "alarms.")
        network = _checked(NetworkSettings, raw.get("network", {}), path, "network.")
        return cls(path, own, units, raw, alarms, network)

    def only(self, names: Iterable[str]) -> tuple[FleetUnit, ...]:
        """The units of these keys, all without any; UnitNotInFleet."""
        wanted = dict.fromkeys(names)
        known = {unit.name: unit for unit in self.units}
        for name in wanted:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hints = (f" Mente dere «{near[0]}»?", f" Did you mean “{near[0]}”?") if near else ("", "")
                raise UnitNotInFleet(unit=name, path=self.path, hint_nb=hints[0], hint_en=hints[1])
        return tuple(known[name] for name in wanted) if wanted else self.units

    def config(self, name: str) -> str:
        """How one unit of the file is named to the other commands."""
        return f"{self.path}{UNIT_MARK}{name}"


def settings_at(place: Path) -> SenderSettings:
    """The settings of one unit: of a `sender.toml`, or of an entry as `fleet.toml#312000008-1114`."""
    file, mark, unit = str(place).rpartition(UNIT_MARK)
    if not mark or place.exists():
        return SenderSettings.load(place)
    (found,) = Fleet.load(Path(file)).only([unit])
    if found.settings is None:
        assert found.fault is not None, "an entry has settings or a fault"
        raise found.fault
    return found.settings


def _checked(model: type[Section], raw: Any, path: Path, within: str) -> Section:
    try:
        return model.model_validate(raw, context=path.parent.absolute())
    except ValidationError as fault:
        raise explained(path, faults_of(fault)[0], model, within=within) from fault


def _check_common(raw: Mapping[str, Any], path: Path) -> None:
    """Everything but what is missing, since an entry may bring it."""
    try:
        SenderSettings.model_validate({**raw, "unit": _A_UNIT}, context=path.parent.absolute())
    except ValidationError as fault:
        wrong = [one for one in faults_of(fault) if one["type"] != "missing"]
        if wrong:
            raise explained(path, wrong[0], SenderSettings, FleetSection) from fault


def _unit(common: Mapping[str, Any], entry: Mapping[str, Any], number: int, path: Path) -> FleetUnit:
    numbers = {name: entry[name] for name in _NUMBERS if name in entry}
    place = f"unit[{number}]"
    try:
        key = _checked(UnitSettings, numbers, path, f"{place}.").reporting_unit.key
    except KttError as fault:
        return FleetUnit(place, None, fault)
    sections = {name: value for name, value in entry.items() if name not in _NUMBERS}
    merged = _filled(_merged({**common, "alarms": {}}, sections), key) | {"unit": numbers}
    try:
        return FleetUnit(key, _checked(SenderSettings, merged, path, f"{key}: "))
    except KttError as fault:
        return FleetUnit(key, None, fault)


def _merged(common: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The common settings with an entry's own in their place, setting by setting."""
    merged = dict(common)
    for name, value in own.items():
        before = merged.get(name)
        merged[name] = _merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return merged


def _filled(value: Any, key: str) -> Any:
    """The same with the unit's key in every text that asks for it."""
    if isinstance(value, str):
        return value.replace(_PLACEHOLDER, key)
    if isinstance(value, list):
        return [_filled(one, key) for one in value]
    return {name: _filled(one, key) for name, one in value.items()} if isinstance(value, dict) else value


def _refuse_twice(units: Iterable[FleetUnit], path: Path) -> None:
    seen: dict[str, int] = {}
    for number, unit in enumerate(units, 1):
        first = seen.setdefault(unit.name, number)
        if first != number:
            raise UnitTwice(unit=unit.name, path=path, first=first, second=number)


def _refuse_shared(units: Iterable[FleetUnit], path: Path) -> None:
    """A store for each unit: one that is locked or broken is then in nobody else's way (ADR 0019)."""
    seen: dict[str, str] = {}
    for unit in units:
        if unit.settings is not None:
            first = seen.setdefault(unit.settings.store.url, unit.name)
            if first != unit.name:
                raise StoreShared(first=first, second=unit.name, path=path)
