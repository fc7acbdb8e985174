"""The national end at addresses that stay, which can go down, come up and begin anew."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from ktt.domain.unit import ReportingUnit
from ktt.testing.sandbox import Sandbox
from ktt.testing.sandbox.settings import SandboxSettings
from support.sender_epj import UNIT


class Centre:
    """HelseID, receiver and registry at addresses that stay: they are up, down, or begin anew with nothing."""

    def __init__(self, folder: Path, unit: ReportingUnit = UNIT) -> None:
        self.folder, self.unit, self.ports, self._up = folder, unit, (0, 0), ExitStack()
        self.up()

    def up(self) -> None:
        helseid, mottak = self.ports
        settings = SandboxSettings(folder=self.folder, helseid_port=helseid, mottak_port=mottak)
        self.sandbox = self._up.enter_context(Sandbox(settings, units=(self.unit,)))
        urls = (self.sandbox.helseid_url, self.sandbox.mottak_url)
        self.ports = tuple(int(url.rpartition(":")[2]) for url in urls)

    def down(self) -> None:
        self._up.close()

    def empty(self) -> None:
        """What was received and ingested is gone; keys and accesses are as before."""
        self.down()
        for path in self.folder.glob("re*.sqlite*"):
            path.unlink()
        self.up()

    def content(self) -> dict[str, str]:
        assert self.sandbox.wait_for_ingest()
        assert not self.sandbox.registry.held()
        return self.sandbox.registry.content_hashes(self.unit, who="test", why="proof")

    def received(self) -> list[bytes]:
        return [each.payload for each in self.sandbox.inbox.after(0, 1000)]
