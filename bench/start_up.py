"""How long does a command take from nothing, and how much of it is the import of other people's packages?

`python -m bench.start_up` writes its section of RESULTS.md.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.harness import Figure, publish

REPEAT = 7
QUESTION = """How many times a second can a command be started and done, and how many times can Python start and import no
more than the packages that the command uses?

Processor time of the whole process, the least of seven: what the wall says on a machine that does nothing else, but for the
disk that the sandbox waits for. `ktt sandbox up` is from nothing, with an empty folder, until it
has said where it is; its time includes that it is stopped again."""
READ = ("typer", "pydantic", "polars", "msgspec")
JUDGE = (*READ, "orjson", "jsonschema_rs", "re2")
SERVE = (
    *JUDGE,
    "sqlalchemy",
    "alembic.command",
    "joserfc.jwt",
    "starlette.applications",
    "uvicorn",
    "httpcore2",
    "rich.console",
)


def least(command: Sequence[str | Path]) -> tuple[float, float]:
    """Processor and wall seconds of a command that goes well."""
    return min(_times(command, to_the_end) for _ in range(REPEAT))


def to_the_end(command: Sequence[str | Path]) -> None:
    subprocess.run(command, check=True, capture_output=True)


def until_it_stands(command: Sequence[str | Path]) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen([*command, "--folder", folder], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running,
    ):
        assert running.stdout is not None
        assert any(line == b"}\n" for line in running.stdout), "the sandbox does not stand"  # the end of its answer
        running.terminate()


def _times(command, run) -> tuple[float, float]:
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    run(command)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def figure(words: str, packages: Sequence[str], target: str, *, run=to_the_end) -> tuple[Figure, str]:
    """A command beside Python that imports these packages, and both in seconds."""
    command = [sys.executable, "-m", "ktt", *words.split()]
    used, wall = min(_times(command, run) for _ in range(REPEAT))
    bound, _ = least([sys.executable, "-c", f"import {', '.join(packages)}"])
    shown = " ".join(Path(word).name if word.startswith("/") else word for word in words.split())
    said = f"`ktt {shown}`: {used:.2f} s of processor, {wall:.2f} s by the wall; the imports alone {bound:.2f} s."
    return Figure(f"`ktt {shown}`", 1 / used, "starts/s", f"importing {', '.join(packages)}", 1 / bound, target), said


def main() -> None:
    os.environ["KTT_LANG"] = "en"
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "small.json"
        shown = [sys.executable, "-m", "ktt", "messages", "show", "KTT_Vedtak", "--example", "N1"]
        small.write_bytes(subprocess.run(shown, check=True, capture_output=True).stdout)
        found = [
            figure("--help", ("typer",), "under 0.3 s"),
            figure("messages show KTT_Vedtak --example N1", READ, "under 1 s"),
            figure("rules show KTT-DATO-01", READ, "under 1 s"),
            figure(f"validate {small}", JUDGE, "under 1 s"),
            figure(
                "sandbox up --json --helseid-port 0 --mottak-port 0 --console-port 0",
                SERVE,
                "under 3 s",
                run=until_it_stands,
            ),
        ]
    publish("start_up", QUESTION, [one for one, _ in found], [said for _, said in found])


if __name__ == "__main__":
    main()
