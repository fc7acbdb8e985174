"""The commands of the conformance suites."""
