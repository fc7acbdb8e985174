"""Why a schema has no fast check."""

from __future__ import annotations


class NotRegular(Exception):
    """The schema demands more than the compiler can express as a regular language, or says it in words unknown to it."""
