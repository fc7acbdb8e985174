"""The ways to break the schema of a message: each has an id, as a rule has, and two pieces of a message."""
