"""Write the schema files of every message pack anew: `python tools/message_schemas.py`. A test says when it is needed."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from ktt.messages.packed_message import schema_text
from ktt.messages.register import DEFAULT, PACKS
from ktt.messages.table import read_tables


def schema_files(package: str) -> dict[str, bytes]:
    """File name → content, for every message version of the pack in that Python package."""
    return {f"{table.message_type}.{table.version}.json": schema_text(table, DEFAULT) for table in read_tables(package)}


def main() -> None:
    """Write them into the source tree, beside the pack's table."""
    for package in PACKS.values():
        for name, content in schema_files(package).items():
            Path(str(files(package) / "schema" / name)).write_bytes(content)


if __name__ == "__main__":
    main()
