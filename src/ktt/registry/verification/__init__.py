"""Whether what the registry holds hangs together: its invariants, asked of every version there is."""

from __future__ import annotations

from ktt.registry.verification.inconsistency import MEANINGS, Inconsistency, Verification
from ktt.registry.verification.verifier import Verifier

__all__ = ["MEANINGS", "Inconsistency", "Verification", "Verifier"]
