"""One verification: every check on every version, in one picture of the database; and the messages read anew, if wanted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ktt.core.clock import Clock
from ktt.messages.contract import Inbox
from ktt.registry.ingest.page_parser import FindVersion
from ktt.registry.kept_messages import empty_registry
from ktt.registry.registry import Registry
from ktt.registry.tables import LAYOUTS
from ktt.registry.verification.audit_chain import judge_audit
from ktt.registry.verification.inconsistency import Verification
from ktt.registry.verification.journal import judge_journal
from ktt.registry.verification.keyed import judge_fingerprints, judge_identities
from ktt.registry.verification.months import judge_months
from ktt.registry.verification.recomputed import judge_recomputed
from ktt.registry.verification.versions import judge_versions
from ktt.storage.database import Database
from ktt.storage.vault import Vault

Step = Callable[[int], object]


class Verifier:
    """Verifies the registry in `database`, whose keys are in the vaults. Nothing is written to it."""

    def __init__(
        self, database: Database, vault: Vault, identity_vault: Vault, clock: Clock, find: FindVersion
    ) -> None:
        self._database, self._vaults, self._clock, self._find = database, (vault, identity_vault), clock, find
        self._registry = Registry(database, vault, identity_vault, clock, find)
        self._secret = vault.derive("registry-fingerprint").hex()

    def run(
        self, inbox: Inbox | None = None, scratch: Path | None = None, step: Step = lambda _done: None
    ) -> Verification:
        """What was found. With an `inbox` its messages are ingested anew, in a new folder inside the private `scratch`."""
        found = Verification()
        with self._database.reading() as connection:
            for n, layout in enumerate(LAYOUTS.values()):
                judge_versions(connection, layout, found)
                judge_fingerprints(connection, layout, self._secret, found)
                step(n + 1)
            judge_identities(connection, self._registry.identities, found)
            judge_journal(connection, found)
            judge_months(connection, found)
            judge_audit(connection, self._registry.identities.audit, found)
            step(len(LAYOUTS) + 1)
            if inbox is not None:
                with empty_registry(scratch, self._vaults, self._clock, self._find) as anew:
                    judge_recomputed(connection, anew, inbox, found)
        return found
