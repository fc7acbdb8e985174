"""The code files of a draft: the local codes that were found, with the official one where it is plain."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field

from ktt.domain.codes import code_list
from ktt.domain.codes.lists import FIRST_DAY, LAST_DAY, Code
from ktt.domain.records import ALL_TYPES
from ktt.messages.drafting.clues.codes import code_named, fit
from ktt.sender.extract.mapping.values.codes_file import official_codes
from ktt.sender.extract.profiling.model import ColumnProfile

HEADING = ("lokal kode", "Volven-kode", "gyldig fra", "gyldig til", "merknad")
OFFICIAL = "koder/kodeverk.txt"
SYSTEMS = "diagnosis code systems"
"""The name of what is no code list of Volven: the registry wants these texts."""

SCORES, VARIABLES = (str(ALL_TYPES["score"].column(name).code_list) for name in ("score", "variable"))
"""The lists of a score and of what it is of, whose codes are often part of a text: `3 - Middels behov`, `IPL.07`."""

_SYSTEMS = ("ICPC-2", "ICD-10")
_NOTE = "KONTROLLER"
_YES_NO, _FLAGS = "1101", {"-1": "1", "1": "1", "0": "2"}
"""Yes and no of databases that have no such type: 1 or -1, and 0."""
_LISTS = sorted({column.code_list for kind in ALL_TYPES.values() for column in kind.columns if column.code_list})


@dataclass(slots=True)
class CodeFiles:
    """The files by name; columns with the same name and the same list share one."""

    rows: dict[str, dict[str, str]] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)

    def add(self, column: ColumnProfile, list_id: str) -> str:
        """The name of the file that has the column's codes too now."""
        stem = "".join(
            sign if sign.isalnum() and sign.isascii() else "_" for sign in column.name.rpartition(".")[2].lower()
        )
        name = f"koder/{stem}.csv"
        if self.lists.get(name, list_id) != list_id:
            name = f"koder/{stem}_{list_id}.csv"
        self.lists[name] = list_id
        known = self.rows.setdefault(name, {})
        guesses = guessed(tuple(column.shown.values), list_id) if list_id != SYSTEMS else _systems(column)
        values = [one for one in column.shown.values if list_id != SCORES or one[:1].isdigit()]
        known.update({value: known.get(value) or guesses.get(value, "") for value in values})
        return name

    def text(self, name: str) -> str:
        """The contents of a file; a code that nobody has an official one for stands without."""
        written = io.StringIO()
        rows = csv.writer(written, delimiter=";", lineterminator="\n")
        rows.writerow(HEADING)
        for local, code in sorted(self.rows[name].items()):
            known = code_list(self.lists[name]).get(code) if code and self.lists[name] != SYSTEMS else None
            meaning = known.text if known else code or "ingen kode foreslått"
            rows.writerow((local, code, "", "", f"{_NOTE}: {meaning}"))
        return written.getvalue()

    def official(self) -> str:
        """The codes to choose among: every list that a field has, with its texts and the days that a code is valid.

        Also of fields that the draft found no column for: whoever maps them by hand has nowhere else to look.
        """
        lines = ["Diagnosekodeverk", *(f"  {one}" for one in _SYSTEMS), ""]
        for list_id in _LISTS:
            known = code_list(list_id)
            lines += [
                f"{list_id} {known.name}",
                *(f"  {one.code:>4}  {one.text}{_days(one)}" for one in known.codes),
                "",
            ]
        return "\n".join(lines)

    def unanswered(self, name: str) -> int:
        """How many local codes have no official one."""
        return sum(not code for code in self.rows[name].values())


def _systems(column: ColumnProfile) -> dict[str, str]:
    """The code system that each value means, as the registry writes them."""
    bare = {value: "".join(sign for sign in value.upper() if sign.isalnum()) for value in column.shown.values}
    return {
        value: right
        for value, name in bare.items()
        for right in _SYSTEMS
        if name.startswith("ICPC") == (right == "ICPC-2") and (right[:3] in name)
    }


def _days(code: Code) -> str:
    start = f" fra {code.valid_from}" if code.valid_from > FIRST_DAY else ""
    end = f" til {code.valid_to}" if code.valid_to < LAST_DAY else ""
    return f"  (gjelder{start}{end})" if start or end else ""


def are_official(column: ColumnProfile, list_id: str) -> bool:
    """Whether the column has the official codes already."""
    right = official_codes(list_id)
    return bool(column.shown.values) and bool(right) and set(column.shown.values) <= set(right)


def numbered_code(value: str, list_id: str) -> str:
    """The only number of a text, or for a score the one that it begins with, where that is a code of the list."""
    found = re.match(r"(\d)(?!\d)", value) if list_id == SCORES else re.fullmatch(r"\D*?0*(\d{1,2})", value)
    return found[1] if found and found[1] in code_list(list_id).values() else ""


def guessed(values: tuple[str, ...], list_id: str) -> dict[str, str]:
    """The official code of each value whose meaning is plain."""
    if list_id == _YES_NO and set(values) <= _FLAGS.keys() and len(values) > 1:
        return {value: _FLAGS[value] for value in values}
    whole = fit(values, list_id)
    if whole.codes:
        return dict(whole.codes)
    found = {value: code_named(value, list_id) for value in values if len(value) > 1 or list_id == "1101"}
    numbered = {value: code for value in values if (code := numbered_code(value, list_id))}
    if list_id == SCORES:
        return {value: code for value, code in found.items() if code} | numbered
    found |= numbered if list_id == VARIABLES else {}
    codes = [code for code in found.values() if code]
    return {value: code for value, code in found.items() if code and (codes.count(code) == 1 or list_id == "9151")}
