"""A message version as a regular language, run as an automaton over the bytes.

The rest of the program uses `fast_check.fast_check` and nothing else of this package. A version that cannot be written
as a regular language has no fast check: its messages are all checked against their schema.
"""
