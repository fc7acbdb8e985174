"""`ktt registry reprocess --write` in a process of its own that is killed at a step."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path

from ktt.receiver.findings import rewritten_findings
from ktt.registry.reprocessing import read_anew

STEPS = {
    "noting verdicts": (rewritten_findings, "_note_verdicts"),
    "writing versions": (read_anew, "write_versions"),
    "a unit": (read_anew.ReadAnew, "write"),
}
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["ktt.cli.app", "support.killed_reprocessing"])


def killed_at(config: Path, step: str) -> None:
    """Run it, and kill it at the end of the step."""
    process = _FORKS.Process(target=_run, args=(config, step))
    process.start()
    process.join(120)
    assert process.exitcode == -signal.SIGKILL, f"{step}: {process.exitcode}"


def _run(config: Path, step: str) -> None:
    from ktt.cli.app import run

    place, name = STEPS[step]
    real: Callable[..., object] = getattr(place, name)

    def killing(*given: object, **named: object) -> object:
        real(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)
        return None

    setattr(place, name, killing)
    os._exit(run(["registry", "reprocess", "--config", str(config), "--write", "--reason", "x", "--json"]))
