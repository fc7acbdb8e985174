"""What is told while running: events and counts, never persons."""
