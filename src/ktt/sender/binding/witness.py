"""The witness: a small file beside the store that says how far the store had come when it was last used.

A store that is put back from a copy is older than its witness, and a store that is lost leaves it behind. It says which
store, where that was, and the number and hash of the newest receipt; nothing else.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
from sqlalchemy.engine import make_url

from ktt.core.text import Text
from ktt.domain.unit import ReportingUnit
from ktt.sender.binding.errors import WitnessUnusable
from ktt.sender.binding.put_away import sqlite_file
from ktt.storage.errors import KeyFileTooOpen, KeyFileUnreadable, KeyFileUnwritable
from ktt.storage.vault import read_secret, replace_secret

_NOT_OURS = Text(nb="den er ikke en vitnefil", en="it is not a witness file")


@dataclass(frozen=True, slots=True)
class Witness:
    """What a store was when it was last used. `sequence` is 0 and `hash` empty before the first receipt."""

    store: str
    place: str
    sequence: int
    hash: str


class WitnessFile:
    """The witness of one unit's queue in a store, mode 0600 and replaced in one step."""

    def __init__(self, path: Path, place: str, file: Path | None = None) -> None:
        """`file` is the store's own file, if it is one."""
        self.path, self.place, self.file = path, place, file

    @classmethod
    def beside(cls, url: str, key_file: Path, unit: ReportingUnit) -> WitnessFile:
        """Beside the SQLite file; for PostgreSQL, which has none, beside the key file."""
        path = sqlite_file(url)
        if path is not None:
            return cls(path.with_name(f"{path.name}.{unit.key}.witness"), str(path), path)
        address = make_url(url)
        place = f"{address.host or 'localhost'}:{address.port or 5432}/{address.database}"
        return cls(key_file.with_name(f"{key_file.name}.{unit.key}.witness"), place)

    def read(self) -> Witness | None:
        """What it says, None when there is no such file; WitnessUnusable when it cannot be read."""
        if not self.path.exists():
            return None
        try:
            return Witness(**orjson.loads(read_secret(self.path)))
        except (KeyFileUnreadable, KeyFileTooOpen) as fault:
            raise WitnessUnusable(path=self.path, reason=_reason(fault)) from fault
        except (ValueError, TypeError) as fault:
            raise WitnessUnusable(path=self.path, reason=_NOT_OURS) from fault

    def write(self, store: str, sequence: int, receipt_hash: str) -> None:
        """Replace it; WitnessUnusable when it cannot be written."""
        try:
            replace_secret(self.path, orjson.dumps(asdict(Witness(store, self.place, sequence, receipt_hash))) + b"\n")
        except KeyFileUnwritable as fault:
            raise WitnessUnusable(path=self.path, reason=_reason(fault)) from fault


def _reason(fault: KeyFileUnreadable | KeyFileTooOpen | KeyFileUnwritable) -> object:
    others = Text(nb="andre enn eieren kan lese den", en="others than its owner can read it")
    return fault.facts.get("reason", others)
