"""Which kinds of source the installed plug-ins read. They are named by their distributions, and not yet loaded."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

GROUP = "ktt.sources"


def plug_ins(kind: str) -> tuple[EntryPoint, ...]:
    """The plug-ins that say that they read this kind: none, one, or too many."""
    return tuple(entry_points(group=GROUP, name=kind))
