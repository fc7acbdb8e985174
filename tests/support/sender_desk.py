"""Someone who types the sender's commands against a sandbox and reads the answers."""

from __future__ import annotations

import copy
import datetime as dt
import json
import re
import sqlite3
from contextlib import closing

from ktt.cli.app import run
from support.sender_epj import Epj
from support.sender_municipality import MONDAY


class Desk:
    """In a folder of its own, with a small record system and settings that are ready to run."""

    def __init__(self, folder, sandbox, capsys):
        self.folder, self.capsys = folder, capsys
        self.epj = Epj(folder, persons=3)
        self.config = sandbox.write_sender(folder, epj=folder)
        self.written = ""

    def at(self, folder):
        """The same person and record system, with another folder of settings, keys and store."""
        other = copy.copy(self)
        other.folder, other.config = folder, folder / self.config.name
        return other

    def type(self, *words):
        """Exit code, standard out and standard error."""
        code = run([*words, "--config", str(self.config)])
        out, err = self.capsys.readouterr()
        self.written += out + err
        return code, out, err

    def asks(self, *words):
        """The JSON answer of a command that goes well."""
        code, out, err = self.type(*words, "--json")
        assert (code, err) == (0, "")
        return json.loads(out)

    def refused(self, *words):
        """Exit code, error code and words of a command that does not go well."""
        code, _, err = self.type(*words)
        assert code
        return code, err.split(":")[0], err

    def day(self, number):
        on = MONDAY + dt.timedelta(days=number)
        self.epj.log(on)
        return "--on", on.isoformat()

    def set(self, name, value):
        """Change one setting."""
        text, changed = re.subn(rf"(?m)^{name} = .*$", f'{name} = "{value}"', self.config.read_text())
        assert changed == 1
        self.config.write_text(text)

    def numbers(self):
        with closing(sqlite3.connect(self.epj.file)) as connection:
            return [row[0] for row in connection.execute("SELECT fnr FROM person")]
