"""Every citation of the protocol names a section that is there, and every link in the documentation leads somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROTOCOL = ROOT / "docs" / "reference" / "protocol"
PAGES = sorted(path.stem for path in PROTOCOL.glob("*.md") if path.stem != "README")
READ = ("src", "tests", "tools", "bench", "docs", "examples")
SUFFIXES = {".py", ".md", ".toml", ".sql", ".service", ".jinja", ".mjs", ".java", ".sh", ".ps1", ".cs", ".yml"}

SECTION = r"§ ?\d+(?:\.\d+)*"
CITATION = re.compile(
    rf"\b(?P<page>\w+) (?P<sections>{SECTION}(?:(?:, (?:and )?| and | or | to |–)(?:{SECTION}))*)", re.IGNORECASE
)
LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")
GONE = re.compile(r"\b(?:slash|ktt-messages|product|performance|architecture|next-stage) §", re.IGNORECASE)


def documents() -> list[Path]:
    """Every text of the repository that may cite or link."""
    inside = [path for folder in READ for path in (ROOT / folder).rglob("*") if path.suffix in SUFFIXES]
    return sorted([*inside, *ROOT.glob("*.md")])


@cache
def numbered_sections(page: str) -> frozenset[str]:
    """The numbers of a protocol page's headings."""
    text = (PROTOCOL / f"{page}.md").read_text(encoding="utf-8")
    return frozenset(re.findall(r"^#{2,4} (\d+(?:\.\d+)*)\.? ", text, re.MULTILINE))


def citations(text: str) -> Iterator[tuple[str, str]]:
    """Each (page, section) that a text cites, also those after the first in a list."""
    for found in CITATION.finditer(text):
        page = found["page"].lower()
        if page in PAGES:
            yield from ((page, number) for number in re.findall(r"\d+(?:\.\d+)*", found["sections"]))


@cache
def anchors(path: Path) -> frozenset[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    seen: dict[str, int] = {}
    made = set()
    for heading in re.findall(r"^#{1,6} (.+)$", text, re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").replace("*", "").strip().lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        count = seen.get(slug, 0)
        seen[slug] = count + 1
        made.add(f"{slug}-{count}" if count else slug)
    return frozenset(made | set(re.findall(r'<a (?:id|name)="([^"]+)"', text)))


def test_every_citation_of_the_protocol_names_a_section_that_is_there():
    missing = sorted(
        f"{path.relative_to(ROOT)}: {page} § {number}"
        for path in documents()
        for page, number in citations(path.read_text(encoding="utf-8"))
        if number not in numbered_sections(page)
    )
    assert not missing


def test_the_program_cites_the_protocol():
    """The test above would hold if nothing were found."""
    cited = [one for path in (ROOT / "src").rglob("*.py") for one in citations(path.read_text(encoding="utf-8"))]
    assert {page for page, _ in cited} >= {"transport", "helseid", "messages", "domain"}
    assert len(cited) > 300


def test_no_document_outside_the_repository_is_cited():
    this = Path(__file__)
    cited = [path for path in documents() if path != this and GONE.search(path.read_text(encoding="utf-8"))]
    assert not cited


@pytest.mark.parametrize("path", [p for p in documents() if p.suffix == ".md"], ids=lambda p: str(p.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path):
    broken = []
    for target in LINK.findall(re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        if not there.exists() or (anchor and there.suffix == ".md" and anchor not in anchors(there)):
            broken.append(target)
    assert not broken


def test_every_file_that_contributors_are_pointed_to_is_there():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"\b(?:tests|src|tools|bench|docs)/[\w./-]*\w", text)
    assert len(named) > 10
    assert [name for name in named if not (ROOT / name).exists()] == []
