"""A complete world on loopback: a HelseID of our own and our receiver, dressed as FHI's."""

from ktt.sandbox.world import UNIT, Sandbox

__all__ = ["UNIT", "Sandbox"]
