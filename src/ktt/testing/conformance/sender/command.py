"""One command line with placeholders, run to its end: bounded in time, its last words kept."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import IO

from ktt.core.log.masking import masked
from ktt.testing.conformance.errors import CommandUnusable
from ktt.testing.conformance.sender.driver import Ran

_MOST_SAID = 2000  # characters of what a command wrote that are kept, from the end


@dataclass(frozen=True, slots=True)
class Command:
    """Words with `{placeholders}`; a brace that stands for itself is doubled."""

    words: tuple[str, ...]
    option: str  # which option it was given with
    timeout: float  # seconds

    @property
    def placeholders(self) -> frozenset[str]:
        """The names in it."""
        return frozenset(name for word in self.words for _, name, _, _ in Formatter().parse(word) if name is not None)

    def run(self, values: Mapping[str, object], after: int) -> Ran:
        """Run it; CommandUnusable when it cannot be started. What is still running at the time limit is ended."""
        words = [word.format_map(values) for word in self.words]
        began = time.perf_counter()
        with tempfile.TemporaryFile() as written:
            process = self._start(words, written)
            try:
                code: int | None = process.wait(self.timeout)
            except subprocess.TimeoutExpired:
                code = None
            finally:
                _end(process)
            written.seek(max(0, written.tell() - 4 * _MOST_SAID))
            said = written.read().decode("utf-8", "replace")[-_MOST_SAID:]
        return Ran(after, code, timed_out=code is None, seconds=time.perf_counter() - began, said=masked(said))

    def _start(self, words: list[str], written: IO[bytes]) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(  # noqa: S603 - the command is the caller's own
                words,
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=subprocess.STDOUT,
                start_new_session=os.name == "posix",
            )
        except OSError as fault:
            raise CommandUnusable(option=self.option, reason=fault.strerror or type(fault).__name__) from fault


def _end(process: subprocess.Popen[bytes]) -> None:
    """Nothing of it is left running: its group on POSIX, else the process itself."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()


def read_command(text: str, option: str, timeout: float, known: frozenset[str]) -> Command:
    """The command in a text as a shell would split it; CommandUnusable for what is none, or an unknown placeholder."""
    try:
        words = tuple(shlex.split(text, posix=os.name == "posix"))
        command = Command(words, option, timeout)
        strange = sorted(command.placeholders - known)
    except ValueError as fault:
        raise CommandUnusable(option=option, reason=str(fault)) from fault
    if not words:
        raise CommandUnusable(option=option, reason="empty")
    if strange:
        named = ", ".join(f"{{{name}}}" for name in strange)
        raise CommandUnusable(option=option, reason=f"{named} ≠ {', '.join(f'{{{name}}}' for name in sorted(known))}")
    return command
