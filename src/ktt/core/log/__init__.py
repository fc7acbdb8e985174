"""What is written while running: events and counts, never persons."""
