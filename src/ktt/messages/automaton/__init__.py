"""The fast check of a message: its version as a regular language, run as an automaton over the bytes."""
