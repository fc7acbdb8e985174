"""What a file seems to be by its first bytes, so that the error of a file of another kind can name that kind."""

from __future__ import annotations

import re

from ktt.core.text import Text

JSON, XML, DATABASE, TEXT = "json", "xml", "database", "text"
EMPTY, BOM, OTHER_ENCODING = "empty", "bom", "encoding"

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"SQLite format 3\0", DATABASE),
    (b"PK\x03\x04", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"%PDF", "pdf"),
    (b"{\\rtf", "rtf"),
    (b"eyJ", "sealed"),
)

KINDS: dict[str, Text] = {
    "html": Text(nb="en nettside (HTML)", en="a web page (HTML)"),
    DATABASE: Text(nb="en SQLite-database", en="an SQLite database"),
    "zip": Text(nb="en pakket fil (zip, docx eller xlsx)", en="a packed file (zip, docx or xlsx)"),
    "gzip": Text(nb="en pakket fil (gzip)", en="a packed file (gzip)"),
    "pdf": Text(nb="PDF", en="PDF"),
    "rtf": Text(nb="RTF", en="RTF"),
    "sealed": Text(nb="en signert eller kryptert melding", en="a signed or encrypted message"),
    TEXT: Text(nb="ren tekst", en="plain text"),
}
"""The kinds that are no message, in words."""

SNIFF = 4096
"""Bytes that are looked at."""

_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_JSON_START = re.compile(r"\s*[\[{]|\s*(?:true|false|null|NaN|-?Infinity|-?[0-9]|\")")
_HTML = re.compile(r"\s*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)


def kind_of(data: bytes) -> str:
    """One of the kinds above, or a key of `KINDS`; JSON and XML mean only that it begins so."""
    if not data.strip():
        return EMPTY
    start = _decoded(data[:SNIFF])
    tagged = start.lstrip().startswith("<")
    tests = (
        *((data.startswith(magic), kind) for magic, kind in _MAGIC),
        (_HTML.match(start) is not None, "html"),
        (tagged, XML),
        (data.startswith(b"\xef\xbb\xbf"), BOM),
        (guessed_utf16(data) is not None, OTHER_ENCODING),
        (_JSON_START.match(start) is not None, JSON),
    )
    return next((kind for fits, kind in tests if fits), TEXT)


def guessed_utf16(data: bytes) -> str | None:
    """Which UTF-16 it is, by its mark or by the NUL beside each of the first letters; None when it is none."""
    if data[:2] in _UTF16:
        return _UTF16[data[:2]]
    if data[1:4:2] == b"\0\0" and b"\0" not in data[:4:2]:
        return "utf-16-le"
    return "utf-16-be" if data[:4:2] == b"\0\0" and b"\0" not in data[1:4:2] else None


def _decoded(start: bytes) -> str:
    return start.decode(guessed_utf16(start) or "utf-8", errors="replace").lstrip("\ufeff")
