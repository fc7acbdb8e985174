"""Starts sandboxes that kill themselves. Run as a program: one line in is one sandbox, one line out is how it ended.

A line is JSON: folder, helseid_port, mottak_port, step, pass. The sandbox sends itself SIGKILL when it reaches the step
for the given time. The modules are imported once and each sandbox is a fork, since eighteen starts from nothing take a
minute.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path

from ktt.testing.sandbox import Sandbox
from ktt.testing.sandbox.settings import SandboxSettings


class KillAtStep:
    """Kills this process when a step is reached for the given time."""

    def __init__(self, step: str, passes: int) -> None:
        self._step, self._left = step, passes

    def __call__(self, step: str) -> None:
        if step == self._step:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def tell(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def serve(order: dict) -> None:
    settings = SandboxSettings(
        folder=Path(order["folder"]), helseid_port=order["helseid_port"], mottak_port=order["mottak_port"]
    )
    reached = KillAtStep(order["step"], order["pass"])
    with Sandbox(settings, ingest=lambda _inbox: None, reached=reached) as sandbox:
        sandbox.write_sender(settings.folder / "sender")
        tell("up")
        threading.Event().wait()


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            serve(json.loads(line))
        _, status = os.waitpid(child, 0)
        tell(f"ended {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    main()
