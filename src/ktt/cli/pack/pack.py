"""`ktt pack`: what the group is made of. Each command registers itself, so that they can be read one by one."""

from __future__ import annotations

import typer

from ktt.cli.pack import check, diff, doc, draft

app = typer.Typer(add_completion=False, no_args_is_help=True)
draft.register(app)
check.register(app)
doc.register(app)
diff.register(app)
