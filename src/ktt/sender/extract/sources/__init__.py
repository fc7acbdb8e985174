"""The kinds of record system that can be read."""
