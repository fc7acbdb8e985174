"""A child of `ktt mottak serve`: `python -m ktt.cli.receiver.worker serve|ingest|judge CONFIG LINK [LISTENER]` (descriptors)."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ktt.cli.app import told_as_exit_code
from ktt.core.log.handler import attach
from ktt.receiver.service.settings import ServiceSettings


def command(kind: str, config: Path, listener: int | None) -> Callable[[int], Sequence[str]]:
    """The command line of such a child, once its link is known."""
    fixed = [sys.executable, "-m", __name__, kind, str(config.absolute())]
    more = [] if listener is None else [str(listener)]
    return lambda link: [*fixed, str(link), *more]


def main(arguments: Sequence[str]) -> None:
    """Be that child, to the end."""
    kind, config, link, *listener = arguments
    settings = ServiceSettings.load(Path(config))
    tied = socket.socket(fileno=int(link))
    if kind == "ingest":
        _ingest(settings, tied)
    elif kind == "judge":
        _judge(settings, tied)
    else:
        serve(settings, socket.socket(fileno=int(listener[0])), tied)


def serve(settings: ServiceSettings, listener: socket.socket, link: socket.socket | None) -> None:
    """Serve in this process."""
    from ktt.receiver.service import worker
    from ktt.wiring import receiver_app_from

    listen = settings.listen
    with receiver_app_from(settings) as app:
        worker.serve(app, listener, requests=listen.requests, stop_seconds=listen.stop_seconds, link=link)


def _ingest(settings: ServiceSettings, link: socket.socket) -> None:
    from ktt.receiver.service.background_worker import take_in
    from ktt.wiring import ingest_from

    with ingest_from(settings) as ingest:
        take_in(ingest, link)


def _judge(settings: ServiceSettings, link: socket.socket) -> None:
    from ktt.receiver.service.background_worker import take_in
    from ktt.wiring import validation_from

    with validation_from(settings) as page:
        take_in(page, link)


if __name__ == "__main__":
    attach()
    sys.exit(told_as_exit_code(lambda: main(sys.argv[1:])))
