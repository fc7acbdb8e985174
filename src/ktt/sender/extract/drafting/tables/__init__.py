"""Which tables a mapping reads: those of the source, and those that it makes of them, with what counts in each."""
