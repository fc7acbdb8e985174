"""Citations of the protocol as links: `domain § 13.1` on a page leads to that section of docs/reference/protocol."""

from __future__ import annotations

import re
from functools import cache

from bootstrap import ROOT

PROTOCOL = ROOT / "docs" / "reference" / "protocol"
_HEADING = re.compile(r"^#{2,4} ((\d+(?:\.\d+)*)\.? .+)$", re.MULTILINE)
_CITATION = re.compile(r"\b(transport|helseid|messages|domain|annual) § (\d+(?:\.\d+)*)")


def linked(page: str, protocol: str) -> str:
    """The page with each citation as a link; `protocol` is the way from it to the folder of the protocol."""

    def link(found: re.Match[str]) -> str:
        name, number = found.groups()
        return f"[{found[0]}]({protocol}/{name}.md#{anchors(name)[number]})"

    return _CITATION.sub(link, page)


@cache
def anchors(name: str) -> dict[str, str]:
    """The anchor of each numbered section, as GitHub makes it of the heading."""
    text = (PROTOCOL / f"{name}.md").read_text(encoding="utf-8")
    headings = ((number, heading.replace("`", "").replace("*", "")) for heading, number in _HEADING.findall(text))
    return {number: re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for number, heading in headings}
