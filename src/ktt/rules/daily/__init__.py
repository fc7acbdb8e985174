"""The catalogue, one module a theme; each has a tuple `RULES`. Ids are never reused: see RETIRED."""

RETIRED: tuple[str, ...] = ()
"""Ids that were once published and must not come back."""
