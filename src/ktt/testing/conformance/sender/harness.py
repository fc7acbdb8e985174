"""Where sender cases are played: a sandbox of the suite's own, its knobs and its recorder, and the sender before it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ktt.core.settings import SandboxSettings
from ktt.messages.contract import Inbox
from ktt.testing.conformance.sender.case import Scene
from ktt.testing.conformance.sender.driver import Driver, Place, Ran
from ktt.testing.conformance.sender.interceptor import BASE_PATH, StageDoor
from ktt.testing.conformance.sender.recorded import Post, Seen
from ktt.testing.conformance.sender.request import Kind, Wish
from ktt.testing.sandbox import configuration_files
from ktt.testing.sandbox.faults.control import Desk
from ktt.testing.sandbox.faults.faults import read_fault
from ktt.testing.sandbox.faults.recorder import Recorded
from ktt.testing.sandbox.sandbox import OWN_AGENT, Sandbox

_TOKEN_SECONDS = 60
_ADDRESSES = (f"http://127.0.0.1:{{port}}{BASE_PATH}", "http://localhost:{port}")
_LAST_ANSWER = 5.0  # seconds that a request may still be under way when the sender has ended


@dataclass(frozen=True, slots=True)
class Files:
    """Where the sender's set-up is written, anew for each scene. None: not at all, or in the suite's own folder."""

    config: Path | None = None
    sender: Path | None = None
    fhi_client: Path | None = None


@dataclass
class Stage:
    """One suite's sandbox, with a sender before it."""

    sandbox: Sandbox
    door: StageDoor
    driver: Driver
    folder: Path
    files: Files
    runs: list[Ran] = field(default_factory=list)
    _scene: Scene | None = None
    _began: int = 0
    _count: int = 0
    _wished: int = 0  # messages, at least

    @property
    def desk(self) -> Desk:
        """The sandbox's knobs."""
        return self.sandbox.desk

    def begin(self, scene: Scene) -> None:
        """A new scene: all goes well, and nothing is remembered."""
        self._scene, self.runs, self._wished = scene, [], 0
        self.desk.reset()
        self.calm()
        self._began = self.desk.recorder.last
        self.driver.begin(self._place(scene))

    def calm(self) -> None:
        """Let all go right again; what was seen stays."""
        self.desk.knobs.clear()
        self.desk.set_clock(0)
        self.desk.helseid.token_seconds = _TOKEN_SECONDS
        self.door.clear()

    def fulfil(self, wish: Wish) -> None:
        """Ask the sender to have something to send."""
        self.driver.fulfil(wish)
        self._wished += wish.count if wish.kind is not Kind.MEND else 0

    def run(self) -> None:
        """Let the sender send, and wait until everything it asked is answered."""
        self.runs += self.driver.run()
        deadline = time.monotonic() + _LAST_ANSWER
        while any(note.ended is None for note in self._notes()) and time.monotonic() < deadline:
            time.sleep(0.01)

    def run_on(self) -> None:
        """Let the sender send again, unless all that was wished for has got its receipt."""
        told = {post.identity for post in self.seen().posts if post.told}
        if len(told) < self._wished:
            self.run()

    def fail(self, what: str, count: int, seconds: float) -> None:
        """Let a fault wait."""
        fault = read_fault(what, seconds)
        assert fault is not None, what
        self.desk.knobs.add(fault, count)

    def seen(self) -> Seen:
        """What came in this scene."""
        return self._seen(tuple(self._notes()))

    def _seen(self, notes: tuple[Recorded, ...]) -> Seen:
        config = self._config()
        return Seen(
            requests=notes,
            runs=tuple(self.runs),
            base_url=config["mottak"]["base_url"],
            helseid=config["helseid"]["authority"],
            client_id=config["helseid"]["client_id"],
            organisation=config["unit"]["orgnr"],
            keys=self.desk.keys,
        )

    def _notes(self) -> list[Recorded]:
        """What came from the sender; the sandbox's receiver asks HelseID too."""
        own = OWN_AGENT["User-Agent"]
        return [note for note in self.desk.recorder.after(self._began) if note.header("user-agent") != own]

    def _config(self) -> dict[str, Any]:
        """What the sender is told; a scene may spell the receiver's address in its own way."""
        scene, config = self._scene, self.sandbox.config
        if scene is None:
            return config
        base = config["mottak"]["base_url"].replace("127.0.0.1", scene.host)
        return {**config, "mottak": {"base_url": f"{base}{scene.base_path}{scene.slash}"}}

    def _place(self, scene: Scene) -> Place:
        self._count += 1
        config, folder = self._config(), self.folder / f"{self._count:03}-{scene.name}"
        folder.mkdir(parents=True)
        config_file = self.files.config or self.folder / "client.json"
        configuration_files.write_json(config_file, config)
        if self.files.sender is not None:
            configuration_files.write_sender(self.files.sender, config, None)
        if self.files.fhi_client is not None:
            configuration_files.write_fhi_client(self.files.fhi_client, config)
        return Place(
            scene=scene.name,
            folder=folder,
            config=config,
            config_file=config_file,
            unit=self.sandbox.units[0],
            write_sender=lambda where, epj: configuration_files.write_sender(where, config, epj),
            last=lambda: self.desk.recorder.last,
            delivered=self._delivered,
            settled=lambda: not self.desk.knobs.waiting(),
        )

    def _delivered(self, after: int) -> int:
        notes = [note for note in self.desk.recorder.after(after) if note.ended is not None]
        posts = [Post(note, 0, self.desk.keys) for note in notes if note.address.endswith("/message")]
        return sum(post.told for post in posts)


def _nothing(_inbox: Inbox) -> None:
    """The registry's part is not played here."""


@contextmanager
def opened(
    driver: Driver, folder: Path, *, ports: tuple[int, int] = (0, 0), files: Files | None = None
) -> Iterator[Stage]:
    """A running stage; `ports` are HelseID's and the receiver's, 0 takes a free one."""
    settings = SandboxSettings(folder=folder / "sandbox", helseid_port=ports[0], mottak_port=ports[1])
    door = StageDoor()
    with Sandbox(settings, ingest=_nothing, door=door.before, also_at=_ADDRESSES) as sandbox:
        yield Stage(sandbox, door, driver, folder / "scenes", files or Files())
