"""A ktt that is installed somewhere does what a newcomer asks of it: shows, judges, sends to its own sandbox, tests.

    python tools/installed.py /opt/ktt/bin/ktt                    # in a folder of its own, which is deleted
    unshare --net python tools/installed.py --loopback …          # where there is no network at all

Standard library only: any Python can run it. Nothing is imported from the checkout, and the program that is tried gets no
more than a path and a home.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_PATIENCE = 120.0  # seconds until the sandbox stands, on a machine with much else to do
_SANDBOX = ("sandbox", "up", "--folder", "sandbox", "--helseid-port", "0", "--mottak-port", "0", "--console-port", "0")
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1  # SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP


class Failed(Exception):
    """A command did not do what it must; with what it said."""


class Installed:
    """An installed ktt, in a folder where nothing else is."""

    def __init__(self, ktt: Path, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.ktt, self.folder = ktt.absolute(), folder
        self.environment = {"PATH": os.defpath, "HOME": str(folder), "KTT_LANG": "en", **(environment or {})}

    def says(self, *words: str) -> str:
        """What the command says on standard out; Failed when it does not end well."""
        ended = subprocess.run(
            [self.ktt, *words], check=False, cwd=self.folder, env=self.environment, capture_output=True, text=True
        )
        if ended.returncode:
            raise Failed(f"ktt {' '.join(words)}: {ended.returncode}\n{ended.stdout}{ended.stderr}")
        return ended.stdout

    @contextmanager
    def sandbox(self) -> Iterator[None]:
        """A sandbox of it in `sandbox`, with what a client needs in `client.json`, until the block ends."""
        client = self.folder / "client.json"
        command = [self.ktt, *_SANDBOX, "--config-out", client.name]
        running = subprocess.Popen(
            command, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        try:
            until = time.monotonic() + _PATIENCE
            while not self._stands() and running.poll() is None and time.monotonic() < until:
                time.sleep(0.1)
            if not self._stands():
                running.kill()
                raise Failed(f"ktt sandbox up: {running.communicate()[0]}")
            yield
        finally:
            running.send_signal(signal.SIGTERM)
            running.communicate(timeout=_PATIENCE)
        if running.returncode:
            raise Failed(f"ktt sandbox up: {running.returncode}")

    def _stands(self) -> bool:
        return (self.folder / "client.json").exists() and (self.folder / "sandbox" / "admin.json").exists()


def tour(installed: Installed) -> Iterator[str]:
    """One line for each thing that was tried; Failed when something does not hold."""
    yield installed.says("--version").strip()
    _prove(installed.says("messages", "examples", "KTT_Vedtak"), "N01-everyday")
    small = installed.folder / "small.json"
    small.write_text(installed.says("messages", "show", "KTT_Vedtak", "--example", "N01"), encoding="utf-8")
    _prove(installed.says("validate", small.name), "No findings")
    _prove(installed.says("rules", "show", "KTT-DATO-01"), "KTT-DATO-01")
    yield "shows messages and rules, and judges a message"
    with installed.sandbox():
        _prove(installed.says("sandbox", "send", "N01", "--folder", "sandbox"), "delivered")
        yield "sends to its own sandbox"
        _prove(installed.says("conformance", "receiver", "--config", "client.json", "--only", "N1"), "1")
        yield "tests the receiver by a case of the protocol"


def _prove(said: str, part: str) -> None:
    if part not in said:
        raise Failed(f"“{part}” is not in:\n{said}")


def bring_loopback_up() -> None:
    """A namespace without a network has not even 127.0.0.1 before it is brought up; this takes the right to do so."""
    import fcntl  # which Windows lacks

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        found = fcntl.ioctl(asking, _GET_FLAGS, struct.pack("16sh14x", b"lo", 0))
        (flags,) = struct.unpack_from("16xh", found)
        fcntl.ioctl(asking, _SET_FLAGS, struct.pack("16sh14x", b"lo", flags | _UP))


def main() -> int:
    """Try it, and say what was tried."""
    arguments = argparse.ArgumentParser(description="Try an installed ktt, away from the checkout.")
    arguments.add_argument("ktt", type=Path, help="the command that was installed")
    arguments.add_argument(
        "--loopback", action="store_true", help="bring 127.0.0.1 up first, in a namespace of its own"
    )
    chosen = arguments.parse_args()
    if chosen.loopback:
        bring_loopback_up()
    with tempfile.TemporaryDirectory() as folder:
        try:
            for line in tour(Installed(chosen.ktt, Path(folder))):
                print(f"✓ {line}", flush=True)
        except Failed as fault:
            print(f"✗ {fault}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
