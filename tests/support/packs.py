"""Copies of `ktt_v1` for tests, whole or with one thing changed."""

from __future__ import annotations

import json
import shutil
from importlib.resources import files
from pathlib import Path

KTT_V1 = Path(str(files("ktt.messages"))) / "packs" / "ktt_v1"
SERVICES = "KTT_Tjeneste"
DECISIONS = "KTT_Vedtak"
_OTHERS = ("KTT_Personopplysninger", "KTT_Funksjonsvurdering", "KTT_Diagnose")


class PackCopy:
    """A pack in a folder of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(KTT_V1, folder)

    def replace(self, file: str, before: str, after: str, count: int = -1) -> PackCopy:
        """Change a text file; what is to be changed must be in it."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert before in text, before
        path.write_text(text.replace(before, after, count), encoding="utf-8")
        return self

    def member(self, before: str, after: str, *, of: str = DECISIONS) -> PackCopy:
        """Change something in the mapping of one message."""
        path = self.folder / "mapping.toml"
        start, end = self._section(path.read_text(encoding="utf-8"), of)
        text = path.read_text(encoding="utf-8")
        section = text[start:end]
        assert before in section, before
        path.write_text(text[:start] + section.replace(before, after) + text[end:], encoding="utf-8")
        return self

    def drop(self, **columns: str) -> PackCopy:
        """Add lines to [dropped]; `__` stands for the dot in a column's name."""
        lines = "".join(f'"{name.replace("__", ".")}" = "{why}"\n' for name, why in columns.items())
        return self.replace("mapping.toml", "[dropped]\n", f"[dropped]\n{lines}")

    def schema(self, message: str, change) -> PackCopy:
        """Change a schema as parsed JSON."""
        path = self.folder / "schema" / f"{message}.1.json"
        schema = json.loads(path.read_text(encoding="utf-8"))
        change(schema)
        path.write_text(json.dumps(schema), encoding="utf-8")
        return self

    def only_decisions_and_services(self) -> PackCopy:
        """The two messages with the most in them, the other types being dropped."""
        for name in _OTHERS:
            text = (self.folder / "mapping.toml").read_text(encoding="utf-8")
            start, end = self._section(text, name)
            (self.folder / "mapping.toml").write_text(text[:start] + text[end:], encoding="utf-8")
            row = f'[[messages]]\ntype = "{name}"\nversion = "1"\nschema = "schema/{name}.1.json"\n'
            self.replace("pack.toml", row, "")
            (self.folder / "schema" / f"{name}.1.json").unlink()
            shutil.rmtree(self.folder / "examples" / name)
        return self.drop(circumstances="not here", assessment="not here", diagnosis="not here")

    @staticmethod
    def _section(text: str, message: str) -> tuple[int, int]:
        start = text.index(f"[[messages.{message}.objects]]")
        last = max(text.rindex(f"[messages.{message}."), text.rindex(f"[[messages.{message}."))
        end = text.find("\n[[", last)
        return start, len(text) if end < 0 else end + 1
