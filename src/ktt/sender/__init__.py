"""What a municipality runs: initial load and daily runs."""
