"""Keeping a sender fit: its key, and the doctor that looks at everything it needs."""
