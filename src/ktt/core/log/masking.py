"""Whatever is written for people or machines is searched for personal numbers first, in case one slipped in."""

from __future__ import annotations

import re

# A national number and a D-number have 11 digits, a DUF number 12. A UUID may end in 12 digits, so it is matched first
# and left as it is.
_UUID = r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"
_NUMBER = re.compile(rf"(?P<uuid>{_UUID})|\d{{6}}[ .]?\d{{5,}}")

MASK = "•••"


def masked(text: str) -> str:
    """The text with every run of 11 or more digits (also written `ddmmyy nnnnn`) replaced by •••."""
    return _NUMBER.sub(lambda found: found["uuid"] or MASK, text)
