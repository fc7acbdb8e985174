"""The harness of the sender cases: a sandbox of the suite's own, and the sender under test with its driver."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ktt.messages.contract import Inbox
from ktt.testing.conformance.sender.drivers.driver import Driver, ScenarioContext, SenderRun
from ktt.testing.conformance.sender.interceptor import BASE_PATH, Interceptor
from ktt.testing.conformance.sender.preparation import Preparation
from ktt.testing.conformance.sender.recorded import RecordedMessage, RecordedScenario
from ktt.testing.sandbox import configuration_files
from ktt.testing.sandbox.faults.control import SandboxControl
from ktt.testing.sandbox.faults.faults import read_fault
from ktt.testing.sandbox.faults.recorder import RecordedRequest
from ktt.testing.sandbox.sandbox import RECEIVER_AGENT, Sandbox
from ktt.testing.sandbox.settings import SandboxSettings

_TOKEN_SECONDS = 60
_FURTHER_ADDRESSES = (f"http://127.0.0.1:{{port}}{BASE_PATH}", "http://localhost:{port}")
_LAST_ANSWER = 5.0  # seconds that a request may still be unanswered when the sender has ended


@dataclass(frozen=True, slots=True)
class SetupFiles:
    """Where the sender's set-up is written, anew for each scenario.

    None: `config` is written into the suite's own folder, the others not at all.
    """

    config: Path | None = None
    sender: Path | None = None
    fhi_client: Path | None = None


@dataclass(frozen=True, slots=True)
class ReceiverAddress:
    """How the receiver's base address is written in the sender's set-up: host, base path, and what follows them."""

    host: str = "127.0.0.1"
    base_path: str = ""
    suffix: str = ""

    def write(self, base_url: str) -> str:
        """The receiver's own address, written this way."""
        return f"{base_url.replace('127.0.0.1', self.host)}{self.base_path}{self.suffix}"


@dataclass
class SenderHarness:
    """Runs scenarios: their steps call these methods."""

    sandbox: Sandbox
    interceptor: Interceptor
    driver: Driver
    folder: Path
    files: SetupFiles
    runs: list[SenderRun] = field(default_factory=list)
    _address: ReceiverAddress = field(default_factory=ReceiverAddress)
    _began: int = 0  # the number of the last request before the scenario
    _count: int = 0  # scenarios so far
    _expected: int = 0  # messages that the sender has been given, at least

    @property
    def control(self) -> SandboxControl:
        """The faults, keys and recorder of the sandbox."""
        return self.sandbox.control

    def begin(self, name: str, address: ReceiverAddress) -> None:
        """Begin a new scenario: no faults, nothing recorded, and a sender with nothing to send."""
        self._address, self.runs, self._expected = address, [], 0
        self.control.reset()
        self.clear_faults()
        self._began = self.control.recorder.last
        self.driver.begin(self._context(name))

    def clear_faults(self) -> None:
        """Let every request succeed from now on; what was recorded stays."""
        self.control.faults.clear()
        self.control.set_clock(0)
        self.control.helseid.token_seconds = _TOKEN_SECONDS
        self.interceptor.clear()

    def prepare(self, preparation: Preparation) -> None:
        """Let the driver give the sender something to send."""
        self.driver.prepare(preparation)
        self._expected += preparation.messages

    def run(self) -> None:
        """Let the sender send, and wait until all its requests are answered."""
        self.runs += self.driver.run()
        deadline = time.monotonic() + _LAST_ANSWER
        while any(request.ended is None for request in self._requests()) and time.monotonic() < deadline:
            time.sleep(0.01)

    def run_again(self) -> None:
        """Let the sender send again, unless everything it was given is confirmed."""
        confirmed = {message.identity for message in self.recorded().messages if message.confirmed}
        if len(confirmed) < self._expected:
            self.run()

    def inject_fault(self, name: str, count: int, seconds: float) -> None:
        """Apply a fault of the sandbox to the next requests."""
        fault = read_fault(name, seconds)
        assert fault is not None, name
        self.control.faults.add(fault, count)

    def recorded(self) -> RecordedScenario:
        """What was recorded in this scenario."""
        config = self._config()
        return RecordedScenario(
            requests=tuple(self._requests()),
            runs=tuple(self.runs),
            base_url=config["mottak"]["base_url"],
            helseid=config["helseid"]["authority"],
            client_id=config["helseid"]["client_id"],
            organisation=config["unit"]["orgnr"],
            keys=self.control.keys,
        )

    def _requests(self) -> list[RecordedRequest]:
        """The sender's requests. The sandbox's receiver also asks HelseID, for its keys; that does not count."""
        own = RECEIVER_AGENT["User-Agent"]
        return [one for one in self.control.recorder.after(self._began) if one.header("user-agent") != own]

    def _config(self) -> dict[str, Any]:
        """What the sender is told."""
        config = self.sandbox.config
        return {**config, "mottak": {"base_url": self._address.write(config["mottak"]["base_url"])}}

    def _context(self, name: str) -> ScenarioContext:
        self._count += 1
        config, folder = self._config(), self.folder / f"{self._count:03}-{name}"
        folder.mkdir(parents=True)
        config_file = self.files.config or self.folder / "client.json"
        configuration_files.write_json(config_file, config)
        if self.files.sender is not None:
            configuration_files.write_sender(self.files.sender, config, None)
        if self.files.fhi_client is not None:
            configuration_files.write_fhi_client(self.files.fhi_client, config)
        return ScenarioContext(
            scenario=name,
            folder=folder,
            config=config,
            config_file=config_file,
            unit=self.sandbox.units[0],
            write_sender=lambda where, epj: configuration_files.write_sender(where, config, epj),
            last=lambda: self.control.recorder.last,
            delivered=self._delivered,
            settled=lambda: not self.control.faults.waiting(),
        )

    def _delivered(self, after: int) -> int:
        answered = [one for one in self.control.recorder.after(after) if one.ended is not None]
        messages = [RecordedMessage(one, 0, self.control.keys) for one in answered if one.address.endswith("/message")]
        return sum(message.confirmed for message in messages)


def _no_ingest(_inbox: Inbox) -> None:
    """The suite needs no registry."""


@contextmanager
def open_harness(
    driver: Driver, folder: Path, *, ports: tuple[int, int] = (0, 0), files: SetupFiles | None = None
) -> Iterator[SenderHarness]:
    """A harness with its sandbox running; `ports` are HelseID's and the receiver's, 0 takes a free one."""
    settings = SandboxSettings(folder=folder / "sandbox", helseid_port=ports[0], mottak_port=ports[1])
    interceptor = Interceptor()
    with Sandbox(
        settings, ingest=_no_ingest, intercept=interceptor.intercept, further_addresses=_FURTHER_ADDRESSES
    ) as sandbox:
        yield SenderHarness(sandbox, interceptor, driver, folder / "scenarios", files or SetupFiles())
