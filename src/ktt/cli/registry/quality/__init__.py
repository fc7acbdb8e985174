"""The commands about quality: scores, sudden changes, broken rules, and the annual control on any day."""

from __future__ import annotations

import typer

from ktt.cli.registry.quality import annual_control, outliers, rules, scores


def register(app: typer.Typer) -> None:
    """Add the commands to their group."""
    scores.register(app)
    outliers.register(app)
    rules.register(app)
    annual_control.register(app)
