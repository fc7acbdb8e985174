"""The records that are to be sent as JSON: encoded once, checked, and carried to the messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from ktt.domain.records import Records
from ktt.domain.unit import ReportingUnit
from ktt.messages.schema_violations import RecordViolation, encode_and_check
from ktt.messages.version import EncodedRecord, MessageVersion
from ktt.sender.delta.batches import Limits, fits

_SCHEMA = {"record_type": pl.String(), "local_id": pl.String(), "json": pl.Binary(), "group": pl.Binary()}


@dataclass(frozen=True, slots=True)
class EncodedRecords:
    """Records as JSON, and those among them that no message can carry.

    `json` has for each root type a frame of `record_type`, `local_id`, `json` and `group`, the person that it is written
    under: a frame, since a million byte strings of Python take half as much memory again. `too_large` are the ids, per root type, of records that are larger than a message may be,
    sorted; `violations` what the others break of their message's schema.
    """

    json: Mapping[str, pl.DataFrame] = field(repr=False)
    too_large: Mapping[str, pl.Series] = field(repr=False)
    violations: Sequence[RecordViolation] = field(repr=False)

    def of(self, record_types: Iterable[str]) -> pl.DataFrame:
        """The JSON of these types together."""
        return pl.concat([pl.DataFrame(schema=_SCHEMA), *(self.json[name] for name in record_types)])


def encode(
    records: Records,
    versions: Sequence[MessageVersion],
    unit: ReportingUnit,
    limits: Limits,
    ids: Mapping[str, pl.Series] | None = None,
    *,
    keep: bool = True,
) -> EncodedRecords:
    """Encode and check the records with these ids per root type, or all. Without `keep`, the JSON is only checked."""
    frames: dict[str, pl.DataFrame] = {}
    too_large: dict[str, pl.Series] = {}
    violations: list[RecordViolation] = []
    for version, kind in ((one, kind) for one in versions for kind in one.carriers):
        chosen = records[kind.name][kind.key] if ids is None else ids[kind.name]
        blocks, above = [pl.DataFrame(schema=_SCHEMA)], set[str]()
        for encoded, found in encode_and_check(records, version, kind, unit, chosen):
            above.update(one.local_id for one in encoded if not fits(len(one.json), limits))
            violations += [one for one in found if one.local_id not in above]
            if keep:
                blocks.append(_frame(encoded))
        frames[kind.name] = pl.concat(blocks)
        too_large[kind.name] = pl.Series(sorted(above), dtype=pl.String)
    return EncodedRecords(frames, too_large, violations)


def _frame(encoded: Sequence[EncodedRecord]) -> pl.DataFrame:
    columns = {name: [getattr(one, name) for one in encoded] for name in _SCHEMA}
    return pl.DataFrame(columns, schema=_SCHEMA)
