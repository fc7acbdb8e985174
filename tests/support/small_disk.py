"""A disk that can really be full: a small file system in memory, where the machine lets us mount one."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class Disk:
    """A small file system and a ballast that fills it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._ballast = folder, folder / "ballast"

    def fill(self) -> None:
        """Use up every byte that is left."""
        descriptor = os.open(self._ballast, os.O_WRONLY | os.O_CREAT, 0o600)
        for piece in (1 << 20, 1 << 12):
            try:
                while True:
                    os.write(descriptor, b"\0" * piece)
            except OSError:
                continue
        os.close(descriptor)

    def make_room(self) -> None:
        self._ballast.unlink()


@contextmanager
def small_disk(megabytes: int) -> Iterator[Disk]:
    """Mounted while the block runs, where any user can reach it; the test is skipped where mounting is not permitted."""
    with tempfile.TemporaryDirectory(prefix="ktt-disk-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", name]
        try:
            subprocess.run(mount, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("mounting is not permitted here")
        try:
            yield Disk(folder)
        finally:
            subprocess.run(["umount", "-l", name], check=True)
