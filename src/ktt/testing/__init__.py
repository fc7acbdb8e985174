"""What the program is tried with: a sandbox, conformance suites, synthetic data and a demonstration."""
