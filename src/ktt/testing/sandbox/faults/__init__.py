"""Faults that the sandbox can be told to make, and the record of what passed."""
