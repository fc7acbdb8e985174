"""A municipality gets another record system: which of the accepted records stay at the registry, and which are replaced."""
