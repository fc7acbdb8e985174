"""Write a version of the rule set as it stands: `python tools/freeze_rules.py 2026.1 2026-01-01`.

A published version is never rewritten: until it is in use, run this again after a change; from then on, freeze a new
version with a later day.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

from ktt.rules.catalogue import catalogue
from ktt.rules.rule_sets.digest import digest

FOLDER = Path(__file__).parent.parent / "src" / "ktt" / "rules" / "rule_sets"


def freeze(version: str, effective_from: dt.date) -> Path:
    """Write `rule_sets/<version>.toml`: the version, its first day, and each rule's digest."""
    lines = [f'version = "{version}"', f"effective_from = {effective_from}", "", "[rules]"]
    lines += [f'"{rule.id}" = "{digest(rule)}"' for rule in catalogue()]
    path = FOLDER / f"{version}.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    print(freeze(sys.argv[1], dt.date.fromisoformat(sys.argv[2])))
