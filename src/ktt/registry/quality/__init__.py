"""Quality: sudden changes, what is filled in, and the view that municipalities know from the annual control (ADR 0020)."""

from __future__ import annotations
