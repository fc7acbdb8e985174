"""Make a unit's binding from the sender's settings and the store that they name."""

from __future__ import annotations

from ktt.core.clock import Clock
from ktt.sender.binding.binding import StoreBinding
from ktt.sender.binding.facts import Facts
from ktt.sender.binding.machine import machine_of
from ktt.sender.binding.sql.store import SqlBindings
from ktt.sender.binding.witness import WitnessFile
from ktt.sender.client.address import base_url
from ktt.sender.client.lookups import Receiver
from ktt.sender.settings import SenderSettings
from ktt.sender.unit_changes.sql import SqlUnitChanges
from ktt.storage.database import Database
from ktt.storage.vault import Vault


def open_binding(
    settings: SenderSettings, database: Database, vault: Vault, receiver: Receiver, clock: Clock
) -> StoreBinding:
    """The binding of the settings' unit in this store; AddressUnfit when an address in the settings may not be used."""
    unit, helseid = settings.unit.reporting_unit, settings.helseid
    facts = Facts(
        environment=settings.environment,
        authority=base_url(helseid.authority, "helseid.authority"),
        client_id=helseid.client_id,
        address=base_url(settings.mottak.base_url, "mottak.base_url"),
        unit=unit.key,
        machine=machine_of(vault.derive("machine")),
    )
    return StoreBinding(
        unit,
        store=SqlBindings(database),
        facts=facts,
        witness=WitnessFile.beside(settings.store.url, settings.store.key_file, unit),
        receiver=receiver,
        clock=clock,
        named_by_a_change=any(unit in change.successors for change in SqlUnitChanges(database).changes()),
    )
