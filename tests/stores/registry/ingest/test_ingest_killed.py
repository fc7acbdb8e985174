"""`kill -9` of an ingest at each of its steps, before and after it, in one page or another: the registry comes out the same.

Each process goes on where the one before it was killed, and reads the next page while it writes one.
"""

from __future__ import annotations

import pickle
import signal

import pytest

from support import effort
from support.killed_ingest import STEPS, killed_at
from support.registry_content import content, empty
from support.registry_inbox import ListInbox
from support.synthetic_messages import synthetic_messages


@pytest.mark.parametrize("seed", range(effort.INGEST_ROUNDS))
def test_killed_at_every_step_twice(registry, registry_url, tmp_path, seed):
    messages = synthetic_messages(seed, 150)
    (tmp_path / "messages").write_bytes(pickle.dumps(messages))
    registry.ingest(ListInbox(*messages))
    unharmed = content(registry)
    empty(registry)
    for at, step in enumerate(STEPS):
        for before in (True, False):
            ended = killed_at(registry_url, tmp_path, step, 1 + (at + seed) % 2, before=before)
            assert ended == -signal.SIGKILL, f"{step}: {ended}"
    assert content(registry) != unharmed, "there is something left to do after all the killing"
    registry.ingest(ListInbox(*messages))
    assert content(registry) == unharmed
