"""Planted faults: for every rule a person in whose records that rule is broken, and the answer key."""
