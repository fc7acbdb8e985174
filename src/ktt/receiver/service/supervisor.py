"""One parent, several processes on one socket: starts them, starts again whichever dies, and stops them politely.

Each child has a link, a socket pair. Over it the child says that it is ready and, every few seconds, that it is alive;
when the parent dies the link closes, and the child finishes what it has and leaves. Nothing is ever left behind that
holds the port, whoever is killed. The parent touches no message, so there is little in it that can fail.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from ktt.core.os_faults import os_reason
from ktt.receiver.service.errors import WorkerDidNotStart

_log = logging.getLogger(__name__)

MEMORY: Mapping[str, str] = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
    "MALLOC_TRIM_THRESHOLD_": str(64 * 2**20),
}
"""How the C library (glibc) of a child keeps memory: megabytes come and go with each large message, and asking the kernel
for fresh pages each time took a tenth of the work. What is kept ready is bounded; other C libraries do not look."""

Command = Callable[[int], Sequence[str]]
"""The command line of a child, given the number of its end of the link."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient the parent is, in seconds."""

    first_delay: float = 0.1  # before the first new start; doubled each time a process dies young
    longest_delay: float = 30.0
    settled: float = 60.0  # one that has lived so long has earned a quick new start
    silence: float = 60.0  # a process that says nothing for so long hangs, and is killed
    start: float = 600.0  # until its first word: on a busy machine it reads and compiles for minutes
    stop: float = 35.0  # from the polite word to the last one; more than a child gives what is under way


@dataclass(slots=True)
class _Child:
    """A place that is to be filled by a running process."""

    name: str
    command: Command
    inherits: Sequence[int]
    process: subprocess.Popen[bytes] | None = None
    ready: bool = False

    def start(self, link: socket.socket) -> subprocess.Popen[bytes]:
        """Start the process with its end of the link; OSError."""
        handed, surroundings = [link.fileno(), *self.inherits], {**MEMORY, **os.environ}
        self.process = subprocess.Popen([*self.command(link.fileno())], pass_fds=handed, env=surroundings)  # noqa: S603 - ours
        self.ready = False
        _log.info("started %s, process %d", self.name, self.process.pid)
        return self.process


class Supervisor:
    """Runs the children until told to stop. `inherited` are descriptors that a child gets beside its link, by name.

    `on_ready` is called once, when every child is; `on_stop` before the children are told to leave,
    `on_end` with the process id of each that has ended.
    """

    def __init__(
        self,
        commands: dict[str, Command],
        *,
        inherited: Mapping[str, Sequence[int]] | None = None,
        pace: Pace | None = None,
        on_ready: Callable[[], None] = lambda: None,
        on_stop: Callable[[], None] = lambda: None,
        on_end: Callable[[int], None] = lambda _pid: None,
    ) -> None:
        handed = inherited or {}
        self._children = [_Child(name, command, handed.get(name, ())) for name, command in commands.items()]
        self._pace = pace or Pace()
        self._on_ready, self._on_stop, self._on_end = on_ready, on_stop, on_end
        self._stopping = asyncio.Event()
        self._announced = False
        self._failed: WorkerDidNotStart | None = None

    def run(self) -> None:
        """Until SIGTERM or SIGINT; a second one ends the patience. WorkerDidNotStart when the first start fails."""
        asyncio.run(self._run())
        if self._failed is not None:
            raise self._failed

    async def _run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._asked)
        await asyncio.gather(*map(self._keep, self._children))

    def _asked(self) -> None:
        if self._stopping.is_set():
            self._kill_all()
        else:
            self._stop()

    def _stop(self) -> None:
        self._stopping.set()
        self._on_stop()
        for child in self._children:
            if child.process is not None:
                child.process.send_signal(signal.SIGTERM)
        asyncio.get_running_loop().call_later(self._pace.stop, self._kill_all)

    def _kill_all(self) -> None:
        for child in self._children:
            if child.process is not None:
                _log.warning("%s did not end in time, process %d is killed", child.name, child.process.pid)
                child.process.kill()

    async def _keep(self, child: _Child) -> None:
        """Keep the child running until we stop."""
        deaths = 0  # young ones in a row
        while not self._stopping.is_set():
            began = time.monotonic()
            what = await self._live(child)
            if self._stopping.is_set():
                return
            deaths = 0 if time.monotonic() - began >= self._pace.settled else deaths + 1
            delay = min(self._pace.first_delay * 2 ** max(deaths - 1, 0), self._pace.longest_delay)
            _log.error("DEAD: %s, %s; starting it again in %.1f s", child.name, what, delay)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), delay)

    async def _live(self, child: _Child) -> str:
        """The life of one process, from its start to its end; how it ended."""
        began = time.monotonic()
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                try:
                    process = child.start(theirs)
                except OSError as fault:  # no memory, no descriptors: there may be some in a while
                    return f"not started ({os_reason(fault).en})"
            ours.setblocking(False)  # noqa: FBT003 - the standard library takes it so
            await self._listen(child, process, ours)
        code = await asyncio.to_thread(_exit_code, process)
        child.process = None
        self._on_end(process.pid)
        if self._stopping.is_set():
            _log.info("%s has ended (%s), process %d", child.name, _ending(code), process.pid)
        elif not self._announced and not child.ready and code >= 0:
            # It said itself that it cannot begin, and would say so again; one that was killed may do better.
            self._failed = WorkerDidNotStart(name=child.name, ending=_ending(code))
            self._stop()
        return f"process {process.pid} {_ending(code)} after {time.monotonic() - began:.1f} s"

    async def _listen(self, child: _Child, process: subprocess.Popen[bytes], link: socket.socket) -> None:
        """Until the link is closed, which is the end of the process; one that is silent for too long is killed."""
        while await self._heard(child, process, link):
            child.ready = True
            if not self._announced and all(one.ready for one in self._children):
                self._announced = True
                self._on_ready()

    async def _heard(self, child: _Child, process: subprocess.Popen[bytes], link: socket.socket) -> bytes:
        patience = self._pace.silence if child.ready else self._pace.start
        try:
            return await asyncio.wait_for(asyncio.get_running_loop().sock_recv(link, 4096), patience)
        except TimeoutError:
            _log.error("HANGS: %s has said nothing for %.0f s and is killed", child.name, patience)
            process.kill()
        except OSError:
            pass  # a link that is reset is closed
        return b""


def _exit_code(process: subprocess.Popen[bytes]) -> int:
    """The exit code of a process whose link is closed; one that goes on without it is killed."""
    try:
        return process.wait(1)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _ending(code: int) -> str:
    names = {number.value: number.name for number in signal.Signals}
    return f"ended with {code}" if code >= 0 else f"was ended by {names.get(-code, -code)}"
