"""The commands about coverage: who is silent, and how messages are accepted."""

from __future__ import annotations

import typer

from ktt.cli.registry.coverage import acceptance, silent


def register(app: typer.Typer) -> None:
    """Add the commands to their group."""
    silent.register(app)
    acceptance.register(app)
