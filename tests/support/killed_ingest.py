"""An ingest in a process of its own that is killed at a step."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
from collections.abc import Callable
from pathlib import Path

from ktt.registry import Registry, store
from ktt.registry.identity import identities
from ktt.registry.ingest import ingest, page_reader
from support.registry_inbox import START, ListInbox
from support.settable_clock import SettableClock

STEPS = {
    "reading who waits": (page_reader, "waiting_units"),
    "reading messages": (page_reader, "parse_page"),
    "making frames": (page_reader, "ParsedMessages"),
    "moving the position": (ingest, "_step"),
    "sealing numbers": (identities.Identities, "keep"),
    "staging keys": (store, "stage"),
    "finding what is stored": (store, "_stored"),
    "moving to history": (store, "_move_to_history"),
    "writing rows": (store, "insert"),
    "writing a type": (ingest, "write_versions"),
    "writing the journal": (ingest, "write_journal"),
    "setting aside": (ingest, "set_aside"),
    "noting who waits, the last before the commit": (ingest, "note_waiting"),
    "reporting, the first after the commit": (ingest, "_add"),
}
_PAGE = 3  # messages
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["ktt.registry", "support.killed_ingest"])


def _kill_at(step: str, nth: int, *, before: bool) -> None:
    """From now on the nth call of a step kills this process, at its beginning or at its end."""
    place, name = STEPS[step]
    real: Callable[..., object] = getattr(place, name)
    calls: list[None] = []

    def killing(*given: object, **named: object) -> object:
        calls.append(None)
        if before and len(calls) == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        found = real(*given, **named)
        if len(calls) == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    setattr(place, name, killing)


def killed_at(url: str, folder: Path, step: str, nth: int, *, before: bool) -> int | None:
    """How a process ended that ingests the messages pickled in a folder, and is killed at the nth call of a step."""
    process = _FORKS.Process(target=_ingest, args=(url, folder, step, nth, before))
    process.start()
    process.join(60)
    return process.exitcode


def _ingest(url: str, folder: Path, step: str, nth: int, before: bool) -> None:
    _kill_at(step, nth, before=before)
    page_reader._PAGE_MOST = _PAGE
    registry = Registry.open(url, folder / "key", folder / "identity.key", clock=SettableClock(START))
    registry.ingest(ListInbox(*pickle.loads((folder / "messages").read_bytes())))
    registry.close()
