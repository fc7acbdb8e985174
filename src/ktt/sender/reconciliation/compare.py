"""Ask what the registry holds, and compare it with an extract: by one hash for each record type first, then by record."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from ktt.core.text import Text
from ktt.domain.fingerprint import fingerprint
from ktt.domain.records import frame_of
from ktt.domain.schema import RecordType
from ktt.sender.client.lookups import NotKnown
from ktt.sender.delta.compare import compare
from ktt.sender.outbox.receipt_chain import verify_receipts
from ktt.sender.reconciliation.differences import compare_listing, type_comparisons
from ktt.sender.reconciliation.errors import (
    InventoryMoved,
    InventoryNotAnswered,
    InventoryNotOffered,
    RegistryBehind,
    RegistryHolds,
)
from ktt.sender.reconciliation.inventory import RemoteInventory
from ktt.sender.reconciliation.sent_records import SentRecords, sent_kinds, sent_records
from ktt.sender.registry_comparison import RegistryComparison, TypeComparison, concluded
from ktt.sender.report import MAX_IDS
from ktt.sender.sender import Sender
from ktt.sender.validation import ValidatedExtract

DAILY_WAIT, RECONCILE_WAIT = 15.0, 120.0
"""Seconds that a run, and `ktt reconcile`, wait for the registry to ingest what was just sent."""


@dataclass(frozen=True, slots=True)
class FullComparison:
    """The comparison record by record: `compared` is the frame of `compare_listing`."""

    sent: SentRecords = field(repr=False)
    compared: pl.DataFrame = field(repr=False)
    result: RegistryComparison


def compare_after_run(sender: Sender, validated: ValidatedExtract) -> RegistryComparison:
    """The comparison at the end of a run. Whatever prevents it is told, not raised: what was sent has its receipts."""
    inventory = _inventory(sender)
    try:
        asked = inventory.progress()
        sent = sent_records(sender, validated)  # while the registry ingests
        progress = inventory.settled(DAILY_WAIT, asked)
        if progress.pending:
            return RegistryComparison("held" if progress.held else "not_ingested", pending=progress.pending)
        digests = inventory.digests()
        if sent.digests(digests.salt) == digests.hashes:
            return RegistryComparison("equal", types=type_comparisons(sent, _NO_DIFFERENCES))
        return _record_by_record(inventory, sent).result
    except InventoryNotOffered:
        return RegistryComparison("not_offered")
    except (InventoryNotAnswered, InventoryMoved) as fault:
        reason = fault.facts.get("reason", fault.code)
        return RegistryComparison("not_answered", reason=reason.en if isinstance(reason, Text) else str(reason))


def compare_fully(sender: Sender, validated: ValidatedExtract) -> FullComparison:
    """The comparison record by record; a fault says why there is none."""
    inventory = _inventory(sender)
    progress = inventory.settled(RECONCILE_WAIT)
    if progress.pending:
        raise (RegistryHolds if progress.held else RegistryBehind)(unit=sender.unit.key, pending=progress.pending)
    return _record_by_record(inventory, sent_records(sender, validated))


def compare_receipts(sender: Sender, validated: ValidatedExtract) -> RegistryComparison:
    """The comparison with what this store has receipts for, where the receiver does not tell its inventory.

    Their chain is verified, and where receipts can be looked up, the last one must be there. ReceiptsAltered.
    """
    receipts = sender.outbox.receipts(sender.unit)
    verify_receipts(sender.unit, receipts)
    if receipts and (reason := _not_confirmed(sender, receipts[-1].correlation_id)):
        return RegistryComparison("not_answered", "receipts", reason=reason)
    types = {kind.name: _of_snapshot(sender, validated, kind) for kind in sent_kinds(sender)}
    return concluded("receipts", types)


_NO_DIFFERENCES = pl.DataFrame(schema={"record_type": pl.String, "local_id": pl.String, "state": pl.String})


def _inventory(sender: Sender) -> RemoteInventory:
    return RemoteInventory(sender.look_up, sender.unit, sender.options.sleep)


def _record_by_record(inventory: RemoteInventory, sent: SentRecords) -> FullComparison:
    compared = compare_listing(sent, inventory.listing())
    types = type_comparisons(sent, compared)
    return FullComparison(sent, compared, concluded("inventory", types))


def _not_confirmed(sender: Sender, correlation: str) -> str:
    """Why the receiver does not confirm a receipt; empty when it does, or has no such address."""
    answer = sender.look_up(f"/receipts/{correlation}")
    return f"{correlation}: unknown" if isinstance(answer, NotKnown) else ""


def _of_snapshot(sender: Sender, validated: ValidatedExtract, kind: RecordType) -> TypeComparison:
    extract = validated.extract
    present = fingerprint(extract.records, kind, sender.fingerprint_key)
    accepted, held = sender.outbox.snapshot(sender.unit, kind.name), extract.held.get(kind.name)
    found = compare(present, accepted, held, absence_proved=extract.proves_absence(kind.name))
    ids = {"missing": found.new["local_id"], "surplus": found.gone, "different": found.changed["local_id"]}
    return TypeComparison(
        sent=frame_of(extract.records, kind).height,
        held=0 if held is None else len(held) - len(extract.kept.get(kind.name, ())),
        first={name: some.sort().head(MAX_IDS).to_list() for name, some in ids.items() if len(some)},
        **{name: len(some) for name, some in ids.items()},
    )
