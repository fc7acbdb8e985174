"""The names on the wire: request headers, claims, and the five `x-*` values (transport § 6, helseid § 7)."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from ktt.wire.errors import HeaderValueUnfit

AUTHORIZATION = "Authorization"
DPOP = "DPoP"
DPOP_NONCE = "DPoP-Nonce"
CONTENT_TYPE = "Content-Type"
CORRELATION_ID = "X-Correlation-ID"
RETRY_AFTER = "Retry-After"

VENDOR = "x-vendor-name"
SOFTWARE = "x-software-name"
SOFTWARE_VERSION = "x-software-version"
EXPORT_VERSION = "x-export-software-version"
EXTRACTED_ON = "x-data-extraction-date"
REQUIRED = (VENDOR, SOFTWARE, SOFTWARE_VERSION, EXPORT_VERSION, EXTRACTED_ON)

MESSAGE_CONTENT_TYPE = "text/plain; charset=utf-8"
AUDIENCE = "fhi:slash.mottak"
SCOPE = "fhi:slash.mottak/all"

CLAIM_TYPE, CLAIM_VERSION, CLAIM_HASH = "msg_type", "msg_version", "msg_hash"
CLAIM_KEY, CLAIM_KEY_ID = "enc_sym_key", "enc_key_id"
MESSAGE_CLAIMS = (CLAIM_TYPE, CLAIM_VERSION, CLAIM_HASH, CLAIM_KEY, CLAIM_KEY_ID)

CLAIM_PARENT = "helseid://claims/client/claims/orgnr_parent"
CLAIM_CHILD = "helseid://claims/client/claims/orgnr_child"
CLAIM_SUPPLIER = "helseid://claims/client/claims/orgnr_supplier"
CLAIM_TENANCY = "helseid://claims/client/claims/client_tenancy"

MAX_VALUE = 100  # characters in an `x-*` value (transport § 15)
_PRINTABLE = re.compile(r"[ -~]+")
_DATE = re.compile(r"(\d{2})\.(\d{2})\.(\d{4})", re.ASCII)


def value_fits(text: str) -> bool:
    """Whether an `x-*` value may travel: 1 to 100 characters of printable ASCII that are not all spaces."""
    return len(text) <= MAX_VALUE and _PRINTABLE.fullmatch(text) is not None and text.strip() != ""


def write_date(day: dt.date) -> str:
    """A day as `dd.MM.yyyy`."""
    return f"{day.day:02}.{day.month:02}.{day.year:04}"


def read_date(text: str) -> dt.date | None:
    """The day that `dd.MM.yyyy` names; None when it is another form or no day."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    try:
        return dt.date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class SenderSoftware:
    """Who sends: vendor, record system and its version, and the version of the program that extracts."""

    vendor: str
    system: str
    version: str
    export_version: str

    def __post_init__(self) -> None:
        for name, value in self._values().items():
            if not value_fits(value):
                raise HeaderValueUnfit(header=name, limit=MAX_VALUE)

    def _values(self) -> dict[str, str]:
        return {
            VENDOR: self.vendor,
            SOFTWARE: self.system,
            SOFTWARE_VERSION: self.version,
            EXPORT_VERSION: self.export_version,
        }

    def headers(self, extracted_on: dt.date) -> dict[str, str]:
        """The five headers of one message."""
        return self._values() | {EXTRACTED_ON: write_date(extracted_on)}
