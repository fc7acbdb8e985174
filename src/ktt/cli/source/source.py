"""`ktt source`: what the group is made of. Each command registers itself, so that they can be read one by one."""

from __future__ import annotations

import typer

from ktt.cli.source import change, check, doc, draft, dummy, scan, schema

app = typer.Typer(add_completion=False, no_args_is_help=True)
for command in (scan, draft, check, doc, dummy, schema, change):
    command.register(app)
