"""A child process of `ktt mottak serve`: `python -m ktt.cli.receiver.worker serve|ingest|follow CONFIG LINK [LISTENER]` (descriptors)."""

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
    """Run as that child until told to stop."""
    kind, config, link, *listener = arguments
    settings = ServiceSettings.load(Path(config))
    parent = socket.socket(fileno=int(link))
    if kind == "ingest":
        _ingest(settings, parent)
    elif kind == "follow":
        _follow(settings, parent)
    else:
        serve(settings, socket.socket(fileno=int(listener[0])), parent)


def serve(settings: ServiceSettings, listener: socket.socket, link: socket.socket | None) -> None:
    """Serve in this process."""
    from ktt.receiver.service import worker
    from ktt.wiring.receiver import receiver_app_from

    listen = settings.listen
    with receiver_app_from(settings) as app:
        worker.serve(app, listener, requests=listen.requests, stop_seconds=listen.stop_seconds, link=link)


def _ingest(settings: ServiceSettings, link: socket.socket) -> None:
    from ktt.receiver.service.background_worker import run_batches
    from ktt.wiring.receiver import ingest_from

    with ingest_from(settings) as ingest:
        run_batches(ingest, link)


def _follow(settings: ServiceSettings, link: socket.socket) -> None:
    from ktt.receiver.service.background_worker import run_batches
    from ktt.wiring.receiver import follower_from

    with follower_from(settings) as page:
        run_batches(page, link)


if __name__ == "__main__":
    attach()
    sys.exit(told_as_exit_code(lambda: main(sys.argv[1:])))
