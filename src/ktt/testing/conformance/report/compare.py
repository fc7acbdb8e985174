"""Two results side by side: what fails now and did not, what holds now and did not, and which cases came or went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_BAD = frozenset({"failed", "advice"})


@dataclass(frozen=True, slots=True)
class Comparison:
    """Names of cases. `failing` held in the first result and not in the second, `held` the other way round."""

    failing: tuple[str, ...]
    held: tuple[str, ...]
    still_failing: tuple[str, ...]
    no_longer_played: tuple[str, ...]
    newly_played: tuple[str, ...]

    def as_data(self) -> dict[str, Sequence[str]]:
        """By name."""
        return {name: getattr(self, name) for name in self.__slots__}


def compare(first: Mapping[str, Any], second: Mapping[str, Any]) -> Comparison:
    """The comparison of two documents (`report.document`). A case that was skipped was not played."""
    before, after = _played(first), _played(second)
    bad = {name for name, verdict in after.items() if verdict in _BAD}
    was_bad = {name for name, verdict in before.items() if verdict in _BAD}
    order = [*dict.fromkeys([*before, *after])]

    def listed(names: set[str]) -> tuple[str, ...]:
        return tuple(name for name in order if name in names)

    return Comparison(
        failing=listed((bad & before.keys()) - was_bad),
        held=listed((was_bad & after.keys()) - bad),
        still_failing=listed(bad & was_bad),
        no_longer_played=listed(set(before.keys() - after.keys())),
        newly_played=listed(set(after.keys() - before.keys())),
    )


def _played(read: Mapping[str, Any]) -> dict[str, str]:
    return {case["name"]: case["verdict"] for case in read["cases"] if case["verdict"] != "skipped"}
