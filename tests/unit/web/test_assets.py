"""What pages are made of: the vendored files are the ones that their papers name, with their licences."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

import ktt.core.html
import ktt.web
from ktt.web import assets

STYLES = Path(ktt.core.html.__file__).parent / "designsystemet"
STATIC = Path(ktt.web.__file__).parent / "static"
VENDORED = [*STYLES.glob("*.css"), STATIC / "htmx.min.js"]


@pytest.mark.parametrize("path", VENDORED, ids=lambda path: path.name)
def test_a_vendored_file_is_unchanged(path: Path):
    papers = (path.parent / "README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(path.read_bytes()).hexdigest() in papers
    assert path.name in papers


def test_the_licences_lie_beside():
    assert "Digitaliseringsdirektoratet" in (STYLES / "LICENSE").read_text(encoding="utf-8")
    assert "Zero-Clause BSD" in (STATIC / "LICENSE-htmx").read_text(encoding="utf-8")


def test_nothing_is_fetched_from_elsewhere():
    style = assets.files()["style.css"].decode()
    assert set(re.findall(r"url\(\s*['\"]?([a-z]+):", style)) == {"data"}
    assert "@import" not in style


def test_an_address_changes_with_the_content():
    address = assets.address_of("style.css")
    assert hashlib.sha256(assets.files()["style.css"]).hexdigest()[:16] in address
