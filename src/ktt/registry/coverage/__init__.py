"""Coverage: who was heard of and who is silent, which months the registry has, and how messages are accepted (ADR 0020)."""

from __future__ import annotations
