"""The extract as the registry would hold it once all of it was sent: written to messages and read back.

So only what travels counts: a field that a pack does not carry, or carries in another form, differs at neither end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from ktt.domain.fingerprint import digest, fingerprint, recipient_fingerprint
from ktt.domain.records import ALL_TYPES, RECIPIENT, ROOT_OF, Records, frame_of, own_date
from ktt.domain.schema import RecordType
from ktt.messages.version import EncodedRecord, MessageVersion
from ktt.sender.delta.carriers import Links, carried, links_needed
from ktt.sender.delta.compare import Changes
from ktt.sender.delta.encoding import EncodedRecords, encode
from ktt.sender.extract.extract import Extract
from ktt.sender.sender import Sender
from ktt.sender.validation import ValidatedExtract

_BLOCK = 20_000
"""Records in one message that is written and read back: bounds what is in memory."""
_NO_IDS = pl.Series(dtype=pl.String)


@dataclass(frozen=True, slots=True)
class SentRecords:
    """`extract` is what remains after the records that no message can carry are held as well.

    `held` are the ids per root type that are not compared: held ones, and those that are not written because of them.
    """

    extract: Extract = field(repr=False)
    records: Records = field(repr=False)
    held: Mapping[str, pl.Series] = field(repr=False)
    kinds: tuple[RecordType, ...]

    def hashes(self, salt: bytes) -> dict[str, pl.DataFrame]:
        """`local_id` and `hash` by record type, recipients among them."""
        found = {RECIPIENT.name: recipient_fingerprint(frame_of(self.records, RECIPIENT), salt)}
        found |= {kind.name: fingerprint(self.records, kind, salt).drop("own_date") for kind in self.kinds}
        return {name: frame.rename({"fingerprint": "hash"}) for name, frame in found.items()}

    def digests(self, salt: bytes) -> dict[str, str]:
        """One hash for each record type that has any record."""
        hashes = self.hashes(salt).items()
        return {name: digest(one.rename({"hash": "fingerprint"})) for name, one in hashes if not one.is_empty()}


def sent_records(sender: Sender, validated: ValidatedExtract) -> SentRecords:
    """All that the extract has to send, as it would arrive."""
    read = validated.extract
    written = _written_ids(sender, read)
    encoded = encode(read.records, sender.versions, sender.unit, sender.limits, written)
    extract = validated.hold_unsendable(encoded).extract
    kinds = sent_kinds(sender)
    arrived: dict[str, pl.DataFrame] = {}
    for version in sender.versions:
        arrived = _after(arrived, _read_back(sender, version, extract, encoded))
    records = _without(arrived, extract.held)
    held = {kind.name: _not_compared(kind, extract, records) for kind in kinds}
    return SentRecords(extract, _with_kinds_of_number(records), held, kinds)


def sent_kinds(sender: Sender) -> tuple[RecordType, ...]:
    """The root types that the sender's messages have."""
    return tuple(dict.fromkeys(kind for version in sender.versions for kind in version.record_types))


def _written_ids(sender: Sender, extract: Extract) -> dict[str, pl.Series]:
    """The ids per record type that stand on their own in a message, if all of the extract were new."""
    changes = {kind.name: _all_new(kind, extract) for kind in sent_kinds(sender)}
    known = {link: sender.outbox.expected(sender.unit, link) for link in links_needed(sender.versions)}
    links = Links(known, extract.held)
    return {
        kind.name: carried(version, kind, extract.records, changes, links).to_write["local_id"]
        for version in sender.versions
        for kind in version.carriers
    }


def _all_new(kind: RecordType, extract: Extract) -> Changes:
    """What a registry without a record of the type would be sent. Which ones is all that is asked, so none has a fingerprint."""
    new = frame_of(extract.records, kind).select(
        local_id=kind.key, fingerprint=pl.lit(None, pl.String), own_date=own_date(kind)
    )
    return Changes(new, new.clear(), _NO_IDS, unchanged_count=0, expected_count=0)


def _read_back(
    sender: Sender, version: MessageVersion, extract: Extract, encoded: EncodedRecords
) -> dict[str, pl.DataFrame]:
    """What one version carries, as it is read at the other end."""
    batches: list[Records] = []
    for kind in version.carriers:
        held = extract.held.get(kind.name, _NO_IDS)
        written = encoded.of([kind.name])
        written = written if held.is_empty() else written.filter(~pl.col("local_id").is_in(held.implode()))
        for block in written.iter_slices(_BLOCK):
            message = version.assemble(sender.unit, {}, _records(block, extract), extracted_on=extract.extracted_on)
            batches += [batch.records for batch in version.read(message)]
    names = {name for batch in batches for name in batch}
    return {name: pl.concat(frame_of(batch, ALL_TYPES[name]) for batch in batches) for name in names}


def _records(block: pl.DataFrame, extract: Extract) -> list[EncodedRecord]:
    rows = block.select("local_id", "json", "record_type", "group").iter_rows()
    return [EncodedRecord(name, extract.extracted_on, json, kind, group) for name, json, kind, group in rows]


def _after(before: Mapping[str, pl.DataFrame], later: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The records after those of a later message, which replace what was there whole."""
    replaced = {name: later[ROOT_OF[name]][_id_column(ROOT_OF[name])] for name in later if ROOT_OF[name] in later}
    together = {**later, **_without(before, replaced)}
    for name in {*before} & {*later}:
        together[name] = pl.concat([together[name], later[name]])
    people = together.get(RECIPIENT.name, RECIPIENT.empty())
    return together | {RECIPIENT.name: people.unique(RECIPIENT.key, keep="last", maintain_order=True)}


def _without(records: Mapping[str, pl.DataFrame], ids: Mapping[str, pl.Series]) -> dict[str, pl.DataFrame]:
    """The records, with their parts, without those of these ids per root type."""
    return {name: _other_than(frame, name, ids.get(ROOT_OF[name], _NO_IDS)) for name, frame in records.items()}


def _other_than(frame: pl.DataFrame, name: str, ids: pl.Series) -> pl.DataFrame:
    return frame if ids.is_empty() else frame.filter(~pl.col(_id_column(ROOT_OF[name])).is_in(ids.implode()))


def _id_column(root: str) -> str:
    return ALL_TYPES[root].key


def _not_compared(kind: RecordType, extract: Extract, records: Records) -> pl.Series:
    """Records that are held, and those that are not written since a held one stands in them."""
    present = frame_of(extract.records, kind)[kind.key]
    unwritten = present.filter(~present.is_in(frame_of(records, kind)[kind.key].implode()))
    return pl.concat([extract.held.get(kind.name, _NO_IDS), unwritten]).unique()


def _with_kinds_of_number(records: Mapping[str, pl.DataFrame]) -> Records:
    """A number whose kind the message does not tell is `other`, as the registry has it."""
    people = records.get(RECIPIENT.name, RECIPIENT.empty())
    kind = pl.when(pl.col("person_number").is_not_null()).then(pl.col("person_number_kind").fill_null("other"))
    return {**records, RECIPIENT.name: people.with_columns(kind.alias("person_number_kind"))}
