"""What a command imports before it can answer. A set of imports is the same on a busy machine; seconds are not."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = {
    "alembic", "cryptography", "httpcore2", "httptools", "jinja2", "joserfc", "jsonschema_rs", "msgspec", "polars",
    "prometheus_client", "psycopg", "re2", "rich", "sqlalchemy", "starlette", "uvicorn", "uvloop", "xlsxwriter",
}  # fmt: skip
"""Packages that take 20 ms or more to import, or bring others that do."""


def loaded(code, *arguments):
    """Which of the heavy packages a fresh interpreter has after this."""
    ask = f"{code}\nimport json; print(); print(json.dumps(sorted(set({sorted(HEAVY)!r}) & sys.modules.keys())))"
    command = [sys.executable, "-c", f"import sys\n{ask}", *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert not ended.stderr
    return set(json.loads(ended.stdout.splitlines()[-1]))


def loaded_by(*arguments):
    """The same, after a command that goes well."""
    return loaded("from ktt.cli.app import run\nassert run(sys.argv[1:]) == 0, sys.argv", *arguments)
