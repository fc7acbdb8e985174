"""A synthetic municipality: people, plausible service histories, a record system of its own kind, and an answer key."""
