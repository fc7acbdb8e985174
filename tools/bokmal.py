"""Words that no Norwegian text of ours uses, each with the one that is used (CONTRIBUTING.md, “Bokmål”).

Looked through are the texts of the code, the templates and letters, the words in TOML, the Norwegian pages of `docs/how-to`, and
what the bundle for servers without a network says.
What is quoted («…», `…`, {…}) is left out: names of commands, settings and columns are not ours to choose.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from bootstrap import ROOT

INSTEAD = {
    r"fagsystem\w*": "EPJ",
    r"\w*utgave\w*": "versjon",
    r"(?<!å )se at": "kontroller at",
    r"(?:av |for |et )slag(?:et)?": "typen",
    r"(?:slapp|slipper|slippes|sluppet)(?: \w+){0,3} inn": "avviste",
    r"(?:er|bevist) helt?(?=[.,:;)]|$)": "fullstendig",
    r"(?:fil|tekst|lager|pakke|mappe|felt|database|kolonne)\w* (?:skal )?hold(?:er|e)(?!.*tilbake)": "inneholder",
    r"datert (?:etter|før|fram)": "starter etter; eller hvilken dato som er etter",
    r"må med(?=[\].,]|$)": "påkrevd",
    r"(?:ellers|uten): ?": "standard:",
    r"du|deg|din|ditt|dine": "dere",
    r"(?:har|er) alt (?:sendt|lest|levert|utløpt|skrevet|fattet)": "allerede",
    r"således|hvorledes|intet|idet|forefinnes|vedkommendes": "et vanlig ord",
}
"""Each pattern (of whole words, in any case), and the word that takes its place."""

FOREIGN = {
    r"None|True|False": "ingen, sann, usann; eller det som står i filen",
    r"default|timeout|retry|backup|folder|settings|missing|required|warning|update": "det norske ordet",
}
"""The same, looked for only where a text is known to be Norwegian: they are right in an English one."""

PLACES = (("src/ktt", "*"), ("docs/how-to", "*.md"), ("tools/bundle", "*"))
"""Folders that are looked through, and which of their files."""

ELSEWHERE = {
    "src/ktt/messages/drafting/clues/vocabulary.toml": "words that the columns of others are recognised by",
    "src/ktt/testing/conformance/requirements/sections.toml": "quotes the protocol, in English",
}
"""Files that are not looked through, and why."""

_QUOTED = re.compile(r"«[^«»]*»|`[^`]*`|\{[^{}]*\}|https?://\S+", re.DOTALL)
_CODE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


def _compiled(words: dict[str, str]) -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(rf"(?<!\w)(?:{word})(?!\w)", re.IGNORECASE), use) for word, use in words.items()]


_ANYWHERE = _compiled(INSTEAD)
_IN_NORWEGIAN = [*_ANYWHERE, *((re.compile(rf"\b(?:{word})\b"), use) for word, use in FOREIGN.items())]


def bokmal_faults() -> str:
    """Every file, line and word, with the word to use."""
    files = [path for place, pattern in PLACES for path in (ROOT / place).rglob(pattern)]
    looked = (path for path in sorted(files) if path.relative_to(ROOT).as_posix() not in ELSEWHERE)
    return "\n".join(fault for path in looked for fault in faults_in(path))


def faults_in(path: Path) -> Iterator[str]:
    """The faults of one file."""
    read = _READERS.get(path.suffix)
    if read is None or "migrations" in path.parts:
        return
    name = path.relative_to(ROOT).as_posix()
    for line, text, patterns in read(path.read_text(encoding="utf-8")):
        unquoted = _QUOTED.sub("…", text)
        for pattern, use in patterns:
            if found := pattern.search(unquoted):
                yield f"{name}:{line}: “{found[0]}”: {use}"


_Piece = tuple[int, str, list[tuple[re.Pattern[str], str]]]


def _of_code(source: str) -> Iterator[_Piece]:
    """Every text that is not a docstring nor English; those called `nb` are known to be Norwegian."""
    tree = ast.parse(source)
    norwegian: set[ast.AST] = set()
    left_out: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            left_out.add(node.value)
        if isinstance(node, ast.Call):
            for given in node.keywords:
                {"nb": norwegian, "en": left_out}.get(given.arg or "", set()).update(ast.walk(given.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in left_out:
            yield node.lineno, node.value, _IN_NORWEGIAN if node in norwegian else _ANYWHERE


def _of_lines(text: str) -> Iterator[_Piece]:
    for number, line in enumerate(text.splitlines(), start=1):
        yield number, line, _ANYWHERE


def _of_page(text: str) -> Iterator[_Piece]:
    prose = _CODE.sub(lambda found: "\n" * found[0].count("\n"), text)
    yield from _of_lines(prose)


_READERS = {
    ".py": _of_code,
    ".jinja": _of_lines,
    ".toml": _of_lines,
    ".txt": _of_lines,
    ".sh": _of_lines,
    ".ps1": _of_lines,
    ".md": _of_page,
}
