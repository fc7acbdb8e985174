"""`ktt registry`: what the group is made of. Each command registers itself, so that they can be read one by one."""

from __future__ import annotations

import typer

from ktt.cli.registry import ask, backup, cases, coverage, held, quality, reprocess, rotate_keys, verify
from ktt.cli.registry.persons import delete_person, innsyn, look_ups, merge_persons, person, reidentify

app = typer.Typer(add_completion=False, no_args_is_help=True)
ask.register(app)
coverage.register(app)
quality.register(app)
cases.register(app)
person.register(app)
look_ups.register(app)
reidentify.register(app)
innsyn.register(app)
delete_person.register(app)
merge_persons.register(app)
rotate_keys.register(app)
backup.register(app)
held.register(app)
verify.register(app)
reprocess.register(app)
