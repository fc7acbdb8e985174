"""What a comparison of the record system with the registry found, as plain data for reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from ktt.core.errors import EXIT_HELD_BACK, EXIT_NETWORK, EXIT_NOT_MET, EXIT_QUEUE

Source = Literal["inventory", "receipts"]
"""The registry's own inventory, or what this store has receipts for, which is weaker: a store can be old or foreign."""
State = Literal["equal", "different", "not_offered", "not_answered", "not_ingested", "held"]
"""The last four say why nothing was compared: the receiver has no such address, gave no answer, its registry has not
ingested all that was accepted, or holds the unit back until a person releases it."""

DIFFERENCES = ("missing", "surplus", "different")
"""In the record system alone, in the registry alone, in both with different content."""

_EXIT = {"different": EXIT_NOT_MET, "held": EXIT_QUEUE, "not_answered": EXIT_NETWORK, "not_ingested": EXIT_NETWORK}


@dataclass(frozen=True, slots=True)
class TypeComparison:
    """One record type: how many records would be sent, how many differ at the other end, and the first ids of each kind.

    Not compared are `held` records, which a finding holds, and `unproved` ones, which only the registry has but which
    an extract without proof of completeness does not delete.
    """

    sent: int
    missing: int = 0
    surplus: int = 0
    different: int = 0
    held: int = 0
    unproved: int = 0
    first: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def differences(self) -> int:
        """How many records differ."""
        return self.missing + self.surplus + self.different


@dataclass(frozen=True, slots=True)
class RegistryComparison:
    """The comparison of one unit. `pending` messages are accepted and not ingested; `reason` is why there is no answer."""

    state: State
    source: Source = "inventory"
    types: Mapping[str, TypeComparison] = field(default_factory=dict)
    pending: int = 0
    reason: str = ""

    @property
    def differences(self) -> int:
        """How many records differ, over all types."""
        return sum(one.differences for one in self.types.values())

    @property
    def held(self) -> int:
        """How many records were not compared: held by a finding, set aside, or not deleted without a proof."""
        return sum(one.held for one in self.types.values()) + self.unproved

    @property
    def unproved(self) -> int:
        """How many records only the registry has, and are not deleted without a proof."""
        return sum(one.unproved for one in self.types.values())

    @property
    def untrue(self) -> bool:
        """Whether it is known that the registry does not have what the record system has."""
        return self.state in {"different", "held"}

    @property
    def may_be_called_right(self) -> bool:
        """Whether the registry was asked and has all the same, or cannot be asked: only then is a run called “✓”."""
        return self.state in {"equal", "not_offered"} and not self.held

    @property
    def exit_code(self) -> int:
        """That of a command that was asked to compare."""
        return _EXIT.get(self.state, EXIT_HELD_BACK if self.unproved else 0)

    def as_data(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "state": self.state,
            "source": self.source,
            "differences": self.differences,
            "pending": self.pending,
            "reason": self.reason,
            "types": {name: asdict(one) for name, one in self.types.items()},
        }


def concluded(source: Source, types: Mapping[str, TypeComparison]) -> RegistryComparison:
    """The comparison of these types."""
    differ = any(one.differences for one in types.values())
    return RegistryComparison("different" if differ else "equal", source, types)
