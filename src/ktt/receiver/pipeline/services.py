"""What the checks of all submissions in one process share."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field

from ktt.core.clock import Clock
from ktt.messages.version import MessageVersion
from ktt.receiver.access.access_list import AccessList
from ktt.receiver.access.access_tokens import AccessTokens
from ktt.receiver.access.client_limits import ClientLimits
from ktt.receiver.access.nonces import Nonces
from ktt.receiver.keys.key_store import KeyStore
from ktt.receiver.pipeline.metrics import Metrics
from ktt.receiver.settings import ReceiverSettings
from ktt.receiver.store.submissions.store import SubmissionStore
from ktt.storage.vault import Vault


@dataclass(frozen=True, slots=True)
class Services:
    """The dependencies of the checks. `find` gives a deployed message version or None.

    `threads` run steps that would hold up the event loop, `full_checks` the full
    checks of larger messages, one at a time since each takes ten times the memory of its message; `reached` is told the name of each step before it runs.
    """

    settings: ReceiverSettings
    clock: Clock
    tokens: AccessTokens
    keys: KeyStore
    access: AccessList
    store: SubmissionStore
    threads: Executor
    vault: Vault = field(repr=False)
    nonces: Nonces
    limits: ClientLimits
    find: Callable[[str, str], MessageVersion | None]
    reached: Callable[[str], None] = lambda _step: None
    metrics: Metrics = field(default_factory=Metrics)
    full_checks: Executor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="ktt-schema"))
