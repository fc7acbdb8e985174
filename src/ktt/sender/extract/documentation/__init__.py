"""A mapping in words, so that whoever is responsible in the municipality can read and approve it. Bokmål alone."""
