"""Whether a vault is the one whose keys are in use in this registry.

With another key every person would look new and every record changed, and nothing would say so. What is compared is made of
the key and does not give it away. It is written down at the first ingest, and changed by a rotation alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.registry.errors import VaultNotInUse
from ktt.registry.tables import VAULT_CHECK
from ktt.storage.vault import Vault

REGISTRY, IDENTITY = "registry", "identity"
"""The names of the two vaults."""


def check_value(vault: Vault) -> str:
    """What is written down of a vault."""
    return vault.derive("registry-vault-check").hex()


def require(connection: Connection, vaults: Mapping[str, Vault]) -> None:
    """Refuse a vault that is not the one in use; one that is not written down passes. VaultNotInUse."""
    stored = dict(map(tuple, connection.execute(sa.select(VAULT_CHECK))))
    for name, vault in vaults.items():
        if stored.get(name, check_value(vault)) != check_value(vault):
            raise VaultNotInUse(vault=name)


def write_down(connection: Connection, vaults: Mapping[str, Vault]) -> None:
    """From now on these are in use."""
    connection.execute(sa.delete(VAULT_CHECK).where(VAULT_CHECK.c.vault.in_(vaults)))
    rows = [{"vault": name, "value": check_value(vault)} for name, vault in vaults.items()]
    connection.execute(sa.insert(VAULT_CHECK), rows)


def write_down_missing(connection: Connection, vaults: Mapping[str, Vault]) -> None:
    """The same for those that are not written down, and `require` of the others."""
    require(connection, vaults)
    stored = set(connection.scalars(sa.select(VAULT_CHECK.c.vault)))
    missing = {name: vault for name, vault in vaults.items() if name not in stored}
    if missing:
        write_down(connection, missing)
