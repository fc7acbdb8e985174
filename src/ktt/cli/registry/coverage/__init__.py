"""The commands about coverage: which months there are, who is silent, what came, and how it was accepted."""

from __future__ import annotations

import typer

from ktt.cli.registry.coverage import acceptance, declare, matrix, received, silent


def register(app: typer.Typer) -> None:
    """Add the commands to their group."""
    matrix.register(app)
    silent.register(app)
    received.register(app)
    acceptance.register(app)
    declare.register(app)
