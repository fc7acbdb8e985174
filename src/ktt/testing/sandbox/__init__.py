"""A complete world on loopback: a HelseID of our own and our receiver, dressed as FHI's."""

from ktt.testing.sandbox.sandbox import UNIT, Sandbox

__all__ = ["UNIT", "Sandbox"]
