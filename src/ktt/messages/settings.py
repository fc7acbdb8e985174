"""What may be chosen about a pack without touching its files (messages § 4, § 7.5, § 7.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class PackSettings:
    """Choices about the written message; all sizes in bytes.

    `ids_as`: whether numbers with leading zeros (organisation, municipality, person) are JSON integers or strings.
    `historic_municipality`: a home municipality as it was on the record's own date, or as it is numbered today.
    """

    ids_as: Literal["integer", "string"] = "integer"
    send_died_on: bool = True
    send_home_municipality: bool = True
    historic_municipality: Literal["as_registered", "current"] = "as_registered"
    max_body_bytes: int = 15_000_000  # the receiver's limit, counted on the Base64 body
    max_json_bytes: int = 11_000_000  # Base64 makes a body a third larger
    target_json_bytes: int = 2_000_000  # what FHI's own client advises
