"""The daily rules. Each theme is one module with a tuple `RULES`; ids are never reused: see RETIRED."""

RETIRED: tuple[str, ...] = ()
"""Ids that were once published and must not come back."""
