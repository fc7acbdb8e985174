"""Synthetic data: a municipality whose persons have plausible histories, its record system, faults, and an answer key."""
