"""One parent, several processes on one socket: starts them, starts again whichever dies, and stops them politely.

Each child has a link, a socket pair. Over it the child says that it is ready and, every few seconds, that it is alive;
when the parent dies the link closes, and the child finishes what it has and leaves. Nothing is ever left behind that
holds the port, whoever is killed. The parent touches no message, so there is little in it that can fail.
"""

from __future__ import annotations

import logging
import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

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
    stop: float = 35.0  # from the polite word to the last one; more than a child gives what is under way


@dataclass(slots=True)
class _Child:
    """A place that is to be filled by a running process."""

    name: str
    command: Command
    inherits: Sequence[int]
    process: subprocess.Popen[bytes] | None = None
    link: socket.socket | None = None
    started: float = 0.0
    heard: float = 0.0
    ready: bool = False
    deaths: int = 0  # young ones in a row
    due: float = 0.0  # when to start it again


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
        self._selector = selectors.DefaultSelector()
        self._asked = 0  # how often we were told to stop
        self._deadline: float | None = None
        self._announced = False
        self._failed: WorkerDidNotStart | None = None

    def run(self) -> None:
        """Until SIGTERM or SIGINT; a second one ends the patience. WorkerDidNotStart when the first start fails."""
        with _wakened_by_signals(self._ask) as wakened:
            self._selector.register(wakened, selectors.EVENT_READ)
            for child in self._children:
                self._start(child)
            while self._deadline is None or any(child.process for child in self._children):
                for key, _events in self._selector.select(self._patience()):
                    self._hear(key)
                self._act()
        self._selector.close()
        if self._failed is not None:
            raise self._failed

    def _ask(self) -> None:
        self._asked += 1

    def _start(self, child: _Child) -> None:
        try:
            child.process, child.link = self._spawn(child)
        except OSError as fault:  # no memory, no descriptors: there may be some in a while
            self._reschedule(child, f"not started ({fault.strerror})", 0.0)
            return
        child.link.setblocking(False)  # noqa: FBT003 - the standard library takes it so
        child.ready = False
        child.started = child.heard = time.monotonic()
        self._selector.register(child.link, selectors.EVENT_READ, child)
        _log.info("started %s, process %d", child.name, child.process.pid)

    def _spawn(self, child: _Child) -> tuple[subprocess.Popen[bytes], socket.socket]:
        ours, theirs = socket.socketpair()
        with theirs:
            command = [*child.command(theirs.fileno())]
            try:
                handed, surroundings = [theirs.fileno(), *child.inherits], {**MEMORY, **os.environ}
                process = subprocess.Popen(command, pass_fds=handed, env=surroundings)  # noqa: S603 - ours
            except OSError:
                ours.close()
                raise
        return process, ours

    def _hear(self, key: selectors.SelectorKey) -> None:
        child = key.data
        if child is None:
            _drain(key.fileobj)  # type: ignore[arg-type]  # a socket was registered
            return
        try:
            said = child.link.recv(4096)
        except OSError:
            said = b""
        if said:
            child.heard, child.ready = time.monotonic(), True
        else:
            self._bury(child)

    def _bury(self, child: _Child) -> None:
        """The link is closed: the process has ended, or lost its wits and is helped to."""
        assert child.process is not None
        assert child.link is not None
        self._selector.unregister(child.link)
        child.link.close()
        try:
            code = child.process.wait(1)
        except subprocess.TimeoutExpired:
            child.process.kill()
            code = child.process.wait()
        ending = _ending(code)
        lived = time.monotonic() - child.started
        pid, child.process, child.link = child.process.pid, None, None
        self._on_end(pid)
        if self._deadline is not None:
            _log.info("%s has ended (%s), process %d", child.name, ending, pid)
        elif not self._announced and not child.ready and code >= 0:
            # It said itself that it cannot begin, and would say so again; one that was killed may do better.
            self._failed = WorkerDidNotStart(name=child.name, ending=ending)
            self._stop()
        else:
            self._reschedule(child, f"process {pid} {ending} after {lived:.1f} s", lived)

    def _reschedule(self, child: _Child, what: str, lived: float) -> None:
        child.deaths = 0 if lived >= self._pace.settled else child.deaths + 1
        delay = min(self._pace.first_delay * 2 ** max(child.deaths - 1, 0), self._pace.longest_delay)
        child.due = time.monotonic() + delay
        _log.error("DEAD: %s, %s; starting it again in %.1f s", child.name, what, delay)

    def _act(self) -> None:
        now = time.monotonic()
        if self._asked and self._deadline is None:
            self._stop()
        if self._asked > 1 or (self._deadline is not None and now >= self._deadline):
            for child in self._running():
                _log.warning("%s did not end in time, process %d is killed", child.name, child.process.pid)  # type: ignore[union-attr]
                self._kill(child)
            return
        for child in self._children:
            if child.process is None and self._deadline is None and now >= child.due:
                self._start(child)
            elif child.process is not None and now - child.heard > self._pace.silence:
                _log.error("HANGS: %s has said nothing for %.0f s and is killed", child.name, now - child.heard)
                self._kill(child)
        if not self._announced and all(child.ready for child in self._children):
            self._announced = True
            self._on_ready()

    def _stop(self) -> None:
        self._deadline = time.monotonic() + self._pace.stop
        self._on_stop()
        for child in self._running():
            child.process.send_signal(signal.SIGTERM)  # type: ignore[union-attr]  # it is running

    def _kill(self, child: _Child) -> None:
        assert child.process is not None
        child.process.kill()
        child.heard = time.monotonic()

    def _running(self) -> list[_Child]:
        return [child for child in self._children if child.process is not None]

    def _patience(self) -> float:
        """How long nothing can be due."""
        times = [child.due if child.process is None else child.heard + self._pace.silence for child in self._children]
        if self._deadline is not None:
            times = [self._deadline]
        return min(max(min(times) - time.monotonic(), 0.01), 5.0)


def _ending(code: int) -> str:
    names = {number.value: number.name for number in signal.Signals}
    return f"ended with {code}" if code >= 0 else f"was ended by {names.get(-code, -code)}"


@contextmanager
def _wakened_by_signals(told: Callable[[], None]) -> Iterator[socket.socket]:
    """A socket that is readable after SIGTERM or SIGINT; `told` is called for each."""
    reader, writer = socket.socketpair()
    for end in (reader, writer):
        end.setblocking(False)  # noqa: FBT003
    wanted = (signal.SIGTERM, signal.SIGINT)
    handlers = [signal.signal(number, lambda _number, _frame: told()) for number in wanted]
    before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    try:
        yield reader
    finally:
        signal.set_wakeup_fd(before)
        for number, handler in zip(wanted, handlers, strict=True):
            signal.signal(number, handler)
        reader.close()
        writer.close()


def _drain(reader: socket.socket) -> None:
    reader.recv(4096)
