"""The receiver as a service: set-up, processes, health and status."""
