"""A complete world on one machine: HelseID, receiver and registry."""
