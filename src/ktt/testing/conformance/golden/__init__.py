"""What FHI's published client sent, recorded request by request; README.md in this folder tells how."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import orjson

NAMES = ("rs256", "ps256")
"""Two recordings: an RSA-2048 key with RS256 proofs, and an RSA-4096 key with PS256 proofs."""

_BOM = b"\xef\xbb\xbf"
_HERE = files(__name__)


@dataclass(frozen=True, slots=True)
class GoldenRequest:
    """One request as it arrived."""

    received_at: dt.datetime
    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)

    def header(self, name: str) -> str:
        """The one value of a header; KeyError when it is not there."""
        return {key.lower(): value for key, value in self.headers}[name.lower()]


@dataclass(frozen=True, slots=True)
class GoldenRecording:
    """Three submissions of six requests each, and the keys that open them, which are used for nothing else."""

    name: str
    material: dict[str, Any] = field(repr=False)
    requests: tuple[GoldenRequest, ...] = field(repr=False)

    def to(self, path: str) -> list[GoldenRequest]:
        """The requests to one path, in order."""
        return [request for request in self.requests if request.path == path]


def golden_recording(name: str) -> GoldenRecording:
    """The recording called `rs256` or `ps256`."""
    folder = _HERE / name
    lines = (folder / "requests.jsonl").read_bytes().splitlines()
    material: dict[str, Any] = orjson.loads((folder / "material.json").read_bytes())
    return GoldenRecording(name, material, tuple(_request(orjson.loads(line)) for line in lines))


def plaintexts() -> list[bytes]:
    """The three messages in the order they were sent, without the BOM of the third, which the client dropped."""
    names = ("message-tjeneste.json", "message-empty.json", "message-letters.json")
    return [(_HERE / name).read_bytes().removeprefix(_BOM) for name in names]


def _request(line: dict[str, Any]) -> GoldenRequest:
    return GoldenRequest(
        dt.datetime.fromtimestamp(line["received_at"], dt.UTC),
        line["method"],
        line["path"],
        tuple((name, value) for name, value in line["headers"]),
        line["body"].encode(),
    )
