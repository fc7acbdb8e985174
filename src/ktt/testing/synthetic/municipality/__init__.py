"""A synthetic municipality: its persons, their care, and what its caseworkers register day by day."""
