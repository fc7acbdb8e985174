"""The reporting unit: the municipality or district that messages are sent for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class ReportingUnit:
    """A municipality, or a district of one, that reports (`orgNr`, `kommuneNr`, `bydelNr`).

    All three are text: `municipality` has four digits (`0301`), `district` two or is None.
    """

    organisation: str
    municipality: str
    district: str | None = None

    @property
    def key(self) -> str:
        """The unit as one word, for database keys and log lines: `312000008-1114` or `312000563-0301-03`."""
        parts = [self.organisation, self.municipality, *([self.district] if self.district else [])]
        return "-".join(parts)

    @classmethod
    def from_key(cls, key: str) -> ReportingUnit:
        """Read back what `key` wrote."""
        organisation, municipality, *district = key.split("-")
        return cls(organisation, municipality, district[0] if district else None)
