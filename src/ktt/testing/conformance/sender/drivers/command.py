"""A command line with placeholders, run to its end within a time limit; the end of its output is kept."""

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
from ktt.core.os_faults import os_reason
from ktt.testing.conformance.errors import CommandUnusable
from ktt.testing.conformance.sender.drivers.driver import SenderRun

_MOST_OUTPUT = 2000  # characters of a command's output that are kept, from the end


@dataclass(frozen=True, slots=True)
class Command:
    """Words with `{placeholders}`; a literal brace is doubled. `timeout` is in seconds."""

    words: tuple[str, ...]
    option: str  # the option that it was given with
    timeout: float

    @property
    def placeholders(self) -> frozenset[str]:
        """The names in it."""
        return frozenset(name for word in self.words for _, name, _, _ in Formatter().parse(word) if name is not None)

    def run(self, values: Mapping[str, object], after: int) -> SenderRun:
        """Run it; CommandUnusable when it cannot be started. At the time limit it is killed with its children."""
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
            written.seek(max(0, written.tell() - 4 * _MOST_OUTPUT))
            output = written.read().decode("utf-8", "replace")[-_MOST_OUTPUT:]
        seconds = time.perf_counter() - began
        return SenderRun(after, code, timed_out=code is None, seconds=seconds, output=masked(output))

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
            raise CommandUnusable(option=self.option, reason=os_reason(fault)) from fault


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill whatever still runs: on POSIX the process group, elsewhere the process."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()


def read_command(text: str, option: str, timeout: float, known: frozenset[str]) -> Command:
    """The command in a text, split as a shell would; CommandUnusable when it cannot be, or has an unknown placeholder."""
    try:
        words = tuple(shlex.split(text, posix=os.name == "posix"))
        command = Command(words, option, timeout)
        unknown = sorted(command.placeholders - known)
    except ValueError as fault:
        raise CommandUnusable(option=option, reason=str(fault)) from fault
    if not words:
        raise CommandUnusable(option=option, reason="empty")
    if unknown:
        named = ", ".join(f"{{{name}}}" for name in unknown)
        raise CommandUnusable(option=option, reason=f"{named} ≠ {', '.join(f'{{{name}}}' for name in sorted(known))}")
    return command
