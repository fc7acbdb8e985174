"""Follow-up cases: what the registry finds, opened, followed and closed by what arrives (ADR 0024)."""

from __future__ import annotations
