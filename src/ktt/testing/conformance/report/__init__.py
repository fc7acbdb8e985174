"""The report of a conformance run."""
