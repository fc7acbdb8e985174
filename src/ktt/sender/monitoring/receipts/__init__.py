"""Proof of what was sent: the chain of receipts of every unit, verified, and exported so that others can verify it."""
