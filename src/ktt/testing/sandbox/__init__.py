"""A complete environment on loopback: a HelseID of our own, our receiver with FHI's addresses, and a registry."""

from ktt.testing.sandbox.sandbox import UNIT, Sandbox

__all__ = ["UNIT", "Sandbox"]
