"""The numbered sections and rows of the protocol pages as data, and the page of which cases are about each of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from bootstrap import ROOT
from citations import PROTOCOL, anchors

from ktt.testing.conformance.receiver.cases import RECEIVER_CASES
from ktt.testing.conformance.requirements import protocol
from ktt.testing.conformance.requirements.protocol import Requirement
from ktt.testing.conformance.sender.cases import SENDER_CASES

SECTIONS = ROOT / "src" / "ktt" / "testing" / "conformance" / "requirements" / "sections.toml"
_PAGES = ("transport", "helseid", "messages")
_HEADING = re.compile(r"^#{2,4} (\d+(?:\.\d+)*)\.? (.+)$")
_ROW = re.compile(r"^\| \**(\d{1,2}[a-z]?|[AD]\d+|FK\d+)\** \| ([^|]+)\|(?: ([^|]+)\|)?")
_ITEM = re.compile(r"^(\d{1,2})\. (.+)$")
_MOST = 110  # characters of a row that are shown
_INTRO = (
    "Hver nummererte del og rad i protokollsidene, og prøvene som gjelder den. En del uten prøver er ikke prøvd. "
    "«ktt conformance requirements» sier det samme. *Each numbered section and row of the protocol pages, and the cases "
    "about it. What has none is not tested. `ktt conformance requirements` says the same.*"
)


def sections() -> str:
    """`sections.toml`."""
    rows = [
        "[[requirement]]\n"
        + "".join(f"{name} = {json.dumps(getattr(one, name), ensure_ascii=False)}\n" for name in one.__slots__)
        for page in _PAGES
        for one in _read(page)
    ]
    return "# Made by `make docs` from docs/reference/protocol; do not edit.\n\n" + "\n".join(rows)


def _read(page: str) -> Iterator[Requirement]:
    number, seen = "", set[tuple[str, str]]()
    for line in (PROTOCOL / f"{page}.md").read_text(encoding="utf-8").splitlines():
        if heading := _HEADING.match(line):
            number = heading[1]
            yield Requirement(page, number, "", anchors(page)[number], _short(heading[2]))
        elif (row := _ROW.match(line) or _ITEM.match(line)) and number and (number, row[1]) not in seen:
            seen.add((number, row[1]))
            yield Requirement(page, number, row[1], anchors(page)[number], _short(row[2]))


def _short(text: str) -> str:
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).replace("**", "").strip()
    return plain if len(plain) <= _MOST else f"{plain[:_MOST]}…"


def page(made: str) -> str:
    """`conformance-requirements.md`."""
    protocol.requirements.cache_clear()
    cases = [*(("sender", case) for case in SENDER_CASES), *(("receiver", case) for case in RECEIVER_CASES)]
    found = protocol.coverage(cases)
    parts = [made, "# Krav og prøver · Requirements and cases", _INTRO]
    for name in _PAGES:
        own = [(one, names) for one, names in found.items() if one.page == name]
        bare = sum(not names for _, names in own)
        lines = [
            f"## {name}",
            "",
            f"{len(own)} krav, {bare} uten prøver. *{len(own)} requirements, {bare} without cases.*",
            "",
        ]
        lines += ["| Krav · Requirement | | Avsender · Sender | Mottak · Receiver |", "|---|---|---|---|"]
        lines += [_line(one, names) for one, names in own]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _line(one: Requirement, names: list[str]) -> str:
    by_end = {end: [name.split()[1] for name in names if name.startswith(end)] for end in ("sender", "receiver")}
    cells = [", ".join(by_end[end]) or "–" for end in ("sender", "receiver")]
    said = one.says.replace("|", "\\|")
    return f"| [{one.name}](protocol/{one.page}.md#{one.anchor}) | {said} | {' | '.join(cells)} |"
