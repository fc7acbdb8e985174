"""A receiver process for the benchmarks: `python -m bench._receiver FOLDER FD` serves on an inherited socket."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from ktt.core.clock import SystemClock
from ktt.receiver.app import receiver_app
from ktt.receiver.service import worker
from ktt.receiver.settings import ReceiverSettings
from ktt.receiver.store import tables
from ktt.storage.database import Database
from ktt.storage.vault import Vault

ISSUER, BASE = "http://127.0.0.1/helseid", "http://127.0.0.1"


def settings() -> ReceiverSettings:
    # Requests are prepared before they are timed, so a proof may be a minute old.
    return ReceiverSettings(environment="sandbox", base_url=BASE, issuer=ISSUER, proof_max_age=60)


def fetch(folder: Path):
    documents = {f"{ISSUER}/.well-known/openid-configuration": "discovery.json", f"{ISSUER}/jwks": "jwks.json"}
    return lambda url: (folder / documents[url]).read_bytes()


def main() -> None:
    folder, listener = Path(sys.argv[1]), socket.socket(fileno=int(sys.argv[2]))
    app = receiver_app(
        settings(),
        database=Database.open((folder / "url").read_text(), tables.SCHEMA),
        vault=Vault.from_file(folder / "receiver.vault"),
        key_folder=folder / "keys",
        fetch=fetch(folder),
        clock=SystemClock(),
    )
    worker.serve(app, listener, requests=100, stop_seconds=5)
    # Not ru_maxrss: that begins with the size of the process that started this one.
    peak = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) // 1024
    (folder / f"peak-{os.getpid()}").write_text(str(peak))


if __name__ == "__main__":
    main()
